"""The product's numbers: texts with a label, tables, attributes, and the address as a last resort."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice
from urllib.parse import parse_qsl, unquote, urlsplit

from gtin.validator import is_valid_GTIN  # type: ignore[import-untyped]

from extractors.crawl.offers.model import Candidate
from extractors.crawl.offers.visible import marks, words
from extractors.crawl.offers.visible.landmarks import Landmarks
from extractors.crawl.offers.visible.marks import names
from extractors.crawl.offers.visible.tree import Page

_VALUE = re.compile(r"[\s:：#.=№°\-–|\u200e\u200f)]*(?P<value>[A-Za-z0-9А-Яа-я][A-Za-z0-9А-Яа-я./_+\-]{1,39})")
_MONEY = re.compile(r"\d+(?:[.,]\d{1,2})? ?[€円₽]|\d+,\d\d(?!\d)")
_STOPS = frozenset(
    names(
        "details description select choose please information is and or the number no code of in by for see size "
        "color colour price reviews review share more price: na n/a none stock brand model availability condition "
        "www http https"
    )
)
_OTHERS = marks.RELATED | marks.CART | marks.REVIEW
_ELSEWHERE = _OTHERS | marks.CRUMBS
_ID_PARAMETERS = (
    "sku",
    "skuid",
    "pid",
    "productid",
    "product_id",
    "products_id",
    "articleid",
    "itemid",
    "item_id",
    "id",
    "item",
    "goods_id",
    "prod",
    "p",
)
_PATH_ID = re.compile(
    r"(?:^|[-_./~])(?:p|pd|i|art|sku|item|id|prod|dp)?[-_.]?(?P<id>[A-Z]{0,4}\d{5,}[A-Z0-9]{0,4}|"
    r"[AB]0[A-Z0-9]{8})(?=$|[-_./?~])",
    re.IGNORECASE,
)
# A digit, or capitals joined by a hyphen: `4711`, `KST-AERO-M`.
_CODE = re.compile(r"[0-9]|\b[A-Z]{1,6}(?:[-_][A-Z]{1,6})+\b")
_ID_FOLDERS = frozenset(names("p dp pd ip itm item items prd product products sku art artikel gp"))
_LEAST_DIGITS = 3
_MOST_LABELS = 60
_MOST_LINES, _MOST_LOOKED_AT, _LONGEST_LINE = 4_000, 400, 400
_BEFORE_TITLE = 1_500  # characters


def identity_claims(page: Page, places: Landmarks, url: str) -> Iterator[Candidate]:
    """SKU, MPN and GTIN as the page shows them.

    Args:
        page: The page.
        places: Its fixed points.
        url: The page's address.
    """
    yield from _labelled(page, places, "sku", words.SKU_LABEL, 0.6)
    yield from _labelled(page, places, "mpn", words.MPN_LABEL, 0.5)
    yield from _gtins(page, places)
    yield from _named(page, places)
    yield from _from_address(url)


def _labelled(page: Page, places: Landmarks, field: str, label: re.Pattern[str], trust: float) -> Iterator[Candidate]:
    """Values behind a label: `Art.-Nr.: 4711`; the nearest to the title weighs most."""
    anchor = page.starts[places.title] if places.title >= 0 else 0
    found: dict[str, float] = {}
    for match in islice(_matches(page.text, label, anchor), _MOST_LABELS):
        value = _value_behind(page, match.end())
        if value is None:
            continue
        node = page.owner(match.start(), match.end())
        bits = page.marks[node]
        if bits & _OTHERS or (bits & marks.CHROME and match.start() < anchor) or places.is_other(match.start()):
            continue
        if field == "sku" and _is_makers(page, match):
            weight = trust - 0.2
        else:
            weight = trust + 0.1 * bool(page.near_marks(node, 3) & marks.SKU)
        weight -= 0.1 * bool(bits & marks.HIDDEN) + (0.15 if abs(match.start() - anchor) > 4000 else 0.0)
        if value.lower() in places.title_text.lower():
            weight -= 0.15
        found[value] = max(found.get(value, 0.0), weight)
    ranked = sorted(found.items(), key=lambda pair: -pair[1])
    for value, weight in ranked[:3]:
        yield Candidate(field, value, "visible", round(max(0.15, min(0.75, weight)), 3))


def _is_makers(page: Page, label: re.Match[str]) -> bool:
    """Whether a label, with what stands before it in its own piece of text, names the maker's number."""
    piece = page.piece_starts[max(0, bisect_right(page.piece_starts, label.start()) - 1)]
    return words.MPN_LABEL.search(page.text, max(piece, label.start() - 14), label.end() + 1) is not None


def _matches(text: str, label: re.Pattern[str], anchor: int) -> Iterator[re.Match[str]]:
    """A label's places from a little before the title on: only lines with a digit, or above one, can hold a number."""
    at = text.rfind("\n", 0, max(0, anchor - _BEFORE_TITLE)) + 1
    lines = text[at:].split("\n", _MOST_LINES)[:_MOST_LINES]
    digits = [_CODE.search(line) is not None for line in lines]
    looked_at = 0
    for number, line in enumerate(lines):
        stop = at + len(line)
        below = number + 1 < len(lines) and digits[number + 1]
        if (digits[number] or below) and 2 <= len(line) <= _LONGEST_LINE:
            looked_at += 1
            reach = stop + 1 + len(lines[number + 1]) if below else stop
            for match in label.finditer(text, at, reach):
                if match.start() >= stop:
                    break
                yield match
        if looked_at > _MOST_LOOKED_AT:
            return
        at = stop + 1


def _value_behind(page: Page, at: int) -> str | None:
    """The value behind a label: on the same line, or on the next one as in a table."""
    text = page.text[at : at + 90]
    match = _VALUE.match(text)
    if match is None:
        return None
    begin = at + match.start("value")
    following = bisect_right(page.piece_starts, begin)
    reach = page.piece_starts[following] - begin if following < len(page.piece_starts) else 90
    value = match["value"][:reach].strip(".-/_")
    if value.isdigit() and _MONEY.match(text, match.start("value")):
        return None  # `Reference price: 39,90 €`
    if value.lower() in _STOPS or len(value) < 2 or not _CODE.search(value):
        return None
    return value


def _gtins(page: Page, places: Landmarks) -> Iterator[Candidate]:
    anchor = page.starts[places.title] if places.title >= 0 else 0
    for match in islice(_matches(page.text, words.GTIN_LABEL, anchor), _MOST_LABELS):
        digits = re.match(r"[^\d\n]{0,24}\n?[^\d\n]{0,8}([\d\- ]{8,18})", page.text[match.end() : match.end() + 60])
        code = re.sub(r"\D", "", digits[1]) if digits else ""
        if code and is_valid_GTIN(code) and not page.marks[page.owner(match.start(), match.end())] & _ELSEWHERE:
            yield Candidate("gtin", code.zfill(14), "visible", 0.7)
            return


def _named(page: Page, places: Landmarks) -> Iterator[Candidate]:
    """Elements whose name says that they hold the number, without a label in the text."""
    start = page.starts[places.title] - 600 if places.title >= 0 else 0
    for node, own in enumerate(page.own):
        if not own & marks.SKU or page.marks[node] & _ELSEWHERE or page.starts[node] < start:
            continue
        if not 2 <= page.stops[node] - page.starts[node] <= 40:
            continue
        text = page.text_of(node)
        if re.fullmatch(r"#?[A-Za-z0-9][A-Za-z0-9._/\-]{2,29}", text) and _CODE.search(text):
            yield Candidate("sku", text.lstrip("#"), "visible", 0.5)
            return


def _from_address(url: str) -> Iterator[Candidate]:
    """What looks like a number in the page's own address: a last resort."""
    try:
        parts = urlsplit(url)
        query = {key.lower(): value for key, value in parse_qsl(parts.query)[:30]}
    except ValueError:
        return
    for key in _ID_PARAMETERS:
        value = query.get(key, "")
        if re.fullmatch(r"[A-Za-z0-9_.-]{3,30}", value) and _CODE.search(value):
            yield Candidate("sku", value, "visible", 0.25)
            return
    numbers = [value for value in query.values() if re.fullmatch(r"\d{5,20}", value)]
    if len(numbers) == 1:
        yield Candidate("sku", numbers[0], "visible", 0.2)
        return
    segments = [segment for segment in unquote(parts.path).split("/") if segment]
    behind = next((segments[at + 1] for at in range(len(segments) - 1) if segments[at].lower() in _ID_FOLDERS), "")
    if (
        re.fullmatch(r"[A-Za-z0-9-]{6,20}", behind)
        and not re.search("[A-Za-z]{5}", behind)
        and sum(map(str.isdigit, behind)) >= _LEAST_DIGITS
    ):
        yield Candidate("sku", behind, "visible", 0.22)
        return
    for segment in reversed(segments[-3:]):
        found = _PATH_ID.findall(re.sub(r"\.(?:html?|php|aspx?|jsp|do)$", "", segment))
        if found:
            yield Candidate("sku", re.sub(r"^[a-z](?=\d{5,}$)", "", found[-1]), "visible", 0.22)
            return
