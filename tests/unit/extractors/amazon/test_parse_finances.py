"""Transactions: what the customer gets back, what Amazon keeps, and what is told twice."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from extractors.amazon import parse_finances
from extractors.api.connector import Parsing
from extractors.api.records import decode

_D = Decimal


def _node(kind: str, amount: float, parts: list[dict[str, Any]] | None = None, currency: str = "SEK") -> dict[str, Any]:
    node = {"breakdownType": kind, "breakdownAmount": {"currencyAmount": amount, "currencyCode": currency}}
    return node | {"breakdowns": parts}


def _item(groups: list[dict[str, Any]], units: int | None = 1, sku: str | None = "SKU-1") -> dict[str, Any]:
    context = {"contextType": "ProductContext", "sku": sku, "quantityShipped": units}
    return {"description": "A tablet", "breakdowns": groups, "contexts": [context]}


def _transaction(kind: str, total: float, items: list[dict[str, Any]] | None, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    named = {"ORDER_ID": "931-1"} | more.pop("related", {})
    return {
        "transactionType": kind,
        "transactionId": "t-1",
        "transactionStatus": "RELEASED",
        "relatedIdentifiers": [
            {"relatedIdentifierName": name, "relatedIdentifierValue": one} for name, one in named.items()
        ],
        "totalAmount": {"currencyAmount": total, "currencyCode": "SEK"},
        "description": "Refund Order",
        "postedDate": "2024-01-18T12:45:47Z",
        "items": items,
        "breakdowns": [],
        **more,
    }


def _parsed(*transactions: dict[str, Any]) -> Parsing:
    records = [
        ("page", number, json.loads(json.dumps(one), parse_int=str, parse_float=str))
        for number, one in enumerate(transactions, start=1)
    ]
    parsed = parse_finances.tables(decode(records, parse_finances.TRANSACTION))
    assert parsed.quarantined.is_empty(), parsed.quarantined
    return parsed


_SHIPMENT = [
    _node("Tax", 89.8, [_node("OurPriceTax", 80, []), _node("ShippingTax", 9.8, [])]),
    _node("ProductCharges", 320, [_node("OurPricePrincipal", 320, [])]),
    _node("Shipping", 39.2, [_node("ShippingPrincipal", 39.2, [])]),
    _node(
        "AmazonFees",
        -154.54,
        [
            _node("FBAPerUnitFulfillmentFee", -45.54, [_node("Base", -36.43), _node("Tax", -9.11)]),
            _node("Commission", -60, [_node("Base", -60)]),
            _node("ShippingChargeback", -49, [_node("Base", -39.2), _node("Tax", -9.8)]),
        ],
    ),
]


def test_a_shipment_as_sellers_have_published_one() -> None:
    """Fees are split once more, into base and tax: those parts must not count again."""
    parsed = _parsed(_transaction("Shipment", 294.46, [_item(_SHIPMENT)]))
    lines = parsed.tables["settlement_lines"]
    assert lines.select("line_kind", "amount").rows() == [
        ("tax", _D("80.0000")), ("tax", _D("9.8000")), ("sale", _D("320.0000")), ("shipping", _D("39.2000")),
        ("fee", _D("-45.5400")), ("fee", _D("-60.0000")), ("fee", _D("-49.0000")),
    ]  # fmt: skip
    assert lines["amount"].sum() == _D("294.46")
    assert lines["source_kind"][4] == "Shipment > AmazonFees > FBAPerUnitFulfillmentFee"
    assert parsed.tables["refunds"].is_empty()
    assert parsed.tables["order_lines"].is_empty()


_REFUND = [
    _node("Tax", -90, [_node("OurPriceTax", -80, []), _node("ShippingTax", -10, [])]),
    _node("ProductCharges", -320, [_node("OurPricePrincipal", -320, [])]),
    _node("Shipping", -40, [_node("ShippingPrincipal", -40, [])]),
    _node("AmazonFees", 48, [_node("Commission", 60, []), _node("RefundCommission", -12, [])]),
]


def test_quirk_5_fees_are_no_part_of_what_the_customer_gets_back() -> None:
    related = {"REFUND_ID": "r-1"}
    parsed = _parsed(_transaction("Refund", -402.0, [_item(_REFUND, units=2)], related=related))
    (refund,) = parsed.tables["refunds"].rows(named=True)
    assert (refund["refund_ref"], refund["amount"], refund["tax_amount"], refund["shipping_amount"]) == (
        "r-1", _D("450.0000"), _D("90.0000"), _D("40.0000"),
    )  # fmt: skip
    lines = parsed.tables["order_lines"]
    assert lines.select("line_kind", "product_ref", "quantity", "unit_price", "tax_amount").rows() == [
        ("product", "SKU-1", -2, _D("160.0000"), _D("-80.0000")),
        ("shipping", "SHIPPING", -1, _D("40.0000"), _D("-10.0000")),
    ]
    kinds = parsed.tables["settlement_lines"]["line_kind"].to_list()
    assert kinds == ["tax", "tax", "refund", "shipping", "fee", "fee"]


def test_a_refund_without_items_is_goodwill() -> None:
    sides = [_node("Expenses", -25, [_node("ProductCharges", -20), _node("Tax", -5)])]
    parsed = _parsed(_transaction("Refund", -25, [], breakdowns=sides))
    assert parsed.tables["refunds"]["amount"].to_list() == [_D("25.0000")]
    lines = parsed.tables["order_lines"]
    assert lines.select("line_kind", "product_ref", "quantity", "unit_price", "tax_amount").rows() == [
        ("goodwill", "GOODWILL", -1, _D("20.0000"), _D("-5.0000"))
    ]


def test_a_refund_of_money_alone_takes_back_no_goods() -> None:
    groups = [_node("ProductCharges", -10, [_node("OurPricePrincipal", -10, [])])]
    parsed = _parsed(_transaction("Refund", -10, [_item(groups, units=0)]))
    assert parsed.tables["order_lines"].select("line_kind", "product_ref", "quantity").rows() == [
        ("goodwill", "SKU-1", -1)
    ]


def test_a_released_transaction_that_was_deferred_is_told_twice_and_counts_once() -> None:
    held = _transaction("Shipment", 294.46, [_item(_SHIPMENT)], transactionStatus="DEFERRED_RELEASED")
    freed = _transaction(
        "Shipment", 294.46, [_item(_SHIPMENT)], transactionId="t-2", related={"DEFERRED_TRANSACTION_ID": "t-1"}
    )
    parsed = _parsed(held, freed)
    assert (parsed.received, parsed.deduplicated) == (2, 1)
    assert parsed.tables["settlement_lines"]["amount"].sum() == _D("294.46")


def test_breakdowns_may_stand_at_the_transaction_alone() -> None:
    """https://github.com/amzn/selling-partner-api-models/issues/4993"""
    sides = [_node("Sales", 6.22, [_node("FBAInventoryReimbursement", 6.22)])]
    item = {"description": "Zebra", "breakdowns": None, "contexts": None}
    parsed = _parsed(_transaction("FBAInventoryReimbursement", 6.22, [item], related={}, breakdowns=sides))
    assert parsed.tables["settlement_lines"].select("line_kind", "amount").rows() == [("adjustment", _D("6.2200"))]


def test_what_breakdowns_leave_of_a_total_stands_by_itself() -> None:
    """https://github.com/amzn/selling-partner-api-models/issues/4237"""
    groups = [_node("StorageBillingFee", -618)]
    parsed = _parsed(_transaction("ServiceFee", -12609, [_item(groups)]))
    assert parsed.tables["settlement_lines"].select("line_kind", "source_kind", "amount").rows() == [
        ("fee", "ServiceFee > StorageBillingFee", _D("-618.0000")),
        ("fee", "ServiceFee > Unexplained", _D("-11991.0000")),
    ]


def test_a_transaction_with_a_total_and_nothing_else_is_one_line() -> None:
    """As in Amazon's own sample."""
    bare = {
        "transactionType": "Transfer",
        "postedDate": "2020-07-14T03:35:13.214Z",
        "totalAmount": {"currencyAmount": -10, "currencyCode": "USD"},
    }
    assert _parsed(bare).tables["settlement_lines"].select("line_kind", "amount", "currency_code").rows() == [
        ("transfer", _D("-10.0000"), "USD")
    ]


def test_amounts_keep_every_digit() -> None:
    groups = [_node("ProductCharges", 0.1), _node("Tax", 0.2)]
    parsed = _parsed(_transaction("Shipment", 0.3, [_item(groups)]))
    assert parsed.tables["settlement_lines"]["amount"].to_list() == [_D("0.1000"), _D("0.2000")]


def test_an_amount_that_is_none_is_quarantined() -> None:
    wrong = _transaction("Shipment", 1, [_item([_node("Tax", 1)])])
    wrong["totalAmount"]["currencyAmount"] = "much"
    records = [("page", 1, wrong)]
    parsed = parse_finances.tables(decode(records, parse_finances.TRANSACTION))
    assert parsed.quarantined.height == 1
    assert parsed.tables["settlement_lines"].is_empty()
