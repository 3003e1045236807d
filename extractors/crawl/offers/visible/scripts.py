"""Embedded state: what a page's scripts, data attributes and hidden fields say about its product.

Scripts are read and never run. A page's state holds many products; the one that the page is about is told by its
name against the title, its number against the address, and the keys that lead to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from gtin.validator import is_valid_GTIN  # type: ignore[import-untyped]
from lxml.html import HtmlElement  # type: ignore[import-untyped]
from rapidfuzz import fuzz

from extractors.crawl.offers.model import Candidate, PageHints
from extractors.crawl.offers.visible.literals import read_json, read_literal, read_string
from extractors.crawl.offers.visible.records import Record, amount_of, find_records

_LONGEST_SCRIPT = 3_000_000
_SLOW_CHARACTERS = 120_000  # of literals that are no JSON, over the whole page
_LEAST_CENTS = 100
_SHORTEST_NUMBER = 3  # shorter ones are places in a list
_MOST_LITERALS = 120
_COST_OF_A_TRY = 200
_MOST_RECORDS = 2_000
_OF_INTEREST = re.compile(r"price|preis|prix|\bsku\b", re.IGNORECASE)
_START = re.compile(r"(?P<name>[\w$.\]\['\"-]{1,80})?\s*(?:=|\(|,|:|return)\s*(?=[{\[])|^\s*(?=[{\[])")
_QUOTED = re.compile(r"JSON\.parse\(\s*(?P<text>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')")
_LOOSE = re.compile(
    r"[\"']?\b(?P<key>(?:product|item|prod|sale|current|final|ecomm_)?_?(?:price|prodprice|unitprice|"
    r"product_price|productPrice|totalvalue|pvalue))"
    r"[\"']?\]?\s*[:=]\s*\[?\s*[\"']?(?P<value>\d{1,7}(?:[.,]\d{1,2})?)[\"']?\s*[\],;}\n]",
    re.IGNORECASE,
)
_TRUST = {
    "sku": 0.9,
    "currency_code": 0.9,
    "brand": 0.9,
    "category": 0.6,
    "availability": 0.8,
    "list_price_amount": 0.85,
}


def script_candidates(tree: HtmlElement, hints: PageHints) -> list[Candidate]:
    """Claims from embedded state.

    Args:
        tree: The page's root.
        hints: Its address and what the site's declaration says.
    """
    titles = _titles(tree)
    records: list[Record] = []
    loose: list[Decimal] = []
    budget = [_SLOW_CHARACTERS]
    for text, kind in _texts(tree):
        for state, path in _states(text, kind, budget):
            records.extend(find_records(state, path))
            if len(records) > _MOST_RECORDS:
                break
        if kind == "script" and not records:
            loose.extend(_loose(text))
    found = _in_major_units(_from_records(records, titles, hints.url), tree)
    found += _from_fields(tree)
    if not found and len(set(loose)) == 1:
        found.append(Candidate("price_amount", loose[0], "script", 0.35))
    return found


def _titles(tree: HtmlElement) -> list[str]:
    found: list[str] = []
    for element in tree.iter("h1", "title", "meta"):
        if element.tag == "meta":
            if (element.get("property") or "").lower() == "og:title":
                found.append(element.get("content") or "")
        else:
            found.append("".join(element.itertext())[:400])
        if len(found) > 8:
            break
    return [" ".join(text.lower().split()) for text in found if text.strip()]


def _texts(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    """Scripts and data attributes that may speak of a price."""
    for element in tree.iter("script"):
        kind = (element.get("type") or "").lower()
        text = element.text or ""
        if "ld+json" in kind or not text or len(text) > _LONGEST_SCRIPT or "template" in kind:
            continue
        if _OF_INTEREST.search(text):
            yield text, "json" if "json" in kind or element.get("id") == "__NEXT_DATA__" else "script"
    values = tree.xpath("//@*[(starts-with(., '{') or starts-with(., '[{')) and contains(., 'rice')]")
    for value in values[:60]:
        if len(value) < 200_000:
            yield str(value), "attribute"


def _states(text: str, kind: str, budget: list[int]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    if kind != "script" or text.lstrip()[:1] in "{[":
        state = read_json(text)
        if state is not None:
            yield state, ("attribute",) if kind == "attribute" else ()
            return
    for match in _QUOTED.finditer(text):
        state = read_json(read_string(match["text"]))
        if state is not None:
            yield state, ()
    at = 0
    for _ in range(_MOST_LITERALS):
        start = _START.search(text, at)
        if start is None:
            return
        at = start.end()
        read = read_literal(text, at, max(0, budget[0]))
        budget[0] -= read.spent
        if not read.value:
            budget[0] -= _COST_OF_A_TRY
            continue
        if _OF_INTEREST.search(text, at, read.end):
            yield read.value, (re.sub(r"[^a-z0-9]", "", (start["name"] or "").lower()),)
        at = read.end


def _loose(text: str) -> Iterator[Decimal]:
    for match in _LOOSE.finditer(text[:200_000]):
        amount = amount_of(match["value"], minor=False)
        if amount is not None:
            yield amount


def _from_records(records: list[Record], titles: list[str], url: str) -> list[Candidate]:
    ranked = sorted(
        ((_weight(record, titles, url), -number, record) for number, record in enumerate(records)),
        key=lambda ranked_record: ranked_record[:2],
        reverse=True,
    )
    if not ranked:
        return []
    best_weight, _, best = ranked[0]
    prices = {record.values["price_amount"] for record in records}
    if best_weight < 0.4 and len(prices) == 1 and not best.is_aside:
        best_weight = 0.4
    if best_weight < 0.3:
        return []
    values = dict(best.values)
    for weight, _, record in ranked[1:40]:
        if weight >= max(0.45, best_weight - 0.15):
            for name, value in record.values.items():
                if name != "list_price_amount" or record.values["price_amount"] == best.values["price_amount"]:
                    values.setdefault(name, value)
    rivals = {record.values["price_amount"] for weight, _, record in ranked if weight >= best_weight - 0.05}
    if len(rivals) > 1:
        best_weight -= 0.12
    return list(_claims(values, best_weight))


def _in_major_units(claims: list[Candidate], tree: HtmlElement) -> list[Candidate]:
    """Amounts in cents as amounts, where the page shows the hundredth of a whole number and not the number itself."""
    whole = [one.value for one in claims if one.field == "price_amount" and isinstance(one.value, Decimal)]
    if not whole or whole[0] != whole[0].to_integral_value() or whole[0] < _LEAST_CENTS:
        return claims
    cents = int(whole[0])
    shown = _shown_text(tree)
    if re.search(rf"(?<!\d){cents // 100}[.,]{cents % 100:02d}(?!\d)", shown) is None or _is_shown(cents, shown):
        return claims
    return [
        replace(one, value=one.value / 100) if isinstance(one.value, Decimal) and one.field.endswith("_amount") else one
        for one in claims
    ]


def _is_shown(whole: int, shown: str) -> bool:
    return re.search(rf"(?<!\d){whole // 1000 or ''}[., ]?{whole % 1000}(?!\d)", shown) is not None


def _shown_text(tree: HtmlElement) -> str:
    parts = []
    for element in tree.iter():
        if isinstance(element.tag, str) and element.tag not in ("script", "style", "noscript"):
            parts.append(element.text or "")
        parts.append(element.tail or "")
    return "".join(parts)[:_LONGEST_SCRIPT]


def _claims(values: dict[str, str | Decimal | int], weight: float) -> Iterator[Candidate]:
    for name, value in values.items():
        if name == "gtin":
            digits = re.sub(r"\D", "", str(value))
            if not is_valid_GTIN(digits):
                continue
            value = digits.zfill(14)
        if name == "sku" and len(str(value)) < _SHORTEST_NUMBER:
            continue
        if name == "currency_code":
            value = str(value).upper()
            if not re.fullmatch(r"[A-Z]{3}", value):
                continue
        yield Candidate(name, value, "script", round(weight * _TRUST.get(name, 1.0), 3))


def _weight(record: Record, titles: list[str], url: str) -> float:
    """How sure it is that a record is the page's product, 0 to about 0.75."""
    name = str(record.values.get("offer_title", "")).lower()
    number = str(record.values.get("sku", ""))
    agreement = max((_like(name, title) for title in titles), default=0.0) if name else 0.0
    weight = 0.15 + 0.45 * max(0.0, agreement - 0.4) / 0.6
    if len(number) >= 4 and number.lower() in url.lower():
        weight += 0.25
    if record.is_main:
        weight += 0.15
    if record.is_aside:
        weight -= 0.3
    if record.siblings > 3 and agreement < 0.9:
        weight -= 0.15
    if "availability" in record.values or "currency_code" in record.values:
        weight += 0.03
    return min(weight, 0.75)


def _like(name: str, title: str) -> float:
    ratio = fuzz.ratio(name, title) / 100
    if len(name) >= 8 and (name in title or title in name):
        ratio = max(ratio, 0.85)
    return ratio


def _from_fields(tree: HtmlElement) -> list[Candidate]:
    """Hidden fields of forms and data attributes, where the whole page agrees on one value."""
    sources = (
        (
            "price_amount",
            "//form//input[@type='hidden']",
            re.compile(r"^(?:product_?|item_?)?price(?:_?value)?$", re.I),
            0.4,
        ),
        (
            "sku",
            "//form//input[@type='hidden']",
            re.compile(
                r"^(?:product_?)?(?:sku|code|pid|item_?(?:id|number)|product_?id|productid|products_id|"
                r"prod_?id|add-to-cart)$",
                re.I,
            ),
            0.35,
        ),
    )
    found: list[Candidate] = []
    for field, path, names, trust in sources:
        values = [
            element.get("value") or "" for element in tree.xpath(path)[:500] if names.match(element.get("name") or "")
        ]
        distinct = {value.strip() for value in values if value.strip()}
        if len(distinct) == 1:
            found += _field_claim(field, distinct.pop(), trust)
    for field, keys, trust in (
        (
            "price_amount",
            ("data-price", "data-product-price", "data-price-amount", "data-current-price", "data-item-price"),
            0.4,
        ),
        (
            "sku",
            ("data-sku", "data-product-sku", "data-product-code", "data-item-id", "data-product-id", "data-productid"),
            0.35,
        ),
    ):
        for key in keys:
            distinct = {str(value).strip() for value in tree.xpath(f"//@{key}")[:300] if str(value).strip()}
            if len(distinct) == 1:
                found += _field_claim(field, distinct.pop(), trust)
                break
    return found


def _field_claim(field: str, value: str, trust: float) -> list[Candidate]:
    if field == "price_amount":
        amount = amount_of(value, minor=False)
        return [Candidate(field, amount, "script", trust)] if amount is not None else []
    return [Candidate(field, value[:60], "script", trust)] if re.fullmatch(r"[\w./+-]{2,60}", value) else []
