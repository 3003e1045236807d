"""What no honest record of a shop, a back office or a tool goes beyond, column by column.

A number out of bounds is certainly a fault and sets the record aside. A word that is not among those agreed on is
only reported: platforms invent new ones, and an order must not be missing for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from expectations.context import Rule

_UNITS, _MONEY, _COUNT, _GRAMS = 1_000_000, 1_000_000_000, 10_000_000_000, 10_000_000


@dataclass(frozen=True)
class Bounds:
    """Between what numbers columns lie.

    Attributes:
        columns: Names of columns of one stream.
        low: Least value; None: no bound.
        high: Greatest value.
        because: Why not less, or not more.
    """

    columns: tuple[str, ...]
    low: int | None
    high: int | None
    because: str


@dataclass(frozen=True)
class Words:
    """Which words a column may hold."""

    column: str
    allowed: tuple[str, ...]


def _not_negative(*columns: str, high: int = _MONEY) -> Bounds:
    return Bounds(columns, 0, high, "Its sign is told elsewhere; a negative one would count twice.")


def _either_way(*columns: str, high: int = _MONEY) -> Bounds:
    return Bounds(columns, -high, high, "What goes back is negative; what is larger is a column that has shifted.")


_MOVEMENTS = ("sale", "return", "receipt", "adjustment", "transfer", "damage", "other")
_SETTLED = ("sale", "refund", "fee", "tax", "shipping", "promotion", "adjustment", "reserve", "transfer")
_SEEN = (
    "page_view",
    "search",
    "product_view",
    "favourite",
    "add_to_cart",
    "remove_from_cart",
    "checkout",
    "purchase",
)

_VISITED = (
    "fetched",
    "unchanged",
    "redirected",
    "missing",
    "disallowed",
    "refused",
    "too_large",
    "timed_out",
    "failed",
)

LIMITS: dict[str, tuple[Bounds | Words, ...]] = {
    "orders": (
        _not_negative("discount_amount", "shipping_amount", "refunded_amount"),
        _either_way("subtotal_amount", "tax_amount", "total_amount"),
        Words("status", ("open", "completed", "cancelled")),
        Words("payment_status", ("pending", "authorised", "paid", "partially_refunded", "refunded", "voided")),
        Words("fulfilment_status", ("unfulfilled", "partial", "fulfilled")),
    ),
    "order_discounts": (_not_negative("discount_amount"),),
    "payments": (
        _not_negative("amount"),
        _either_way("fee_amount"),
        Words("payment_kind", ("authorisation", "sale", "capture", "refund", "void")),
        Words("payment_status", ("success", "pending", "failure")),
    ),
    "refunds": (_not_negative("amount"), _either_way("tax_amount", "shipping_amount")),
    "fulfilments": (_not_negative("quantity", high=_UNITS),),
    "carts": (_not_negative("total_amount"),),
    "cart_lines": (_not_negative("quantity", high=_UNITS), _not_negative("unit_price")),
    "customer_returns": (_not_negative("quantity", high=_UNITS),),
    "deletions": (
        Words("entity", ("orders", "products", "customers")),
        Words("deletion_kind", ("trashed", "deleted", "vanished")),
    ),
    "products": (
        _not_negative("price_amount", "compare_at_amount", "cost_amount"),
        _not_negative("weight_grams", high=_GRAMS),
        Words("status", ("active", "draft", "archived")),
    ),
    "customers": (_not_negative("order_count", high=_COUNT),),
    "discounts": (
        Bounds(("percentage",), 0, 100, "Nobody gives more than all of it."),
        _not_negative("amount"),
        _not_negative("usage_count", high=_COUNT),
        Words("discount_kind", ("percentage", "fixed_amount", "free_shipping")),
    ),
    "reviews": (Bounds(("rating",), 1, 5, "Stars are counted from one to five."),),
    "stock_on_hand": (_either_way("reserved_units", "inbound_units", "unsellable_units", high=10 * _UNITS),),
    "inventory_movements": (_either_way("quantity", high=_UNITS), Words("movement_kind", _MOVEMENTS)),
    "suppliers": (
        Bounds(("lead_time_days", "payment_days"), 0, 1_095, "Beyond three years a column has shifted."),
        _not_negative("minimum_order_amount"),
    ),
    "purchase_order_lines": (
        _not_negative("quantity", high=_UNITS),
        _not_negative("unit_cost"),
        Words("status", ("open", "partial", "received", "cancelled")),
    ),
    "receipts": (_not_negative("quantity", "damaged_quantity", high=_UNITS),),
    "product_costs": (_not_negative("unit_cost"),),
    "shipping_costs": (_either_way("amount"), _not_negative("weight_kg", high=_GRAMS)),
    "payouts": (_either_way("amount"),),
    "settlement_lines": (_either_way("amount"), Words("line_kind", _SETTLED)),
    "sales_traffic": (
        _not_negative("session_count", "page_view_count", "ordered_units", "order_item_count", high=_COUNT),
        Bounds(("featured_offer_pct",), 0, 100, "It is a share of page views."),
    ),
    "fx_rates": (Bounds(("rate",), 0, _MONEY, "Nobody pays for being rid of money."),),
    "events": (_not_negative("quantity", "result_count", high=_UNITS), Words("event_kind", _SEEN)),
    "ad_spend": (
        _not_negative("impression_count", "click_count", high=_COUNT),
        _not_negative("conversion_count"),
        _either_way("cost_amount"),
    ),
    "tickets": (
        Bounds(("satisfaction",), 1, 5, "Marks are given from one to five."),
        Words("status", ("open", "pending", "solved")),
        Words("priority", ("low", "normal", "high", "urgent")),
    ),
    "targets": (_not_negative("target_value", high=_COUNT),),
    "holidays": (Words("holiday_kind", ("public", "retail")),),
    "crawls": (
        _not_negative("visit_count", "fetched_count", "unchanged_count", "disallowed_count", high=_COUNT),
        _not_negative("failed_count", "pending_count", high=_COUNT),
        _not_negative("received_bytes", high=1_000 * _COUNT),
        Words("stop_reason", ("finished", "page_budget", "byte_budget", "time_budget", "failures", "robots")),
    ),
    "crawl_pages": (
        Bounds(("status_code",), 1, 999, "HTTP has no other."),
        _not_negative("byte_count", "offer_count", high=_COUNT),
        Words("outcome", _VISITED),
        Words("page_kind", ("robots", "sitemap", "listing", "product", "other")),
    ),
    "competitor_offers": (
        Bounds(
            ("price_amount", "list_price_amount", "low_price_amount", "high_price_amount"),
            0,
            10 * _MONEY,
            "Nobody is paid for buying; beyond ten billions, of whatever currency, digits have run together.",
        ),
        Bounds(("price_confidence",), 0, 1, "It is a probability."),
        Words("availability", ("in_stock", "limited", "out_of_stock", "preorder", "backorder", "discontinued")),
        Words("condition", ("new", "used", "refurbished")),
        Words("tax_note", ("included", "excluded")),
        Words("price_method", ("json_ld", "microdata", "rdfa", "opengraph", "script", "visible")),
    ),
    "match_decisions": (Words("decision", ("same", "different")),),
    "alert_acknowledgements": (Words("decision", ("acknowledged", "reopened")),),
}


def limits_of(stream: str) -> Iterator[Rule]:
    """The rules that a stream's limits make."""
    for limit in LIMITS.get(stream, ()):
        if isinstance(limit, Words):
            yield _words(limit)
            continue
        for column in limit.columns:
            yield _bounds(column, limit)


def _bounds(column: str, limit: Bounds) -> Rule:
    low, high = limit.low, limit.high
    return Rule(
        f"{column}_in_bounds",
        f"{column} is not negative and within bounds" if low == 0 else f"{column} is within bounds",
        "ExpectColumnValuesToBeBetween",
        {"min_value": low, "max_value": high},
        column,
        because=limit.because,
    )


def _words(limit: Words) -> Rule:
    return Rule(
        f"{limit.column}_is_known",
        f"{limit.column} is one of {', '.join(limit.allowed)}",
        "ExpectColumnValuesToBeInSet",
        {"value_set": list(limit.allowed)},
        limit.column,
        severity="warning",
        because="A word that is new shows as a state of its own until somebody says what it stands for.",
    )
