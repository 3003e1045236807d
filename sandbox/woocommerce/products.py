"""Products and their variations as JSON documents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import polars as pl

from sandbox.woocommerce.formats import amount, times
from sandbox.woocommerce.listing import Document
from sandbox.woocommerce.shop import PRODUCT_POSTS, VARIATION_POSTS, View

_Row = dict[str, Any]
_DIMENSIONS = {"length": "", "width": "", "height": ""}


def documents(view: View, index: pl.DataFrame) -> list[Document]:
    """The products of these index rows, in their order."""
    keys = index["key"].to_list()
    products = view.shop.products.filter(pl.col("product_id").is_in(keys))
    bodies = {row["product_id"]: row for row in products.iter_rows(named=True)}
    variants: dict[int, list[_Row]] = {}
    for row in _offers(view, pl.col("product_id").is_in(keys)):
        variants.setdefault(row["product_id"], []).append(row)
    return [
        _product(view, {**bodies[row["key"]], **row}, variants.get(row["key"], []))
        for row in index.iter_rows(named=True)
    ]


def variations(view: View, index: pl.DataFrame, *, with_parent: bool) -> list[Document]:
    """The variations of these index rows, in their order; only the list of all variations names their products."""
    offers = {row["variant_id"]: row for row in _offers(view, pl.col("variant_id").is_in(index["key"].to_list()))}
    made = []
    for row in index.iter_rows(named=True):
        offer = offers[row["key"]]
        parent = {"parent_id": row["parent_id"]} if with_parent else {}
        made.append({"id": row["post_id"], **parent, **_variation(view, offer, row["created"], row["modified"])})
    return made


def _offers(view: View, wanted: pl.Expr) -> Iterable[_Row]:
    """Variants with their price and stock now."""
    variants = view.shop.variants.filter(wanted, pl.col("created_at") <= view.now)
    bundles = view.shop.products.select("product_id", "is_bundle")
    return (
        variants.join(view.current_prices, on="variant_id", how="left", suffix="_now")
        .join(view.stock, on="variant_id", how="left")
        .join(bundles, on="product_id", how="left")
        .sort("variant_id")
        .iter_rows(named=True)
    )


def _price(offer: _Row) -> Document:
    """Prices as the shop shows them. A reduced one stands beside the regular one."""
    now, before = offer["price_minor_now"], offer["compare_at_minor"]
    if now is None:
        return {"price": "", "regular_price": "", "sale_price": "", "on_sale": False}
    sale = amount(now) if before else ""
    return {"price": amount(now), "regular_price": amount(before or now), "sale_price": sale, "on_sale": bool(before)}


def _stock(offer: _Row) -> Document:
    """A bundle has no stock of its own, and so does not manage any."""
    managed = not offer["is_bundle"]
    units = offer["units"] or 0
    return {
        "manage_stock": managed,
        "stock_quantity": units if managed else None,
        "stock_status": "instock" if units > 0 or not managed else "outofstock",
        "backorders": "no",
        "backorders_allowed": False,
        "backordered": False,
        "low_stock_amount": None,
    }


def _common(view: View, offer: _Row, created: datetime, modified: datetime) -> Document:
    return {
        **times("date_created", created, view.shop.site),
        **times("date_modified", modified, view.shop.site),
        "sku": offer["sku"],
        "global_unique_id": offer["gtin"] or "",
        **_price(offer),
        "purchasable": True,
        "virtual": False,
        "downloadable": False,
        "tax_status": "taxable",
        "tax_class": "",
        **_stock(offer),
        "weight": f"{offer['weight_g'] / 1000:g}",
        "dimensions": _DIMENSIONS,
        "shipping_class": "",
        "shipping_class_id": 0,
        "menu_order": 0,
        "meta_data": [],
    }


def _attribute(offer: _Row) -> list[Document]:
    name, value = offer["option_name"], offer["option_value"]
    return [] if value is None else [{"id": 0, "name": name, "slug": name, "option": value}]


def _variation(view: View, offer: _Row, created: datetime, modified: datetime) -> Document:
    return {
        **_common(view, offer, created, modified),
        "description": "",
        "status": "publish",
        "image": None,
        "attributes": _attribute(offer),
    }


def _product(view: View, product: _Row, offers: list[_Row]) -> Document:
    is_variable = any(offer["is_variation"] for offer in offers)
    body = _common(view, offers[0], product["created"], product["modified"])
    if is_variable:
        # A variable product shows its lowest price and has neither code nor stock of its own.
        body |= {"sku": "", "global_unique_id": "", "regular_price": "", "sale_price": "", "weight": ""}
        body |= {"manage_stock": False, "stock_quantity": None}
    kind = "pw-gift-card" if product["is_gift_card"] else "bundle" if product["is_bundle"] else "simple"
    return {
        "id": product["post_id"],
        "name": product["title_en"],
        "slug": f"product-{product['product_id']}",
        "type": "variable" if is_variable else kind,
        "status": product["status"],
        "featured": False,
        "catalog_visibility": "visible",
        "description": "",
        "short_description": "",
        **body,
        "categories": _categories(product),
        "brands": [{"id": 1, "name": product["brand"], "slug": "brand"}] if product["brand"] else [],
        "tags": [],
        "images": [],
        "attributes": _options(offers),
        "variations": [VARIATION_POSTS + one["variant_id"] for one in offers] if is_variable else [],
        "grouped_products": [],
        "parent_id": 0,
        "permalink": f"https://shop.example/product/{PRODUCT_POSTS + product['product_id']}",
    }


def _categories(product: _Row) -> list[Document]:
    path = product["path_en"] or ""
    name = path.split(">")[-1].strip()
    return [{"id": product["category_id"], "name": name, "slug": name.lower().replace(" ", "-")}] if name else []


def _options(offers: list[_Row]) -> list[Document]:
    named = [offer for offer in offers if offer["option_value"] is not None]
    if not named:
        return []
    values = [offer["option_value"] for offer in named]
    return [{"id": 0, "name": named[0]["option_name"], "visible": True, "variation": True, "options": values}]
