"""Customers and coupons as JSON documents."""

from __future__ import annotations

from typing import Any

import polars as pl

from sandbox.woocommerce.formats import amount, times
from sandbox.woocommerce.listing import Document
from sandbox.woocommerce.shop import View

_Row = dict[str, Any]


def customers(view: View, index: pl.DataFrame) -> list[Document]:
    """The accounts of these index rows, in their order."""
    frame = view.shop.customers.filter(pl.col("customer_id").is_in(index["key"].to_list()))
    bodies = {row["customer_id"]: row for row in frame.iter_rows(named=True)}
    return [_customer(view, bodies[row["key"]]) for row in index.iter_rows(named=True)]


def coupons(view: View, index: pl.DataFrame) -> list[Document]:
    """The coupons of these index rows, in their order."""
    frame = view.shop.coupons.filter(pl.col("promotion_id").is_in(index["key"].to_list()))
    bodies = {row["promotion_id"]: row for row in frame.iter_rows(named=True)}
    so_far = view.shop.orders.filter(pl.col("created_at") <= view.now, pl.col("discount_code").is_not_null())
    used = dict(so_far.group_by("discount_code").len().iter_rows())
    return [
        _coupon(view, {**bodies[row["key"]], **row}, used.get(bodies[row["key"]]["code"], 0))
        for row in index.iter_rows(named=True)
    ]


def _customer(view: View, person: _Row) -> Document:
    address = {
        "first_name": person["first_name"],
        "last_name": person["last_name"],
        "company": "",
        "address_1": person["address1"] or "",
        "address_2": "",
        "city": person["city"] or "",
        "postcode": person["postcode"] or "",
        "country": person["country"] or "",
        "state": "",
    }
    return {
        "id": person["customer_id"],
        **times("date_created", person["created_at"], view.shop.site),
        **times("date_modified", person["created_at"], view.shop.site),
        "email": person["email"],
        "first_name": person["first_name"],
        "last_name": person["last_name"],
        "role": "customer",
        "username": f"customer{person['customer_id']}",
        "billing": {**address, "email": person["email"], "phone": person["phone"] or ""},
        "shipping": {**address, "phone": ""},
        "is_paying_customer": True,
        "avatar_url": "",
        "meta_data": [],
    }


def _coupon(view: View, coupon: _Row, used: int) -> Document:
    is_percentage = coupon["kind"] == "percentage"
    return {
        "id": coupon["post_id"],
        "code": coupon["code"].lower(),
        # Percents too are written like an amount.
        "amount": amount(coupon["value"] * 100 if is_percentage else coupon["value"]),
        "status": "publish",
        **times("date_created", coupon["starts_at"], view.shop.site),
        **times("date_modified", coupon["starts_at"], view.shop.site),
        "discount_type": "percent" if is_percentage else "fixed_cart",
        "description": coupon["title_en"] or "",
        **times("date_expires", coupon["ends_at"], view.shop.site),
        "usage_count": used,
        "individual_use": False,
        "product_ids": [],
        "excluded_product_ids": [],
        "usage_limit": None,
        "usage_limit_per_user": None,
        "limit_usage_to_x_items": None,
        "free_shipping": False,
        "product_categories": [coupon["category_id"]] if coupon["category_id"] is not None else [],
        "excluded_product_categories": [],
        "exclude_sale_items": False,
        "minimum_amount": "0.00",
        "maximum_amount": "0.00",
        "email_restrictions": [],
        "used_by": [],
        "meta_data": [],
    }
