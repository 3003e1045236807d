"""The raw contract of each stream: what its declaration promises, and what no honest record breaks.

Bounds are wide on purpose. They are there to stop what is certainly a fault (a shifted column, a quantity in
grams), not to judge a shop's business: negative quantities are credit notes, zero prices are write-offs and
gifts, and two bad-debt rows of Online Retail have a negative price.
"""

from __future__ import annotations

from functools import cache

import polars as pl
from babel.numbers import list_currencies

from expectations.context import Rule, Severity
from expectations.raw_bounds import limits_of
from lakehouse.streams import Stream
from lakehouse.windows import Window

_REF_LENGTH, _TEXT_LENGTH = 64, 2_000
# What strangers write is longer: addresses, names of variants, and all that is told about how an offer was read.
_LENGTHS = {
    "page_url": 8_000,
    "redirect_url": 8_000,
    "image_url": 8_000,
    "evidence": 1_000_000,
    "crawl_ref": 200,
    "offer_ref": 500,
}
_UNITS, _MONEY, _DAYS = 1_000_000, 1_000_000, 1_095


def rules_for(stream: Stream, window: Window | None) -> list[Rule]:
    """Every rule of a stream for a batch of a window, or of versions of records, which no window holds."""
    in_window = [] if window is None else [_in_window(window)]
    return [*_declared(stream), *in_window, *_SPECIFIC.get(stream.name, ()), *limits_of(stream.name)]


def _declared(stream: Stream) -> list[Rule]:
    names = list(stream.landed_schema.names())
    title = "The columns are those of the stream"
    rules = [
        Rule("columns", title, "ExpectTableColumnsToMatchSet", {"column_set": names}),
        _between("source_row", 1, None, "Record numbers count from 1"),
    ]
    for field in stream.fields:
        if field.required:
            there = f"{field.name} is there"
            rules.append(Rule(f"{field.name}_not_null", there, "ExpectColumnValuesToNotBeNull", {}, field.name))
        if field.dtype == pl.String:
            rules.append(_length(field.name, _longest(field.name)))
    if "currency_code" in names:
        # a page may write a sign that stands for several currencies: its price then does not count
        rules.append(_currency("warning" if stream.name == "competitor_offers" else "critical"))
    return rules


def _between(column: str, low: int | None, high: int | None, title: str, because: str = "") -> Rule:
    bounds = {"min_value": low, "max_value": high}
    return Rule(f"{column}_in_bounds", title, "ExpectColumnValuesToBeBetween", bounds, column, because=because)


def _longest(column: str) -> int:
    usual = _REF_LENGTH if column.endswith("_ref") else _TEXT_LENGTH
    return _LENGTHS.get(column, usual)


def _length(column: str, longest: int) -> Rule:
    return Rule(
        f"{column}_length",
        f"{column} has 1 to {longest} characters",
        "ExpectColumnValueLengthsToBeBetween",
        {"min_value": 1, "max_value": longest},
        column,
        because="Nothing is null and not an empty text; a longer one is a sign of fields run together.",
    )


@cache
def _currencies() -> tuple[str, ...]:
    return tuple(sorted(list_currencies()))


def _currency(severity: Severity) -> Rule:
    return Rule(
        "currency_code_iso",
        "currency_code is one of ISO 4217",
        "ExpectColumnValuesToBeInSet",
        {"value_set": list(_currencies())},
        "currency_code",
        severity=severity,
        because="An amount in an unknown currency cannot be added to anything.",
    )


def _in_window(window: Window) -> Rule:
    bounds = {"min_value": window.start.replace(tzinfo=None), "max_value": window.end.replace(tzinfo=None)}
    return Rule(
        "occurred_at_in_window",
        "occurred_at lies inside the load's window",
        "ExpectColumnValuesToBeBetween",
        {**bounds, "strict_max": True},
        "occurred_at",
        because="A row of another day would be counted there again by that day's load.",
    )


def _like(column: str, pattern: str, title: str, because: str, severity: Severity = "critical") -> Rule:
    name = "ExpectColumnValuesToMatchRegex"
    return Rule(f"{column}_form", title, name, {"regex": pattern}, column, severity=severity, because=because)


_PAGE = _like("page_url", r"^https?://[^\s/]", "page_url is an http(s) address", "Nothing else is ever asked for.")
_CONTENT = _like(
    "content_sha256",
    r"^[0-9a-f]{64}$",
    "content_sha256 is a SHA-256",
    "Visits and offers are joined by it: one that is cut short would join with nothing.",
)

_SPECIFIC: dict[str, tuple[Rule, ...]] = {
    "fx_rates": (
        Rule(
            "rate_not_zero",
            "rate is not 0",
            "ExpectColumnValuesToNotBeInSet",
            {"value_set": [0]},
            "rate",
            because="What is worth nothing cannot be divided by.",
        ),
    ),
    "crawl_pages": (_PAGE, _CONTENT),
    "match_decisions": (_PAGE,),
    "competitor_offers": (
        _PAGE,
        _CONTENT,
        _like("gtin", r"^[0-9]{14}$", "gtin has 14 digits", "Any other number matches nothing.", "warning"),
        # one silly number of a stranger's page is no reason to leave out its price
        Rule(
            "rating_in_bounds",
            "rating is 0 to 5",
            "ExpectColumnValuesToBeBetween",
            {"min_value": 0, "max_value": 5},
            "rating",
            severity="warning",
            because="It is told on a scale of 5.",
        ),
        Rule(
            "review_count_not_negative",
            "review_count is not negative",
            "ExpectColumnValuesToBeBetween",
            {"min_value": 0},
            "review_count",
            severity="warning",
            because="It is a count.",
        ),
    ),
    "order_lines": (
        Rule(
            "quantity_not_zero",
            "quantity is not 0",
            "ExpectColumnValuesToNotBeInSet",
            {"value_set": [0]},
            "quantity",
            because="A line of nothing is neither a sale nor a return.",
        ),
        _between(
            "quantity",
            -_UNITS,
            _UNITS,
            "quantity is within a million units",
            "The largest genuine line of Online Retail has 80,995 units.",
        ),
        _between(
            "unit_price",
            -_MONEY,
            _MONEY,
            "unit_price is within a million",
            "The largest genuine one of Online Retail is 38,970; below 0 are bad-debt adjustments only.",
        ),
        Rule(
            "unit_price_not_negative",
            "unit_price is not negative",
            "ExpectColumnValuesToBeBetween",
            {"min_value": 0},
            "unit_price",
            severity="warning",
            because="Bad-debt adjustments are; anything else with a negative price should be looked at.",
        ),
        _between("discount_amount", 0, _MONEY, "discount_amount is not negative"),
        _between("tax_amount", -_MONEY, _MONEY, "tax_amount is within a million"),
    ),
    "stock_on_hand": (
        _between(
            "on_hand_units",
            -_UNITS,
            10 * _UNITS,
            "on_hand_units is within bounds",
            "Below 0 is what was sold and is not there yet; the rest is a fault of the export.",
        ),
        Rule(
            "stock_counted_once",
            "A product is counted once a place and time",
            "ExpectCompoundColumnsToBeUnique",
            {"column_list": ["product_ref", "location_ref", "occurred_at"]},
            because="Two counts of one shelf contradict each other.",
        ),
    ),
    "product_supply": (
        _between("lead_time_days", 0, _DAYS, "lead_time_days is at most three years"),
        _between("unit_cost", 0, _MONEY, "unit_cost is not negative"),
        _between("minimum_order_units", 1, _UNITS, "minimum_order_units is at least 1"),
        _between("pack_units", 1, _UNITS, "pack_units is at least 1"),
        Rule(
            "supply_named_once",
            "A product has one set of terms a supplier and time",
            "ExpectCompoundColumnsToBeUnique",
            {"column_list": ["product_ref", "supplier_name", "occurred_at"]},
            because="Two sets of terms contradict each other.",
        ),
    ),
}
