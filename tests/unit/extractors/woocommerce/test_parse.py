"""Records as the documentation shows them, and what becomes of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from extractors.api.connector import Parsing
from extractors.api.rows import merged
from extractors.woocommerce.parse import parse
from lakehouse.landing import RawFile
from lakehouse.streams import stream

ASKED = "2025-06-02T08:00:00+00:00"

ITEM: dict[str, Any] = {
    "id": 315,
    "name": "Woo Single #1",
    "product_id": 93,
    "variation_id": 0,
    "quantity": 2,
    "tax_class": "",
    "subtotal": "6.00",
    "subtotal_tax": "0.45",
    "total": "6.00",
    "total_tax": "0.45",
    "taxes": [{"id": 75, "total": "0.45", "subtotal": "0.45"}],
    "meta_data": [],
    "sku": "WOO-1",
    "price": 3,
}
# After the example in https://developer.woocommerce.com/docs/apis/rest-api/v3/orders/
ORDER: dict[str, Any] = {
    "id": 727,
    "parent_id": 0,
    "number": "727",
    "created_via": "rest-api",
    "version": "3.0.0",
    "status": "processing",
    "currency": "USD",
    "date_created": "2017-03-22T16:28:02",
    "date_created_gmt": "2017-03-22T19:28:02",
    "date_modified": "2017-03-22T16:28:08",
    "date_modified_gmt": "2017-03-22T19:28:08",
    "discount_total": "0.00",
    "discount_tax": "0.00",
    "shipping_total": "10.00",
    "shipping_tax": "0.00",
    "cart_tax": "1.35",
    "total": "29.35",
    "total_tax": "1.35",
    "prices_include_tax": False,
    "customer_id": 0,
    "billing": {"first_name": "John", "email": " John.Doe@Example.com ", "country": "US"},
    "shipping": {"country": "US"},
    "payment_method": "bacs",
    "date_paid": "2017-03-22T16:28:08",
    "date_paid_gmt": "2017-03-22T19:28:08",
    "meta_data": [{"id": 13106, "key": "_download_permissions_granted", "value": "yes"}],
    "line_items": [
        ITEM,
        {
            **ITEM,
            "id": 316,
            "name": "Ship Your Idea",
            "product_id": 22,
            "variation_id": 23,
            "quantity": 1,
            "subtotal": "12.00",
            "total": "12.00",
            "total_tax": "0.90",
            "sku": "Bar3",
            "meta_data": [{"id": 2095, "key": "pa_color", "value": "black"}],
        },
    ],
    "tax_lines": [],
    "shipping_lines": [
        {"id": 317, "method_title": "Flat Rate", "method_id": "flat_rate", "total": "10.00", "total_tax": "0.00",
         "taxes": [], "meta_data": []}
    ],
    "fee_lines": [],
    "coupon_lines": [],
    "refunds": [],
}  # fmt: skip
# After the example in https://developer.woocommerce.com/docs/apis/rest-api/v3/order-refunds/
REFUND: dict[str, Any] = {
    "id": 724,
    "parent_id": 723,
    "date_created": "2017-03-21T16:55:37",
    "date_created_gmt": "2017-03-21T19:55:37",
    "amount": "9.00",
    "reason": "",
    "refunded_by": 1,
    "refunded_payment": False,
    "meta_data": [],
    "line_items": [
        {
            **ITEM,
            "id": 314,
            "name": "Woo Album #2",
            "product_id": 87,
            "quantity": -1,
            "subtotal": "-9.00",
            "total": "-9.00",
            "total_tax": "0.00",
            "meta_data": [{"id": 2076, "key": "_refunded_item_id", "value": "311"}],
            "sku": "",
            "price": -9,
        }
    ],
    "shipping_lines": [],
    "fee_lines": [],
}
PARENT = {"id": 723, "currency": "USD", "customer_id": 26, "billing": {"country": "US"}}


class Reading:
    """Pages written to files, read by the parser."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts: list[RawFile] = []

    def page(self, kind: str, body: object, **meta: str) -> Reading:
        path = self._folder / f"{len(self._parts)}.json"
        path.write_bytes(body if isinstance(body, bytes) else json.dumps(body).encode())
        name = f"{kind}-{len(self._parts) + 1:05d}.json"
        self._parts.append(RawFile(name, path, {"kind": kind, "asked_at": ASKED, **meta}))
        return self

    def read(self, gift_card_sku: str | None = None) -> Parsing:
        whole = merged(list(parse(self._parts, gift_card_sku=gift_card_sku)))
        for name, rows in whole.tables.items():
            assert rows.schema == stream(name).versioned_schema
        return whole


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    return Reading(tmp_path)


def changed(record: Mapping[str, Any], **more: object) -> dict[str, Any]:
    return {**deepcopy(dict(record)), **more}


def at(*parts: int) -> datetime:
    """Naive UTC, as instants are landed."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[arg-type,misc]


def only(rows: pl.DataFrame) -> dict[str, Any]:
    assert rows.height == 1
    return rows.row(0, named=True)


def test_the_documented_order(reading: Reading) -> None:
    told = reading.page("orders", [ORDER]).read()
    order = only(told.tables["orders"])
    assert order["record_ref"] == order["order_ref"] == "727"
    assert order["version_at"] == at(2017, 3, 22, 19, 28, 8)
    assert order["occurred_at"] == at(2017, 3, 22, 19, 28, 2)
    assert (order["status"], order["payment_status"], order["fulfilment_status"]) == ("open", "paid", "unfulfilled")
    assert (order["total_amount"], order["tax_amount"]) == (Decimal("29.35"), Decimal("1.35"))
    assert (order["subtotal_amount"], order["shipping_amount"]) == (Decimal("18.00"), Decimal("10.00"))
    assert order["email_ref"] == "john.doe@example.com"
    assert order["is_test"] is False
    lines = told.tables["order_lines"]
    assert lines["line_kind"].to_list() == ["product", "product", "shipping"]
    assert lines["product_ref"].to_list() == ["WOO-1", "Bar3", "SHIPPING/flat_rate"]
    assert lines["unit_price"].to_list() == [Decimal(3), Decimal(12), Decimal(10)]
    assert lines["quantity"].to_list() == [2, 1, 1]
    assert (told.received, told.deduplicated, told.quarantined.height) == (1, 0, 0)


def test_quirk_11_a_guest_is_customer_0_and_products_may_be_gone(reading: Reading) -> None:
    gone = {**ITEM, "product_id": 0, "sku": None}
    deleted = {**ITEM, "id": 400, "sku": None}
    told = reading.page("orders", [ORDER, changed(ORDER, id=728, customer_id=26, line_items=[gone, deleted])]).read()
    assert told.tables["orders"]["customer_ref"].to_list() == [None, "26"]
    lines = told.tables["order_lines"].filter(pl.col("order_ref") == "728", pl.col("line_kind") != "shipping")
    refs = dict(lines.select("product_ref", "line_kind").iter_rows())
    assert refs["MANUAL/Woo Single #1"] == "manual"
    assert refs["id:93"] == "product"


def test_quirk_08_tax_is_taken_out_by_the_lines_own_tax(reading: Reading) -> None:
    item = {**ITEM, "quantity": 3, "subtotal": "16.81", "subtotal_tax": "3.19", "total": "16.81", "total_tax": "3.19"}
    order = changed(
        ORDER, prices_include_tax=True, line_items=[item], shipping_lines=[], shipping_total="0.00",
        total="20.00", total_tax="3.19",
    )  # fmt: skip
    told = reading.page("orders", [order]).read()
    line = only(told.tables["order_lines"])
    assert line["unit_price"] == Decimal("5.6033")
    assert line["tax_amount"] == Decimal("3.19")
    assert only(told.tables["orders"])["subtotal_amount"] == Decimal("20.00")


def test_quirk_09_what_the_lines_lack_is_an_explicit_line(reading: Reading) -> None:
    item = {**ITEM, "quantity": 1, "subtotal": "15.00", "total": "0.62", "total_tax": "0.00"}
    coupon = {"id": 5, "code": "fifteen", "discount": "15.00", "discount_tax": "0.00", "discount_type": "fixed_cart"}
    order = changed(
        ORDER, line_items=[item], coupon_lines=[coupon], discount_total="15.00", shipping_lines=[],
        shipping_total="0.00", total="0.00", total_tax="0.00",
    )  # fmt: skip
    told = reading.page("orders", [order]).read()
    goods, rest = told.tables["order_lines"].iter_rows(named=True)
    assert (goods["discount_amount"], goods["unit_price"]) == (Decimal("14.38"), Decimal("15.00"))
    assert (rest["line_kind"], rest["quantity"], rest["unit_price"]) == ("rounding", -1, Decimal("0.62"))
    discount = only(told.tables["order_discounts"])
    assert (discount["discount_code"], discount["discount_kind"]) == ("fifteen", "fixed_amount")
    assert discount["discount_amount"] == Decimal(15)


def test_quirk_10_trial_orders_are_marked(reading: Reading) -> None:
    trial = changed(ORDER, meta_data=[{"id": 1, "key": "_wcpay_mode", "value": "test"}])
    real = changed(ORDER, id=728, meta_data=[{"id": 1, "key": "_wcpay_mode", "value": "prod"}])
    assert reading.page("orders", [trial, real]).read().tables["orders"]["is_test"].to_list() == [True, False]


@pytest.mark.parametrize(
    ("status", "date_paid", "refunds", "expected"),
    [
        ("pending", None, [], ("open", "pending", "unfulfilled")),
        ("on-hold", None, [], ("open", "pending", "unfulfilled")),
        ("completed", None, [], ("completed", "paid", "fulfilled")),
        ("cancelled", None, [], ("cancelled", "voided", None)),
        ("failed", None, [], ("cancelled", "voided", None)),
        (
            "processing",
            "2017-03-22T19:28:08",
            [{"id": 1, "total": "-5.00"}],
            ("open", "partially_refunded", "unfulfilled"),
        ),
        ("refunded", "2017-03-22T19:28:08", [{"id": 1, "total": "-29.35"}], ("completed", "refunded", "unfulfilled")),
        ("awaiting-pickup", "2017-03-22T19:28:08", [], ("open", "paid", "unfulfilled")),
    ],
)
def test_states(
    reading: Reading,
    status: str,
    date_paid: str | None,
    refunds: list[dict[str, Any]],
    expected: tuple[str | None, ...],
) -> None:
    order = only(
        reading.page("orders", [changed(ORDER, status=status, date_paid_gmt=date_paid, refunds=refunds)])
        .read()
        .tables["orders"]
    )
    assert (order["status"], order["payment_status"], order["fulfilment_status"]) == expected
    assert order["source_status"] == status
    assert (order["cancelled_at"] is not None) == (expected[0] == "cancelled")


def test_quirk_12_gift_cards_and_bundles_do_not_count_twice(reading: Reading) -> None:
    card = {**ITEM, "id": 1, "meta_data": [{"key": "pw_gift_card_amount", "value": "50"}]}
    other = {**ITEM, "id": 2, "sku": "GC-25"}
    bundle = {**ITEM, "id": 3, "sku": "SET", "meta_data": [{"key": "_bundled_items", "value": ["a", "b"]}]}
    part = {
        **ITEM,
        "id": 4,
        "sku": "CUP",
        "meta_data": [{"key": "_bundled_by", "value": "x"}],
        "total": "0",
        "subtotal": "0",
    }
    order = changed(ORDER, line_items=[card, other, bundle, part], shipping_lines=[])
    lines = reading.page("orders", [order]).read(gift_card_sku="GC-[0-9]+").tables["order_lines"]
    kinds = lines.filter(pl.col("line_kind") != "rounding")["line_kind"].to_list()
    assert kinds == ["gift_voucher", "gift_voucher", "manual", "product"]


def test_a_negative_fee_is_a_discount_and_a_raised_price_no_negative_one(reading: Reading) -> None:
    fees = [
        {"id": 8, "name": "Loyalty", "total": "-2.00", "total_tax": "-0.38"},
        {"id": 9, "name": "Gift wrap", "total": "3.00", "total_tax": "0.57"},
    ]
    raised = {**ITEM, "quantity": 1, "subtotal": "6.00", "total": "7.00"}
    lines = reading.page("orders", [changed(ORDER, fee_lines=fees, line_items=[raised])]).read().tables["order_lines"]
    told = {row["order_line_ref"]: row for row in lines.iter_rows(named=True)}
    assert (told["8"]["line_kind"], told["8"]["quantity"], told["8"]["unit_price"]) == ("discount", -1, Decimal(2))
    assert (told["9"]["line_kind"], told["9"]["product_ref"]) == ("fee", "FEE/Gift wrap")
    assert (told["315"]["unit_price"], told["315"]["discount_amount"]) == (Decimal(7), Decimal(0))


def noted(key: str, value: object) -> list[dict[str, Any]]:
    return [{"id": 1, "key": "_wcpay_mode", "value": "prod"}, {"id": 2, "key": key, "value": value}]


def test_a_paid_order_is_a_payment(reading: Reading) -> None:
    payment = only(reading.page("orders", [ORDER]).read().tables["payments"])
    assert (payment["payment_ref"], payment["gateway"], payment["payment_kind"]) == ("727-paid", "bacs", "sale")
    assert (payment["amount"], payment["currency_code"]) == (Decimal("29.35"), "USD")
    assert payment["occurred_at"] == at(2017, 3, 22, 19, 28, 8)
    assert payment["fee_amount"] is None  # not told, which is not nothing


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("_stripe_fee", "1.15"),
        ("_wcpay_transaction_fee", 1.15),
        ("PayPal Transaction Fee", "1.15"),
        ("_ppcp_paypal_fees", {"paypal_fee": {"currency_code": "USD", "value": "1.15"}, "net_amount": {"value": "9"}}),
    ],
)
def test_what_the_gateway_kept_is_what_its_plugin_noted(reading: Reading, key: str, value: object) -> None:
    order = changed(ORDER, transaction_id="ch_3Ab", meta_data=noted(key, value))
    payment = only(reading.page("orders", [order]).read().tables["payments"])
    assert (payment["payment_ref"], payment["fee_amount"]) == ("ch_3Ab", Decimal("1.15"))


def test_an_order_without_payment_moves_nothing(reading: Reading) -> None:
    unpaid = changed(ORDER, status="on-hold", date_paid_gmt=None, date_paid=None)
    free = changed(ORDER, id=728, total="0.00", line_items=[], shipping_lines=[], total_tax="0.00")
    assert reading.page("orders", [unpaid, free]).read().tables["payments"].is_empty()


def test_a_refund_is_a_payment_back(reading: Reading) -> None:
    told = reading.page("parents", [{**PARENT, "payment_method": "stripe"}]).page("refunds", [REFUND]).read()
    payment = only(told.tables["payments"])
    assert (payment["payment_ref"], payment["order_ref"], payment["gateway"]) == ("refund-724", "723", "stripe")
    assert (payment["payment_kind"], payment["amount"]) == ("refund", Decimal("9.00"))


def test_quirk_05_the_documented_refund(reading: Reading) -> None:
    told = reading.page("parents", [PARENT]).page("refunds", [REFUND]).read()
    refund = only(told.tables["refunds"])
    assert (refund["refund_ref"], refund["order_ref"], refund["amount"]) == ("724", "723", Decimal(9))
    assert refund["currency_code"] == "USD"
    line = only(told.tables["order_lines"])
    assert (line["quantity"], line["unit_price"], line["credits_line_ref"]) == (-1, Decimal(9), "311")
    assert (line["order_ref"], line["product_ref"], line["customer_ref"]) == ("723", "id:87", "26")
    assert line["occurred_at"] == at(2017, 3, 21, 19, 55, 37)
    assert (told.received, told.quarantined.height) == (1, 0)


def test_quirk_05_a_refund_without_lines_is_goodwill(reading: Reading) -> None:
    told = reading.page("parents", [PARENT]).page("refunds", [changed(REFUND, line_items=[], reason="sorry")]).read()
    line = only(told.tables["order_lines"])
    assert (line["line_kind"], line["quantity"], line["unit_price"]) == ("goodwill", -1, Decimal(9))
    assert line["product_title"] == "sorry"


def test_quirk_05_money_given_back_for_no_units_and_beyond_the_lines(reading: Reading) -> None:
    item = {**REFUND["line_items"][0], "quantity": 0, "subtotal": "-4.00", "total": "-4.00", "total_tax": "-0.76"}
    carriage = {"id": 318, "method_id": "flat_rate", "total": "-2.00", "total_tax": "-0.38", "meta_data": []}
    refund = changed(REFUND, line_items=[item], shipping_lines=[carriage], amount="9.00")
    told = reading.page("parents", [PARENT]).page("refunds", [refund]).read()
    head = only(told.tables["refunds"])
    assert (head["tax_amount"], head["shipping_amount"]) == (Decimal("1.14"), Decimal(2))
    lines = told.tables["order_lines"]
    assert lines["line_kind"].to_list() == ["goodwill", "shipping", "goodwill"]
    assert lines["quantity"].to_list() == [-1, -1, -1]
    assert lines["unit_price"].to_list() == [Decimal(4), Decimal(2), Decimal("1.86")]


def test_a_refund_of_an_order_without_its_currency_is_set_aside(reading: Reading) -> None:
    told = reading.page("parents", []).page("refunds", [REFUND]).read()
    assert told.tables["refunds"].is_empty()
    assert told.tables["order_lines"].is_empty()
    assert only(told.quarantined)["column_name"] == "currency_code"


def test_refunds_of_an_older_shop_are_named_by_their_list(reading: Reading) -> None:
    refund = changed(REFUND)
    del refund["parent_id"]
    told = reading.page("parents", [PARENT]).page("refunds", [refund], parent="723").read()
    assert only(told.tables["refunds"])["order_ref"] == "723"


def test_overlapping_pages_count_once(reading: Reading) -> None:
    told = (
        reading.page("orders", [ORDER, changed(ORDER, id=728)]).page("orders", [ORDER, changed(ORDER, id=729)]).read()
    )
    assert (told.received, told.deduplicated) == (4, 1)
    assert told.tables["orders"]["order_ref"].to_list() == ["727", "728", "729"]


def test_quirk_06_amounts_are_never_floats(reading: Reading) -> None:
    body = json.dumps([changed(ORDER, total=0)]).replace('"total": 0,', '"total": 90071992547.4093,', 1).encode()
    assert only(reading.page("orders", body).read().tables["orders"])["total_amount"] == Decimal("90071992547.4093")


@pytest.mark.parametrize(
    ("broken", "column"),
    [
        ({"total": "free"}, "total_amount"),
        ({"date_created_gmt": "yesterday"}, "occurred_at"),
        ({"line_items": [{**ITEM, "total": "x"}]}, "unit_price"),
        ({"line_items": [{**ITEM, "quantity": "many"}]}, "quantity"),
        ({"line_items": None}, ""),
        ({"total": ["1.00"]}, "total"),
    ],
)
def test_a_broken_record_is_set_aside_whole(reading: Reading, broken: dict[str, Any], column: str) -> None:
    told = reading.page("orders", [changed(ORDER, **broken), changed(ORDER, id=728)]).read()
    if broken == {"line_items": None}:  # null: an order without lines is an order all the same
        assert told.tables["orders"].height == 2
        return
    assert told.tables["orders"]["order_ref"].to_list() == ["728"]
    assert set(told.tables["order_lines"]["order_ref"]) == {"728"}
    failure = only(told.quarantined)
    assert failure["column_name"] == column
    assert "free" not in failure["reason"]


def test_products_variations_and_their_stock(reading: Reading) -> None:
    simple = {
        "id": 10, "name": "Mug", "type": "simple", "status": "publish", "date_created_gmt": "2025-01-02T03:04:05",
        "date_modified_gmt": "2025-01-02T03:04:05", "sku": "MUG", "price": "9.50", "regular_price": "12.00",
        "manage_stock": True, "stock_quantity": 7, "weight": "1.5", "categories": [{"name": "Cups"}, {"name": "New"}],
        "brands": [{"name": "Nord"}], "attributes": [], "meta_data": [], "parent_id": 0,
    }  # fmt: skip
    variable = {**simple, "id": 20, "type": "variable", "name": "Shirt", "status": "private", "sku": "", "price": ""}
    variation = {
        "id": 21, "parent_id": 20, "status": "publish", "date_created_gmt": "2025-01-02T03:04:05", "sku": "",
        "price": "20.00", "regular_price": "20.00", "manage_stock": "parent", "stock_quantity": 3, "weight": "",
        "attributes": [{"id": 0, "name": "Size", "option": "L"}, {"id": 0, "name": "Colour", "option": "Red"}],
        "meta_data": [],
    }  # fmt: skip
    settings = [{"id": "woocommerce_currency", "value": "JPY"}, {"id": "woocommerce_weight_unit", "value": "lbs"}]
    told = (
        reading.page("settings", settings).page("products", [simple, variable]).page("variations", [variation]).read()
    )
    mug, shirt = told.tables["products"].sort("record_ref").iter_rows(named=True)
    assert (mug["price_amount"], mug["compare_at_amount"], mug["currency_code"]) == (
        Decimal("9.50"),
        Decimal(12),
        "JPY",
    )
    assert (mug["weight_grams"], mug["category"], mug["brand"], mug["status"]) == (680, "Cups, New", "Nord", "active")
    assert (shirt["product_ref"], shirt["product_title"], shirt["variant_title"]) == ("id:21", "Shirt", "L / Red")
    assert (shirt["product_group_ref"], shirt["category"], shirt["status"]) == ("20", "Cups, New", "archived")
    stock = only(told.tables["stock_on_hand"])  # stock that is kept with the parent is not the variation's
    assert (stock["product_ref"], stock["on_hand_units"], stock["occurred_at"]) == ("MUG", 7, at(2025, 6, 2, 8))
    assert told.received == 2


def test_deletions_are_what_the_shop_confirms(reading: Reading) -> None:
    gone = {"code": "woocommerce_rest_shop_order_invalid_id", "message": "Invalid ID.", "data": {"status": 404}}
    told = (
        reading.page("listing", [{"id": 1, "status": "completed"}])
        .page("asked", gone, record="7", status="404")
        .page("asked", {"id": 8, "status": "trash"}, record="8", status="200")
        .page("asked", {"id": 9, "status": "checkout-draft"}, record="9", status="200")
        .read()
    )
    rows = told.tables["deletions"].select("record_ref", "entity", "deletion_kind").rows()
    assert rows == [("7", "orders", "deleted"), ("8", "orders", "trashed")]
    assert told.received == 2
