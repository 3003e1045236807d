"""What a page's sources claim comes to one offer: by field, with what speaks for the value and what against it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from rapidfuzz import fuzz

from extractors.crawl.offers.currencies import codes_of
from extractors.crawl.offers.model import AMOUNT_FIELDS, FIELDS, Candidate, FieldEvidence, Method, Offer, Value
from extractors.crawl.offers.pricing import corrected

# A claim below this is no more than a guess, and a field without a better one stays empty. An article number is
# worth less care: a wrong one joins nothing.
_LEAST = {"sku": 0.15, "price_amount": 0.3}
_LEAST_ELSE = 0.3
# Two prices about which there is as much to say stay undecided.
_BALANCED = 0.05
# Sources of one page are filled by one shop program: a second one that agrees proves less than a first.
_REPEATED = 0.5
_SPACES = re.compile(r"\W+")
_ORDER: tuple[Method, ...] = ("json_ld", "microdata", "rdfa", "opengraph", "script", "visible")


@dataclass
class _Group:
    """Claims that say the same."""

    claims: list[Candidate] = field(default_factory=list)

    @property
    def confidence(self) -> float:
        best: dict[Method, float] = {}
        for claim in self.claims:
            best[claim.method] = max(best.get(claim.method, 0.0), claim.confidence)
        ranked = sorted(best.values(), reverse=True)
        doubt = 1.0 - ranked[0]
        for one in ranked[1:]:
            doubt *= 1.0 - _REPEATED * one
        return 1.0 - doubt

    @property
    def best(self) -> Candidate:
        return max(self.claims, key=lambda one: (one.confidence, -_ORDER.index(one.method)))


def reconcile(claims: Sequence[Candidate], expected: Sequence[str]) -> list[Offer]:
    """The offers that a page's claims come to, the one that it is about first; none without a title.

    Args:
        claims: What the sources say.
        expected: Currencies that the page's place and language suggest, the most likely first.
    """
    by_key: dict[str, list[Candidate]] = {}
    for claim in claims:
        if claim.field in FIELDS:
            by_key.setdefault(claim.offer_key, []).append(_with_code(claim, expected))
    main = _offer(by_key.pop("", []), expected)
    if main is None:
        return []
    further = [_further(main, key, claims, expected) for key, claims in by_key.items()]
    return _named([main, *(one for one in further if one is not None)])


def _with_code(claim: Candidate, expected: Sequence[str]) -> Candidate:
    if claim.field != "currency_code":
        return claim
    return replace(claim, value=codes_of(str(claim.value), list(expected)))


def _offer(claims: list[Candidate], expected: Sequence[str]) -> Offer | None:
    currency = _decide("currency_code", [one for one in claims if one.field == "currency_code" and one.value])
    found: dict[str, Value] = {}
    evidence: dict[str, FieldEvidence] = {}
    claims = corrected(claims, str(currency[0]) if currency and currency[0] else "")
    for name in FIELDS:
        decided = _decide(name, [one for one in claims if one.field == name and one.value not in ("", None)])
        if decided is not None:
            value, evidence[name] = decided
            if value is not None:
                found[name] = value
    if not found.get("offer_title"):
        return None
    _make_whole(found, evidence, expected)
    price = evidence.get("price_amount")
    known: dict[str, Any] = dict(found)
    return Offer(
        offer_ref=str(found.get("sku") or "1"),
        is_main=True,
        price_confidence=Decimal(str(round(price.confidence, 3))) if price and "price_amount" in found else None,
        price_method=price.method if price and "price_amount" in found else None,
        evidence=evidence,
        **known,
    )


def _decide(name: str, claims: list[Candidate]) -> tuple[Value | None, FieldEvidence] | None:
    """A field's value and what it rests on; None for the value where the claims are balanced."""
    groups: list[_Group] = []
    for claim in claims:
        same = next((group for group in groups if _agree(name, group.claims[0].value, claim.value)), None)
        if same is None:
            groups.append(_Group([claim]))
        else:
            same.claims.append(claim)
    groups.sort(key=lambda group: -group.confidence)
    if not groups:
        return None
    first, best = groups[0], groups[0].best
    against = groups[1].confidence if len(groups) > 1 else 0.0
    confidence = round(first.confidence * (1.0 - against / 2), 3)
    others = tuple(dict.fromkeys(str(group.best.value)[:200] for group in groups[1:5]))
    agreeing = tuple(
        method for method in _ORDER if method != best.method and any(one.method == method for one in first.claims)
    )
    told = FieldEvidence(best.method, confidence, others, agreeing)
    balanced = name in AMOUNT_FIELDS and first.confidence - against < _BALANCED
    if balanced or first.confidence < _LEAST.get(name, _LEAST_ELSE):
        return None, replace(told, others=(str(best.value)[:200], *others))
    return best.value, told


def _agree(name: str, one: Value, other: Value) -> bool:
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return one == other if name != "rating" else abs(one - other) <= Decimal("0.11")
    if not isinstance(one, str) or not isinstance(other, str):
        return one == other
    first, second = _SPACES.sub(" ", one.lower()).strip(), _SPACES.sub(" ", other.lower()).strip()
    match name:
        case "offer_title":
            return first == second or float(fuzz.ratio(first, second)) >= 90
        case "image_url":
            return urlsplit(one).path.rsplit("/", 1)[-1] == urlsplit(other).path.rsplit("/", 1)[-1]
        case _:
            return first == second and (bool(first) or one == other)


def _make_whole(found: dict[str, Value], evidence: dict[str, FieldEvidence], expected: Sequence[str]) -> None:
    """Amounts of one offer fit together, and have a currency."""
    price, was = found.get("price_amount"), found.get("list_price_amount")
    if isinstance(was, Decimal) and (not isinstance(price, Decimal) or was <= price):
        found.pop("list_price_amount")
    low, high = found.get("low_price_amount"), found.get("high_price_amount")
    if not isinstance(low, Decimal) or not isinstance(high, Decimal) or low >= high:
        found.pop("low_price_amount", None)
        found.pop("high_price_amount", None)
    if "currency_code" not in found and expected and any(name in found for name in AMOUNT_FIELDS):
        found["currency_code"] = expected[0]
        evidence["currency_code"] = FieldEvidence("visible", 0.3)
    if not any(name in found for name in AMOUNT_FIELDS):
        found.pop("currency_code", None)


def _further(main: Offer, key: str, claims: list[Candidate], expected: Sequence[str]) -> Offer | None:
    """An offer besides the main one: what it does not say itself is that of the product."""
    first = next((method for method in _ORDER if any(one.method == method for one in claims)), None)
    named = Candidate("offer_title", main.offer_title, first or "json_ld", 0.8)
    made = _offer([named, *(one for one in claims if one.method == first)], expected)
    if made is None or made.price_amount is None:
        return None
    return replace(
        made,
        offer_ref=key,
        is_main=False,
        brand=main.brand,
        category=main.category,
        image_url=main.image_url,
        currency_code=made.currency_code or main.currency_code,
        condition=made.condition or main.condition,
        tax_note=made.tax_note or main.tax_note,
    )


def _named(offers: Iterable[Offer]) -> list[Offer]:
    """Offers of one page never share their name."""
    taken: set[str] = set()
    named: list[Offer] = []
    for offer in offers:
        ref, number = offer.offer_ref[:200], 1
        while ref in taken:
            number += 1
            ref = f"{offer.offer_ref[:200]}-{number}"
        taken.add(ref)
        named.append(replace(offer, offer_ref=ref))
    return named


def evidence_json(evidence: Mapping[str, FieldEvidence]) -> dict[str, dict[str, object]]:
    """Evidence in plain types, for the column of that name."""
    return {
        name: {
            "method": one.method,
            "confidence": one.confidence,
            **({"others": list(one.others)} if one.others else {}),
            **({"agreeing": list(one.agreeing)} if one.agreeing else {}),
        }
        for name, one in evidence.items()
    }
