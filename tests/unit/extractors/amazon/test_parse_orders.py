"""Orders: who holds the tax, what has no price yet, and totals that add up."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.amazon import parse_orders
from extractors.api.connector import Parsing
from extractors.api.records import decode
from lakehouse.landing import RawFile


def _money(amount: str, currency: str = "GBP") -> dict[str, str]:
    return {"amount": amount, "currencyCode": currency}


def _item(
    number: str, total: str, parts: dict[str, str], units: int = 1, taxes: dict[str, str] | None = None
) -> dict[str, Any]:
    told: list[dict[str, Any]] = [{"type": kind, "subtotal": _money(amount)} for kind, amount in parts.items()]
    for one in told:
        if one["type"] == "TAX" and taxes:
            one["detailedBreakdowns"] = [{"subtype": kind, "value": _money(value)} for kind, value in taxes.items()]
    return {
        "orderItemId": number,
        "quantityOrdered": units,
        "product": {"asin": "B00", "sellerSku": f"SKU-{number}", "title": "A lamp"},
        "proceeds": {"proceedsTotal": _money(total), "breakdowns": told},
    }


def _order(items: list[dict[str, Any]], total: str | None, status: str = "SHIPPED", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    order: dict[str, Any] = {
        "orderId": "202-1",
        "createdTime": "2025-03-01T10:00:00Z",
        "lastUpdatedTime": "2025-03-02T10:00:00Z",
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": "A1F83G8C2ARO7P", "marketplaceName": "Amazon.co.uk"},
        "fulfillment": {"fulfillmentStatus": status},
        "orderItems": items,
    }
    return order | ({"proceeds": {"grandTotal": _money(total)}} if total else {}) | more


def _parsed(*orders: dict[str, Any]) -> Parsing:
    # As a page is decoded: numbers stay text.
    records = [
        ("page", number, json.loads(json.dumps(one), parse_int=str)) for number, one in enumerate(orders, start=1)
    ]
    return parse_orders.tables(decode(records, parse_orders.ORDER))


def _lines(parsed: Parsing) -> list[tuple[Any, ...]]:
    assert parsed.quarantined.is_empty(), parsed.quarantined
    columns = ("line_kind", "product_ref", "quantity", "unit_price", "discount_amount", "tax_amount")
    return parsed.tables["order_lines"].select(columns).rows()


_D = Decimal


@pytest.mark.parametrize(
    ("total", "parts"),
    [
        ("12.00", {"ITEM": "10.00", "TAX": "2.00"}),  # added to it
        ("12.00", {"ITEM": "12.00", "TAX": "2.00"}),  # within it
    ],
)
def test_the_total_of_an_item_tells_whether_its_parts_hold_the_tax(total: str, parts: dict[str, str]) -> None:
    assert _lines(_parsed(_order([_item("1", total, parts)], total))) == [
        ("product", "SKU-1", 1, _D("10.0000"), _D("0.0000"), _D("2.0000"))
    ]


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_discount_takes_off_whatever_its_sign(sign: str) -> None:
    parts = {"ITEM": "20.00", "DISCOUNT": f"{sign}5.00", "TAX": "3.00"}
    assert _lines(_parsed(_order([_item("1", "18.00", parts, units=2)], "18.00"))) == [
        ("product", "SKU-1", 2, _D("10.0000"), _D("5.0000"), _D("3.0000"))
    ]


def test_taxes_are_taken_from_what_they_are_on() -> None:
    parts = {"ITEM": "24.00", "SHIPPING": "6.00", "DISCOUNT": "-12.00", "TAX": "3.00"}
    item = _item("1", "18.00", parts, taxes={"ITEM": "4.00", "SHIPPING": "1.00", "DISCOUNT": "-2.00"})
    assert _lines(_parsed(_order([item], "18.00"))) == [
        ("product", "SKU-1", 1, _D("20.0000"), _D("10.0000"), _D("2.0000")),
        ("shipping", "SHIPPING", 1, _D("5.0000"), None, _D("1.0000")),
    ]


def test_an_untold_tax_is_unknown_and_not_nothing() -> None:
    """Amazon's own samples for the United Kingdom and Japan tell none."""
    parsed = _parsed(_order([_item("1", "34.99", {"ITEM": "34.99"})], "34.99"))
    assert _lines(parsed) == [("product", "SKU-1", 1, _D("34.9900"), _D("0.0000"), None)]
    assert parsed.tables["orders"]["tax_amount"].to_list() == [None]


def test_quirk_a_pending_order_has_no_price_and_null_is_not_0() -> None:
    item = {"orderItemId": "1", "quantityOrdered": 2, "product": {"sellerSku": "SKU-1"}}
    parsed = _parsed(_order([item], None, "PENDING"))
    order = parsed.tables["orders"].row(0, named=True)
    assert (order["total_amount"], order["tax_amount"], order["subtotal_amount"]) == (None, None, None)
    assert (order["status"], order["payment_status"], order["currency_code"]) == ("open", "pending", "GBP")
    assert parsed.tables["order_lines"].is_empty()
    assert parsed.quarantined.is_empty()


def test_a_cancelled_order_keeps_its_row_and_its_reason() -> None:
    item = {
        "orderItemId": "1",
        "quantityOrdered": 0,
        "product": {"sellerSku": "SKU-1"},
        "cancellation": {"cancellationExecution": {"cancelledBy": "BUYER", "cancelReason": "CHANGED_MIND"}},
    }
    order = _parsed(_order([item], None, "CANCELLED")).tables["orders"].row(0, named=True)
    assert (order["status"], order["cancel_reason"]) == ("cancelled", "CHANGED_MIND")
    assert str(order["cancelled_at"]) == "2025-03-02 10:00:00"


def test_quirk_9_what_the_allocation_of_a_discount_leaves_is_a_rounding_line() -> None:
    items = [
        _item("1", "5.21", {"ITEM": "10.00", "DISCOUNT": "-4.79"}),
        _item("2", "5.21", {"ITEM": "10.00", "DISCOUNT": "-4.79"}),
    ]
    assert _lines(_parsed(_order(items, "10.41")))[2:] == [("rounding", "ROUNDING", 1, _D("-0.0100"), None, None)]


def test_more_than_a_rounding_is_not_called_one() -> None:
    lines = _lines(_parsed(_order([_item("1", "10.00", {"ITEM": "10.00"})], "25.00")))
    assert lines[1] == ("manual", "ROUNDING", 1, _D("15.0000"), None, None)


def test_a_price_of_one_of_three_is_rounded_and_its_order_is_not() -> None:
    lines = _lines(_parsed(_order([_item("1", "10.00", {"ITEM": "10.00"}, units=3)], "10.00")))
    assert [one[3] for one in lines] == [_D("3.3333"), _D("0.0001")]


def test_quirk_13_moments_in_powers_of_ten() -> None:
    """`1.569521782042E9` stands in Amazon's own sample for orders v0."""
    order = _order([], None, "PENDING", createdTime="1.569521782042E9")
    assert str(_parsed(order).tables["orders"]["occurred_at"][0]) == "2019-09-26 18:16:22.042000"


@pytest.mark.parametrize("amount", ["12,00", "free", "1e400"])
def test_an_amount_that_is_none_is_quarantined_with_its_order(amount: str) -> None:
    good = _order([_item("1", "1.00", {"ITEM": "1.00"})], "1.00", orderId="202-2")
    parsed = _parsed(_order([_item("1", "12.00", {"ITEM": amount})], "12.00"), good)
    assert parsed.quarantined["source_row"].to_list() == [1]
    assert parsed.tables["orders"]["order_ref"].to_list() == ["202-2"]
    assert amount not in parsed.quarantined["reason"][0]


@pytest.mark.parametrize(
    "broken",
    [
        {"orderId": None},
        {"lastUpdatedTime": "yesterday"},
        {"orderItems": "none"},
        {"orderItems": [{"orderItemId": "1"}]},
    ],
)
def test_records_of_another_shape_are_quarantined(broken: dict[str, Any]) -> None:
    parsed = _parsed(_order([], None, "PENDING") | broken)
    assert parsed.quarantined.height == 1
    assert parsed.received == 1


def test_a_page_that_is_no_json_is_one_bad_record(tmp_path: Path) -> None:
    path = tmp_path / "orders.json"
    path.write_text('{"orders": [{"orderId": "1", ')
    (parsed,) = parse_orders.parse([RawFile("orders.json", path)])
    assert (parsed.received, parsed.quarantined.height) == (1, 1)


def test_what_no_shape_names_is_left_alone() -> None:
    parsed = _parsed(_order([_item("1", "1.00", {"ITEM": "1.00"})], "1.00", surprise={"level": 1}))
    assert parsed.quarantined.is_empty()


def test_of_an_order_that_came_twice_the_later_one_counts() -> None:
    parsed = _parsed(_order([], None, "PENDING"), _order([], None, "PENDING"))
    assert (parsed.received, parsed.deduplicated, parsed.tables["orders"].height) == (2, 1, 1)


_PRICES = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 99_999), st.integers(0, 900)), min_size=1, max_size=4)


@settings(max_examples=5)  # of thirty orders each: a table costs the same, however long
@given(st.lists(st.tuples(_PRICES, st.integers(-3, 3), st.booleans()), min_size=30, max_size=30))
def test_lines_add_up_to_the_total_whatever_the_prices(
    made: list[tuple[list[tuple[int, int, int]], int, bool]],
) -> None:
    orders, due = [], {}
    for number, (prices, rest, holds_tax) in enumerate(made):
        items, total, taxes = _priced(prices, holds_tax=holds_tax)
        orders.append(_order(items, _text(total + rest), orderId=f"202-{number:02d}"))
        due[f"202-{number:02d}"] = Decimal(total + rest - taxes) / 100
    parsed = _parsed(*orders)
    assert parsed.quarantined.is_empty()
    lines = parsed.tables["order_lines"]
    net = pl.col("quantity") * pl.col("unit_price") - pl.col("discount_amount").fill_null(0)
    assert dict(lines.group_by("order_ref").agg(net.sum()).iter_rows()) == due
    assert (lines.filter(pl.col("line_kind") == "product")["quantity"] > 0).all()


def _priced(prices: list[tuple[int, int, int]], *, holds_tax: bool) -> tuple[list[dict[str, Any]], int, int]:
    """Items, what they come to, and the taxes in that."""
    items, total, taxes = [], 0, 0
    for number, (units, price, off) in enumerate(prices):
        gross, discount = units * price, min(off, units * price - 1)
        tax = (gross - discount) // 6
        parts = {"ITEM": _text(gross - (0 if holds_tax else tax)), "DISCOUNT": _text(-discount), "TAX": _text(tax)}
        items.append(_item(str(number), _text(gross - discount), parts, units=units))
        total, taxes = total + gross - discount, taxes + tax
    return items, total, taxes


def _text(minor: int) -> str:
    return str(Decimal(minor) / 100)
