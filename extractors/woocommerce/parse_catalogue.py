"""From products, variations, customers and coupons to their streams. All of them are snapshots: asked for whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from extractors.api.connector import Parsing
from extractors.api.records import Record, decode
from extractors.api.rows import typed
from extractors.woocommerce.parse_orders import discount_kind
from extractors.woocommerce.reading import (
    EXACT,
    Seen,
    asked_at,
    empty_as_null,
    noted,
    product_ref,
    records,
    unquoted,
    utc,
)
from extractors.woocommerce.shapes import COUPON, CUSTOMER, PRODUCT
from lakehouse.landing import RawFile

_GRAMS = {"kg": "1000", "g": "1", "lbs": "453.59237", "oz": "28.349523125"}
_STATUS = {"publish": "active", "future": "draft", "draft": "draft", "pending": "draft", "private": "archived"}
_PARENT = pl.Schema(
    [("parent", pl.String), ("title", pl.String), ("category", pl.String), ("brand", pl.String), ("state", pl.String)]
)


@dataclass
class Settings:
    """What the shop says of itself, and its records do not.

    Attributes:
        currency: Its currency (ISO 4217).
        weight_unit: kg, g, lbs or oz.
    """

    currency: str | None = None
    weight_unit: str = "kg"

    def read(self, part: RawFile) -> None:
        """Takes the options of a page of settings."""
        told = {str(one.get("id")): one.get("value") for _, _, one in records(part) if isinstance(one, dict)}
        self.currency = told.get("woocommerce_currency") or self.currency
        self.weight_unit = told.get("woocommerce_weight_unit") or self.weight_unit


@dataclass
class Parents:
    """Variable products, whose names, categories and brands their variations do not repeat."""

    frame: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_PARENT))

    def split(self, incoming: Iterable[Record]) -> Iterator[Record]:
        """Keeps the variable products, gives back the others: what is sold is a variation, not the product."""
        variable: list[Record] = []
        others: list[Record] = []
        for one in incoming:
            is_variable = isinstance(one[2], dict) and one[2].get("type") == "variable"
            (variable if is_variable else others).append(one)
        told = decode(variable, PRODUCT).frame.select(
            parent="id", title="name", category=_categories(), brand=_brand(), state="status"
        )
        # Pages overlap: the same product may come twice.
        self.frame = pl.concat([self.frame, told]).unique("parent", keep="last", maintain_order=True)
        return iter(others)


def parse_products(part: RawFile, seen: Seen, settings: Settings, parents: Parents) -> Parsing:
    """The products or variations of a page, with their stock."""
    decoded = decode(seen.fresh(parents.split(records(part))), PRODUCT)
    parent = pl.coalesce(pl.col("parent_id"), pl.lit(part.meta.get("parent"), pl.String))
    frame = decoded.frame.with_columns(
        parent=parent,
        product_ref=product_ref(pl.col("sku"), pl.col("id"), pl.lit("0")),
        asked_at=asked_at(part),
    ).join(parents.frame, on="parent", how="left", maintain_order="left")
    managed = frame.filter(pl.col("manage_stock") == "true")
    tables = {
        "products": typed(frame, "products", _product_columns(settings)),
        "stock_on_hand": typed(
            managed,
            "stock_on_hand",
            {
                "record_ref": pl.col("id"),
                "version_at": pl.col("asked_at"),
                "product_ref": pl.col("product_ref"),
                "on_hand_units": pl.col("stock_quantity"),
                "occurred_at": pl.col("asked_at"),
            },
        ),
    }
    return seen.assembled(decoded, tables)


def _product_columns(settings: Settings) -> dict[str, pl.Expr | str]:
    is_variation = pl.col("title").is_not_null()
    options = pl.col("attributes").list.eval(pl.element().struct.field("option")).list.drop_nulls().list.join(" / ")
    gift_cards = pl.col("type").is_in(["pw-gift-card", "gift-card"]).fill_null(value=False)
    is_gift_card = gift_cards | (unquoted(noted(pl.col("meta_data"), "_gift_card")) == "yes").fill_null(value=False)
    regular, now = empty_as_null(pl.col("regular_price")), empty_as_null(pl.col("price"))
    status = pl.when(is_variation & (pl.col("status") == "publish")).then(pl.col("state")).otherwise(pl.col("status"))
    return {
        "record_ref": pl.col("id"),
        "version_at": pl.col("asked_at"),
        "product_ref": pl.col("product_ref"),
        "variant_ref": pl.col("id"),
        "product_group_ref": pl.coalesce(pl.when(pl.col("parent") != "0").then(pl.col("parent")), pl.col("id")),
        "product_title": pl.coalesce(pl.col("title"), pl.col("name")),
        "variant_title": pl.when(is_variation).then(empty_as_null(options)),
        "category": pl.coalesce(_categories(), pl.col("category")),
        "brand": pl.coalesce(_brand(), pl.col("brand")),
        "gtin": empty_as_null(pl.col("global_unique_id")),
        "status": status.replace_strict(_STATUS, default="archived"),
        "is_gift_card": is_gift_card,
        "is_bundle": (pl.col("type") == "bundle").fill_null(value=False),
        "price_amount": now,
        "compare_at_amount": pl.when(regular != now).then(regular),
        "currency_code": pl.lit(settings.currency, pl.String),
        "weight_grams": _grams(settings.weight_unit),
        "occurred_at": utc("date_created_gmt"),
    }


def _categories() -> pl.Expr:
    """The names of the categories; WooCommerce does not say here which is above which."""
    return empty_as_null(pl.col("categories").list.eval(pl.element().struct.field("name")).list.join(", "))


def _brand() -> pl.Expr:
    return pl.col("brands").list.first().struct.field("name")


def _grams(unit: str) -> pl.Expr:
    factor = pl.lit(_GRAMS.get(unit)).cast(pl.Decimal(38, 9))
    weight = empty_as_null(pl.col("weight")).cast(pl.Decimal(38, 9), strict=False)
    return (weight * factor).round(0).cast(pl.Int64)


def parse_customers(part: RawFile, seen: Seen) -> Parsing:
    """The accounts of a page: a number, an address to be made a pseudonym, a country; names are never taken."""
    decoded = decode(seen.fresh(records(part)), CUSTOMER)

    def place(name: str) -> pl.Expr:
        told = [empty_as_null(pl.col(kind).struct.field(name)) for kind in ("billing", "shipping")]
        return pl.coalesce(told)

    columns: dict[str, pl.Expr | str] = {
        "record_ref": pl.col("id"),
        "version_at": asked_at(part),
        "customer_ref": pl.col("id"),
        "email_ref": empty_as_null(pl.col("email").str.strip_chars().str.to_lowercase()),
        "country": place("country"),
        "region": place("state"),
        "occurred_at": utc("date_created_gmt"),
    }
    return seen.assembled(decoded, {"customers": typed(decoded.frame, "customers", columns)})


def parse_coupons(part: RawFile, seen: Seen, settings: Settings) -> Parsing:
    """The coupons of a page."""
    decoded = decode(seen.fresh(records(part)), COUPON)
    is_percentage = pl.col("discount_type") == "percent"
    ends = empty_as_null(utc("date_expires_gmt"))
    # Both are ISO 8601 in UTC to the second, so their texts are in the order of their times.
    is_over = (ends.str.slice(0, 19) <= asked_at(part).str.slice(0, 19)).fill_null(value=False)
    columns: dict[str, pl.Expr | str] = {
        "record_ref": pl.col("id"),
        "version_at": asked_at(part),
        "discount_ref": pl.col("id"),
        "discount_code": pl.col("code"),
        "title": pl.col("description"),
        "discount_kind": discount_kind(pl.col("discount_type"), pl.col("free_shipping") & _is_nothing("amount")),
        "percentage": pl.when(is_percentage).then(pl.col("amount")),
        "amount": pl.when(~is_percentage).then(pl.col("amount")),
        "currency_code": pl.lit(settings.currency, pl.String),
        "status": pl.when(is_over).then(pl.lit("expired")).otherwise(pl.lit("active")),
        "usage_count": pl.col("usage_count"),
        "occurred_at": utc("date_created_gmt"),
        "starts_at": utc("date_created_gmt"),
        "ends_at": ends,
    }
    return seen.assembled(decoded, {"discounts": typed(decoded.frame, "discounts", columns)})


def _is_nothing(column: str) -> pl.Expr:
    return (pl.col(column).cast(EXACT, strict=False) == pl.lit(0).cast(EXACT)).fill_null(value=True)


def parse_deletion(part: RawFile) -> Parsing:
    """What the shop said of one order that was no longer listed: gone, in the trash, or there after all."""
    told: Any = next(iter(records(part)))[2]
    is_deleted = part.meta.get("status") == "404"
    if not is_deleted and not (isinstance(told, dict) and told.get("status") == "trash"):
        return Parsing(tables={}, received=0)
    row = {"source_file": part.name, "source_row": 1}
    frame = pl.DataFrame([row], schema={"source_file": pl.String, "source_row": pl.Int64})
    columns: dict[str, pl.Expr | str] = {
        "record_ref": pl.lit(part.meta["record"]),
        "version_at": asked_at(part),
        "entity": pl.lit("orders"),
        "deletion_kind": pl.lit("deleted" if is_deleted else "trashed"),
        "occurred_at": asked_at(part),
    }
    return Parsing(tables={"deletions": typed(frame, "deletions", columns).rows}, received=1)
