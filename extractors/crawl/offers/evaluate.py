"""How well offers are read from pages whose truth is known: precision, recall and F1 of each field, and every miss.

A folder holds `html/<id>.html` (or `.html.gz`) and `ground-truth.json`: by id the page's `url` and, by field, a list of
values each of which is right. A missing or empty list says that the page has none; for availability, that it is for
sale.

    python -m extractors.crawl.offers.evaluate FOLDER [--json] [--misses 20]
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import statistics
import sys
import time
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from extractors.crawl.offers import Offer, PageHints, extract_offers
from extractors.crawl.offers.values import gtin14
from lakehouse.errors import ConfigError

# Names of fields as annotations write them, and as offers do.
FIELDS = {
    "price": "price_amount", "list_price": "list_price_amount", "currency": "currency_code", "sku": "sku",
    "availability": "availability", "title": "offer_title", "brand": "brand", "gtin": "gtin", "mpn": "mpn",
    "rating": "rating", "review_count": "review_count", "condition": "condition", "category": "category",
}  # fmt: skip
_ALIASES = {"name": "title", "regularPrice": "list_price", "regular_price": "list_price", "listPrice": "list_price",
            "reviewCount": "review_count", "ratingValue": "rating", "priceCurrency": "currency"}  # fmt: skip
_FOR_SALE = frozenset(("", "in_stock", "limited", "instock", "limitedavailability", "instoreonly", "onlineonly"))
_DRAWS = 1_000


@dataclass(frozen=True)
class Outcome:
    """What became of one field of one page: `hit`, `wrong`, `missed` (nothing found), `invented` (there is none)."""

    page: str
    field: str
    kind: str
    found: str
    right: tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """One field over all pages.

    Attributes:
        field: Its name.
        pages: Pages that have the field.
        precision: Share of what was found that is right.
        recall: Share of what there is that was found.
        f1: Their harmonic mean.
        f1_spread: Standard deviation of F1 over pages drawn again and again.
    """

    field: str
    pages: int
    precision: float
    recall: float
    f1: float
    f1_spread: float


@dataclass(frozen=True)
class Report:
    """The scores of a folder, and what they are made of.

    Attributes:
        pages: How many pages were read.
        seconds: Median time of a page.
        scores: By field.
        misses: Every outcome that is no hit.
    """

    pages: int
    seconds: float
    scores: dict[str, Score]
    misses: list[Outcome]


def evaluate(folder: Path) -> Report:
    """Reads every page of a folder and compares with what is true.

    Args:
        folder: Has `html` and `ground-truth.json`.

    Raises:
        ConfigError: If it does not, or a page is missing.
    """
    truth = _truth(folder)
    outcomes: dict[str, list[list[Outcome]]] = {}
    times: list[float] = []
    for page, known in sorted(truth.items()):
        body = _body(folder, page)
        began = time.perf_counter()
        offers = extract_offers(body, PageHints(str(known.get("url", ""))))
        times.append(time.perf_counter() - began)
        main = offers[0] if offers else None
        for name in annotated(truth):
            outcomes.setdefault(name, []).append(_compare(page, name, main, known.get(name)))
    scores = {name: _score(name, found) for name, found in outcomes.items()}
    misses = [one for found in outcomes.values() for page in found for one in page if one.kind not in ("hit", "none")]
    return Report(len(truth), statistics.median(times) if times else 0.0, scores, misses)


def annotated(truth: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The fields that a set of annotations speaks of at all; about the others nothing can be said."""
    named = {name for known in truth.values() for name in known}
    return [name for name in FIELDS if name in named]


def _truth(folder: Path) -> dict[str, dict[str, Any]]:
    file = folder / "ground-truth.json"
    if not file.is_file():
        raise ConfigError(f"{folder} has no ground-truth.json.", remedy="Write what is true of each page in html/.")
    loaded: dict[str, dict[str, Any]] = json.loads(file.read_text("utf-8"))
    return {page: {_ALIASES.get(name, name): value for name, value in known.items()} for page, known in loaded.items()}


def _body(folder: Path, page: str) -> bytes:
    plain, packed = folder / "html" / f"{page}.html", folder / "html" / f"{page}.html.gz"
    if plain.is_file():
        return plain.read_bytes()
    if packed.is_file():
        return gzip.decompress(packed.read_bytes())
    raise ConfigError(f"The page {page} is not in {folder / 'html'}.", remedy="Add it, or take it out of the truth.")


def _compare(page: str, name: str, offer: Offer | None, right: object) -> list[Outcome]:
    values = [str(one) for one in (right if isinstance(right, list) else [right]) if one not in (None, "")]
    found = getattr(offer, FIELDS[name]) if offer is not None else None
    if name == "availability":
        wanted = _available(values[0]) if values else True
        same = _available(str(found or "")) == wanted
        return [Outcome(page, name, "hit" if same else "wrong", str(found or ""), tuple(values))]
    if found in (None, ""):
        return [Outcome(page, name, "missed" if values else "none", "", tuple(values))]
    if not values:
        return [Outcome(page, name, "invented", str(found), ())]
    kind = "hit" if any(_equal(name, str(found), value) for value in values) else "wrong"
    return [Outcome(page, name, kind, str(found), tuple(values))]


def _available(text: str) -> bool:
    return text.rsplit("/", 1)[-1].lower() in _FOR_SALE


def _equal(name: str, found: str, right: str) -> bool:
    if name in ("price", "list_price", "rating", "review_count"):
        try:
            gap = abs(Decimal(found) - Decimal(right))
        except InvalidOperation:
            return False
        return gap <= (Decimal("0.1") if name == "rating" else 0)
    if name == "gtin":
        return found == (gtin14(right) or right.zfill(14))
    return _plain(found) == _plain(right)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _figures(outcomes: Iterable[Outcome]) -> tuple[float, float, float]:
    kinds = [one.kind for one in outcomes]
    hits = kinds.count("hit")
    said = hits + kinds.count("wrong") + kinds.count("invented")
    there = hits + kinds.count("wrong") + kinds.count("missed")
    precision, recall = hits / said if said else 1.0, hits / there if there else 1.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _score(name: str, pages: list[list[Outcome]]) -> Score:
    drawn = random.Random(4)  # noqa: S311 -- the same spread for the same pages
    precision, recall, f1 = _figures(one for page in pages for one in page)
    again = [_figures(one for page in drawn.choices(pages, k=len(pages)) for one in page)[2] for _ in range(_DRAWS)]
    there = sum(1 for page in pages for one in page if one.kind not in ("none", "invented"))
    return Score(name, there, precision, recall, f1, statistics.pstdev(again))


def as_json(report: Report) -> str:
    """A report for programs."""
    return json.dumps(asdict(report), indent=2, ensure_ascii=False)


def as_text(report: Report, misses: int) -> str:
    """A report for people.

    Args:
        report: The report.
        misses: How many misses of each field to list.
    """
    lines = [f"{report.pages} pages, {report.seconds * 1000:.0f} ms each (median)", ""]
    lines.append(f"{'field':<14}{'pages':>6}{'precision':>11}{'recall':>8}{'F1':>8}  ±")
    lines += [
        f"{one.field:<14}{one.pages:>6}{one.precision:>11.3f}{one.recall:>8.3f}{one.f1:>8.3f}  {one.f1_spread:.3f}"
        for one in report.scores.values()
    ]
    for name in report.scores:
        of_field = [one for one in report.misses if one.field == name][:misses]
        lines += ["", f"{name}:"] if of_field else []
        lines += [f"  {one.kind:<9}{one.page}: {one.found!r}, right is {list(one.right)}" for one in of_field]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Evaluates the folder that the command line names.

    Args:
        arguments: The arguments; by default those of the process.
    """
    parser = argparse.ArgumentParser(description="F1 by field of what is read from pages whose truth is known.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--misses", type=int, default=20, help="misses to list of each field")
    chosen = parser.parse_args(arguments)
    report = evaluate(chosen.folder)
    sys.stdout.write((as_json(report) if chosen.json else as_text(report, chosen.misses)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
