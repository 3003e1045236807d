"""Orders and their lines as JSON documents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import polars as pl

from sandbox.woocommerce.formats import amount, net_amount, net_of, times
from sandbox.woocommerce.listing import Document
from sandbox.woocommerce.shop import PRODUCT_POSTS, VARIATION_POSTS, View

_COUPON_ITEMS, _TAX_ITEMS = 70_000_000, 80_000_000
_RATE_ID = 1
_Row = dict[str, Any]


def documents(view: View, index: pl.DataFrame) -> list[Document]:
    """The orders of these index rows, in their order."""
    keys = index["key"].to_list()
    orders = {row["order_id"]: row for row in _orders(view, keys).iter_rows(named=True)}
    lines = _grouped(_lines(view, keys))
    refunds = _grouped(_refunds(view, keys))
    return [
        _document(view, {**orders[row["key"]], **row}, lines.get(row["key"], []), refunds.get(row["key"], []))
        for row in index.iter_rows(named=True)
    ]


def _grouped(rows: pl.DataFrame) -> dict[int, list[_Row]]:
    groups: dict[int, list[_Row]] = {}
    for row in rows.iter_rows(named=True):
        groups.setdefault(row["order_id"], []).append(row)
    return groups


def _before_edit(view: View) -> pl.Expr:
    return (pl.col("edited_at") > view.now).fill_null(value=False)


def _orders(view: View, keys: Iterable[int]) -> pl.DataFrame:
    """The orders with the amounts that they have now: those of before the edit until it happens."""
    earlier = _before_edit(view)
    totals = [
        pl.when(earlier).then(f"original_{name}").otherwise(name).alias(name)
        for name in ("subtotal_minor", "tax_minor", "total_minor")
    ]
    people = view.shop.customers.select("customer_id", "first_name", "last_name", "phone", "address1")
    fees = view.shop.fees.filter(pl.col("created_at") <= view.now).group_by("order_id").agg(pl.sum("fee_minor"))
    return (
        view.shop.orders.filter(pl.col("order_id").is_in(list(keys)))
        .with_columns(totals)
        .join(people, on="customer_id", how="left")
        .join(view.completed, on="order_id", how="left")
        .join(fees, on="order_id", how="left")
    )


def _lines(view: View, keys: Iterable[int]) -> pl.DataFrame:
    """The lines that the orders have now, netted of tax: WooCommerce's line amounts never hold it."""
    orders = view.shop.orders.select("order_id", "edited_at", "taxes_included", "tax_rate_bp")
    earlier = _before_edit(view)
    lines = (
        view.shop.lines.filter(pl.col("order_id").is_in(list(keys)), pl.col("added_at") <= view.now)
        .join(orders, on="order_id")
        .with_columns(
            units=pl.when(earlier).then("quantity").otherwise("current_quantity"),
            tax=pl.when(earlier).then("original_tax_minor").otherwise("tax_minor"),
        )
        .filter((pl.col("units") > 0) | (pl.col("kind") == "shipping"))
        .with_columns(shown=pl.col("units") * pl.col("unit_price_minor"))
    )
    paid = pl.col("shown") - pl.col("discount_minor")
    included = pl.col("taxes_included")
    total = pl.when(included).then(paid - pl.col("tax")).otherwise(paid)
    undiscounted = (
        pl.when(pl.col("discount_minor") == 0)
        .then(total)
        .when(included)
        .then(net_of(pl.col("shown"), pl.col("tax_rate_bp")))
        .otherwise("shown")
    )
    return (
        lines.with_columns(total=total, subtotal=undiscounted)
        .with_columns(
            subtotal_tax=pl.when(pl.col("discount_minor") == 0)
            .then("tax")
            .when(included)
            .then(pl.col("shown") - pl.col("subtotal"))
            .otherwise("tax")
        )
        .sort("order_id", "line_no")
    )


def _refunds(view: View, keys: Iterable[int]) -> pl.DataFrame:
    mine = view.shop.refunds.filter(pl.col("order_id").is_in(list(keys)), pl.col("created_at") <= view.now)
    return mine.sort("created_at", "post_id", descending=True)


def line_item(row: _Row) -> Document:
    """A line of goods; a refund's line has the same shape."""
    is_variation = bool(row["is_variation"])
    return {
        "id": row["item_id"],
        "name": row["title"],
        "product_id": 0 if row["product_id"] is None else row["product_id"] + PRODUCT_POSTS,
        "variation_id": row["variant_id"] + VARIATION_POSTS if is_variation else 0,
        "quantity": row["units"],
        "tax_class": "",
        "subtotal": amount(row["subtotal"]),
        "subtotal_tax": amount(row["subtotal_tax"]),
        "total": amount(row["total"]),
        "total_tax": amount(row["tax"]),
        "taxes": [{"id": _RATE_ID, "total": amount(row["tax"]), "subtotal": amount(row["subtotal_tax"])}],
        "meta_data": _line_meta(row),
        "sku": row["sku"],
        # A float even in the real answer; who wants the amount takes `total`.
        "price": row["total"] / 100 / row["units"] if row["units"] else 0,
        "image": {"id": "", "src": ""},
        "parent_name": row["title"] if is_variation else None,
    }


def shipping_line(row: _Row) -> Document:
    """A charge for carriage."""
    return {
        "id": row["item_id"],
        "method_title": row["title"],
        "method_id": "flat_rate",
        "instance_id": "1",
        "total": amount(row["total"]),
        "total_tax": amount(row["tax"]),
        "taxes": [{"id": _RATE_ID, "total": amount(row["tax"]), "subtotal": ""}],
        "tax_status": "taxable",
        "meta_data": [],
    }


def _fee_line(row: _Row) -> Document:
    return {
        "id": row["item_id"],
        "name": row["title"],
        "tax_class": "",
        "tax_status": "taxable",
        "amount": amount(row["total"]),
        "total": amount(row["total"]),
        "total_tax": amount(row["tax"]),
        "taxes": [{"id": _RATE_ID, "total": amount(row["tax"]), "subtotal": ""}],
        "meta_data": [],
    }


def _line_meta(row: _Row) -> list[Document]:
    """What plugins note on a line: Product Bundles on a bundle's parts, PW Gift Cards on a gift card."""
    notes = {}
    if row["bundle_variant_id"] is not None:
        notes["_bundled_by"] = str(row["bundle_variant_id"])
    if row["kind"] == "gift_card":
        notes["pw_gift_card_amount"] = amount(row["shown"])
    return [_meta(row["item_id"], key, value) for key, value in notes.items()]


def _meta(number: int, key: str, value: str | Document) -> Document:
    return {"id": number, "key": key, "value": value}


def _is_fee(row: _Row) -> bool:
    """Things sold outside the catalogue are fees here, where one of them was sold."""
    return bool(row["kind"] == "custom" and row["units"] == 1)


def _document(view: View, order: _Row, lines: list[_Row], refunds: list[_Row]) -> Document:
    shop, key = view.shop, order["order_id"]
    carriage = [row for row in lines if row["kind"] == "shipping"]
    goods = [row for row in lines if row["kind"] != "shipping"]
    shipping_tax = sum(row["tax"] for row in carriage)
    discount, discount_tax = _discount(order, goods)
    return {
        "id": order["post_id"],
        "parent_id": 0,
        "status": order["status"],
        "currency": order["currency"],
        "version": "10.3.5",
        "prices_include_tax": order["taxes_included"],
        **times("date_created", order["created"], shop.site),
        **times("date_modified", order["modified"], shop.site),
        "discount_total": amount(discount),
        "discount_tax": amount(discount_tax),
        "shipping_total": amount(sum(row["total"] for row in carriage)),
        "shipping_tax": amount(shipping_tax),
        "cart_tax": amount(order["tax_minor"] - shipping_tax),
        "total": amount(order["total_minor"]),
        "total_tax": amount(order["tax_minor"]),
        "customer_id": order["customer_id"] or 0,
        "order_key": f"wc_order_{key:013x}",
        **_people(order),
        "payment_method": order["payment_gateway"] or "",
        "payment_method_title": (order["payment_gateway"] or "").replace("_", " ").title(),
        "transaction_id": "" if _later(order["paid_at"], view) else f"tx_{key}",
        "customer_ip_address": "",
        "customer_user_agent": "",
        "created_via": "checkout",
        "customer_note": "",
        **times("date_completed", order["completed_at"], shop.site),
        **times("date_paid", None if _later(order["paid_at"], view) else order["paid_at"], shop.site),
        "cart_hash": "",
        "number": order["order_number"],
        # WooPayments marks the orders that were paid in its test mode.
        "meta_data": [_meta(key, "_wcpay_mode", "test" if order["is_test"] else "prod"), *_gateway_fee(key, order)],
        "line_items": [line_item(row) for row in goods if not _is_fee(row)],
        "tax_lines": [_tax_line(order, shipping_tax, shop.country)] if order["tax_minor"] else [],
        "shipping_lines": [shipping_line(row) for row in carriage],
        "fee_lines": [_fee_line(row) for row in goods if _is_fee(row)],
        "coupon_lines": _coupon_lines(order, discount, discount_tax),
        "refunds": [
            {"id": row["post_id"], "reason": row["reason"] or "", "total": "-" + amount(row["amount_minor"])}
            for row in refunds
        ],
        "payment_url": "",
        "is_editable": order["status"] in ("pending", "on-hold"),
        "needs_payment": order["status"] == "pending",
        "needs_processing": True,
    }


def _gateway_fee(key: int, order: _Row) -> list[Document]:
    """What the gateways' plugins note of their fee: Stripe's a number, PayPal's a small document."""
    if not order["fee_minor"] or order["paid_at"] is None:
        return []
    fee, total = order["fee_minor"], order["total_minor"]
    if order["payment_gateway"] == "stripe":
        return [_meta(key + 1, "_stripe_fee", amount(fee)), _meta(key + 2, "_stripe_net", amount(total - fee))]
    told = {
        name: {"currency_code": order["currency"], "value": amount(minor)}
        for name, minor in (("gross_amount", total), ("paypal_fee", fee), ("net_amount", total - fee))
    }
    return [_meta(key + 1, "_ppcp_paypal_fees", told)]


def _later(moment: datetime | None, view: View) -> bool:
    return moment is None or moment > view.now


def _discount(order: _Row, goods: list[_Row]) -> tuple[int, int]:
    """The order's discount, without tax and the tax in it.

    It is the customer's round figure: by a few cents it need not be the sum over the lines.
    """
    shown = sum(row["shown"] for row in goods) - order["subtotal_minor"]
    if not order["taxes_included"]:
        return shown, 0
    net = net_amount(shown, order["tax_rate_bp"])
    return net, shown - net


def _coupon_lines(order: _Row, discount: int, discount_tax: int) -> list[Document]:
    if not order["discount_code"]:
        return []
    return [
        {
            "id": _COUPON_ITEMS + order["order_id"],
            "code": order["discount_code"].lower(),  # WooCommerce stores codes in lower case
            "discount": amount(discount),
            "discount_tax": amount(discount_tax),
            "meta_data": [],
            "discount_type": "fixed_cart",
            "nominal_amount": discount / 100,
            "free_shipping": False,
        }
    ]


def _tax_line(order: _Row, shipping_tax: int, country: str) -> Document:
    return {
        "id": _TAX_ITEMS + order["order_id"],
        "rate_code": f"{country}-VAT-1",
        "rate_id": _RATE_ID,
        "label": "VAT",
        "compound": False,
        "tax_total": amount(order["tax_minor"] - shipping_tax),
        "shipping_tax_total": amount(shipping_tax),
        "rate_percent": order["tax_rate_bp"] / 100,
        "meta_data": [],
    }


def _people(order: _Row) -> Document:
    address = {
        "first_name": order["first_name"] or "Guest",
        "last_name": order["last_name"] or "",
        "company": "",
        "address_1": order["address1"] or "",
        "address_2": "",
        "city": order["city"] or "",
        "state": "",
        "postcode": order["postcode"] or "",
        "country": order["country"] or "",
    }
    contact = {"email": order["email"] or "", "phone": order["phone"] or ""}
    return {"billing": {**address, **contact}, "shipping": {**address, "phone": ""}}
