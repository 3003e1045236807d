"""Refunds as JSON documents: here the amount is positive and its lines are negative."""

from __future__ import annotations

from typing import Any

import polars as pl

from sandbox.woocommerce.formats import amount, times
from sandbox.woocommerce.listing import Document
from sandbox.woocommerce.orders import line_item, shipping_line
from sandbox.woocommerce.shop import View

_LINE_ITEMS, _SHIPPING_ITEMS = 40_000_000, 60_000_000
_Row = dict[str, Any]


def documents(view: View, index: pl.DataFrame, *, with_parent: bool) -> list[Document]:
    """The refunds of these index rows, in their order.

    Args:
        view: The shop at an instant.
        index: Which refunds.
        with_parent: Whether each names its order; the list of one order's refunds does not (parent_id came with
            /refunds in 9.0).
    """
    keys = index["key"].to_list()
    refunds = view.shop.refunds.filter(pl.col("refund_id").is_in(keys))
    bodies = {row["refund_id"]: row for row in refunds.iter_rows(named=True)}
    lines = _lines(view, keys)
    carriage = _shipping_items(view, refunds["order_id"].to_list())
    made = []
    for row in index.iter_rows(named=True):
        body = bodies[row["key"]]
        parent = {"parent_id": row["parent_id"]} if with_parent else {}
        mine = lines.get(row["key"], [])
        made.append({"id": row["post_id"], **parent, **_document(view, body, mine, carriage.get(body["order_id"]))})
    return made


def _lines(view: View, keys: list[int]) -> dict[int, list[_Row]]:
    """The refunds' lines, with the amounts of the goods that go back as negative numbers."""
    goods = view.shop.lines.select(
        "order_id", "line_no", "title", "sku", "variant_id", "product_id", "is_variation", "bundle_variant_id",
        "kind", refunded_item="item_id",
    )  # fmt: skip
    rows = (
        view.shop.refund_lines.filter(pl.col("refund_id").is_in(keys))
        .join(goods, on=["order_id", "line_no"])
        .with_columns(
            item_id=_LINE_ITEMS + pl.col("refund_id") * 100 + pl.col("line_no"),
            units=-pl.col("quantity"),
            shown=-pl.col("amount_minor"),
            total=-pl.col("amount_minor"),
            subtotal=-pl.col("amount_minor"),
            tax=-pl.col("tax_minor"),
            subtotal_tax=-pl.col("tax_minor"),
        )
        .sort("refund_id", "line_no")
    )
    groups: dict[int, list[_Row]] = {}
    for row in rows.iter_rows(named=True):
        groups.setdefault(row["refund_id"], []).append(row)
    return groups


def _shipping_items(view: View, orders: list[int]) -> dict[int, int]:
    carriage = view.shop.lines.filter(pl.col("order_id").is_in(orders), pl.col("kind") == "shipping")
    return dict(carriage.select("order_id", "item_id").iter_rows())


def _document(view: View, refund: _Row, lines: list[_Row], shipping_item: int | None) -> Document:
    shipping_tax = refund["tax_minor"] - sum(row["tax_minor"] for row in lines)
    carriage = []
    if refund["shipping_minor"]:
        carriage = [_shipping(refund, shipping_tax, shipping_item)]
    return {
        **times("date_created", refund["created_at"], view.shop.site),
        "amount": amount(refund["amount_minor"]),
        "reason": refund["reason"] or "",
        "refunded_by": 1,
        "refunded_payment": True,
        "meta_data": [],
        "line_items": [_refunded(line_item(row), row["refunded_item"]) for row in lines],
        "shipping_lines": carriage,
        "tax_lines": [],
        "fee_lines": [],
    }


def _refunded(item: Document, original: int | None) -> Document:
    note = {"id": item["id"], "key": "_refunded_item_id", "value": str(original)}
    return {**item, "meta_data": [note]} if original is not None else item


def _shipping(refund: _Row, tax: int, original: int | None) -> Document:
    row = {
        "item_id": _SHIPPING_ITEMS + refund["refund_id"],
        "title": "Flat rate",
        "total": -refund["shipping_minor"],
        "tax": -tax,
    }
    return _refunded(shipping_line(row), original)
