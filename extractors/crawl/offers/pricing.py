"""Known ways in which a page's data and what it shows differ, put right before the claims are weighed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from extractors.crawl.offers.amounts import is_minor_unit
from extractors.crawl.offers.model import Candidate

_PLACEHOLDER = Decimal("0.01")
_CLEAR = 0.45  # a visible price below this does not overrule what the page's data say
_GONE = 0.65  # the same for a visible "sold out"
_DOUBTED = 0.4
_STATED = ("json_ld", "microdata", "rdfa", "opengraph", "script")


def corrected(claims: list[Candidate], currency: str) -> list[Candidate]:
    """Claims without those that cannot be meant as they are written.

    Args:
        claims: What the page's sources say about one offer.
        currency: The offer's currency, where it is known.
    """
    claims = [one for one in claims if not _is_placeholder(one)]
    claims = _in_major_units(claims, currency)
    claims = _reduced(claims)
    return _sold_out(claims)


def _is_placeholder(claim: Candidate) -> bool:
    """Shops write 0 or 0.01 where the price is on request, or shown in the cart only."""
    return claim.field.endswith("_amount") and isinstance(claim.value, Decimal) and claim.value <= _PLACEHOLDER


def _amounts(claims: list[Candidate], field: str, *methods: str) -> list[tuple[Decimal, float]]:
    return [
        (one.value, one.confidence)
        for one in claims
        if one.field == field and one.method in methods and isinstance(one.value, Decimal)
    ]


def _in_major_units(claims: list[Candidate], currency: str) -> list[Candidate]:
    """1999 beside a visible 19.99 is in cents; 1.299 beside a visible 1,299 had a point between its thousands."""
    shown = {amount for amount, _ in _amounts(claims, "price_amount", "visible")}
    shown |= {amount for amount, _ in _amounts(claims, "list_price_amount", "visible")}
    if not shown:
        return claims
    return [_rescaled(one, shown, currency) for one in claims]


def _rescaled(claim: Candidate, shown: set[Decimal], currency: str) -> Candidate:
    value = claim.value
    if (
        not claim.field.endswith("_amount")
        or claim.method == "visible"
        or not isinstance(value, Decimal)
        or value in shown
    ):
        return claim
    for amount in shown:
        is_thousand = amount >= 1_000 and abs(amount - value * 1_000) < 10
        if is_minor_unit(value, amount, currency) or is_thousand:
            return replace(claim, value=amount)
    return claim


def _reduced(claims: list[Candidate]) -> list[Candidate]:
    """Where both visible prices are clear and the data state the crossed-out one, a shopper pays the other."""
    now = max(_amounts(claims, "price_amount", "visible"), key=lambda one: one[1], default=None)
    was = max(_amounts(claims, "list_price_amount", "visible"), key=lambda one: one[1], default=None)
    if now is None or was is None or min(now[1], was[1]) < _CLEAR or now[0] >= was[0]:
        return claims
    return [
        replace(one, field="list_price_amount")
        if one.field == "price_amount" and one.method in _STATED and one.value == was[0]
        else one
        for one in claims
    ]


def _sold_out(claims: list[Candidate]) -> list[Candidate]:
    """Templates state `InStock` for good; a page that clearly says it is sold out is believed."""
    gone = [one for one in claims if one.field == "availability" and one.value in ("out_of_stock", "discontinued")]
    if not any((one.method == "visible" and one.confidence >= _GONE) or one.method != "visible" for one in gone):
        return claims
    return [
        replace(one, confidence=one.confidence * _DOUBTED)
        if one.field == "availability" and one.value == "in_stock"
        else one
        for one in claims
    ]
