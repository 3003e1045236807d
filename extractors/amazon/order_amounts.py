"""What an order's items cost: each amount without the tax, and the tax in it.

The official model does not say whether ITEM, SHIPPING, DISCOUNT … hold the tax. An item's `proceedsTotal` decides:
where the parts without TAX add up to it, they do; where it takes TAX as well, they do not. A DISCOUNT takes off,
whatever its sign. TAX may be split by what it is on (`detailedBreakdowns`); where it is not, it is split in proportion.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from lakehouse.streams import ORIGIN

EXACT: Final = pl.Decimal(38, 6)
CENTS: Final = 4
"""Decimals of `lakehouse.streams.MONEY`."""
PARTS: Final = ("ITEM", "SHIPPING", "GIFT_WRAP", "COD_FEE", "OTHER", "DISCOUNT")
_KEY: Final = list(ORIGIN)


def exact(text: pl.Expr) -> pl.Expr:
    """An amount from text; null where it is none."""
    return text.cast(EXACT, strict=False)


def items_of(orders: pl.DataFrame) -> pl.DataFrame:
    """A row an item: its amounts by kind without tax, and the tax in each.

    `goods`, `carriage` and `discount` are before tax; `<kind>_net` likewise; `tax` is null where it is not told.
    """
    items = (
        orders.select(*_KEY, "orderItems")
        .explode("orderItems", empty_as_null=False)
        .unnest("orderItems")
        .with_columns(
            pl.int_range(pl.len()).over(_KEY).alias("place"),
            pl.col("product").struct.field("sellerSku").alias("sku"),
            pl.col("product").struct.field("asin").alias("asin"),
            pl.col("product").struct.field("title").alias("title"),
            exact(pl.col("quantityOrdered")).alias("units"),
            exact(pl.col("product").struct.field("price").struct.field("unitPrice").struct.field("amount")).alias(
                "price"
            ),
            exact(pl.col("proceeds").struct.field("proceedsTotal").struct.field("amount")).alias("total"),
        )
    )
    told = (
        items.select(*_KEY, "place", pl.col("proceeds").struct.field("breakdowns").alias("told"))
        .explode("told")
        .unnest("told")
        .drop_nulls("type")
        .with_columns(pl.col("subtotal").struct.field("amount").alias("text"))
        .with_columns(exact(pl.col("text")).alias("amount"))
    )
    taxes = (
        told.filter(pl.col("type") == "TAX")
        .select(*_KEY, "place", "detailedBreakdowns")
        .explode("detailedBreakdowns")
        .unnest("detailedBreakdowns")
        .with_columns(exact(pl.col("value").struct.field("amount")).alias("part"))
        .group_by(*_KEY, "place")
        .agg(pl.col("part").filter(pl.col("subtype") == kind).sum().alias(f"{kind}_told") for kind in PARTS)
    )
    sums = told.group_by(*_KEY, "place").agg(
        *(pl.col("amount").filter(pl.col("type") == kind).sum().alias(kind) for kind in PARTS),
        pl.when((pl.col("type") == "TAX").any())
        .then(pl.col("amount").filter(pl.col("type") == "TAX").sum())
        .alias("tax"),
        (pl.col("amount").is_null() & pl.col("text").is_not_null()).any().alias("is_broken"),
        pl.lit(value=True).alias("is_priced"),
    )
    joined = items.join(sums, on=[*_KEY, "place"], how="left").join(taxes, on=[*_KEY, "place"], how="left")
    return _split(joined.with_columns(-pl.col("DISCOUNT").abs(), -pl.col("DISCOUNT_told").abs()))


def _split(items: pl.DataFrame) -> pl.DataFrame:
    """Takes the tax out of the amounts that hold it."""
    gross = sum((pl.col(kind).fill_null(0) for kind in PARTS), pl.lit(0, EXACT))
    tax = pl.col("tax").fill_null(0)
    told = sum((pl.col(f"{kind}_told").fill_null(0) for kind in PARTS), pl.lit(0, EXACT))
    items = items.with_columns(
        gross.alias("gross"),
        ((gross == pl.col("total")) & (gross + tax != pl.col("total"))).fill_null(value=False).alias("holds_tax"),
        (told == tax).fill_null(value=False).alias("is_split"),
    )
    # Integers of the smallest unit times the amount stay exact; the quotient is rounded to what money has.
    share = {
        kind: pl.when("is_split")
        .then(pl.col(f"{kind}_told").fill_null(0))
        .when(pl.col("gross") != 0)
        .then((tax * pl.col(kind).fill_null(0) / pl.col("gross")).round(CENTS))
        .otherwise(0)
        .cast(EXACT)
        for kind in PARTS
    }
    # What rounding leaves of the tax belongs to the goods.
    rest = tax - sum((share[kind] for kind in PARTS if kind != "ITEM"), pl.lit(0, EXACT))
    taxes = {kind: (rest if kind == "ITEM" else share[kind]).alias(f"{kind}_tax") for kind in PARTS}
    items = items.with_columns(taxes.values())
    nets = [
        (pl.col(kind) - pl.when("holds_tax").then(pl.col(f"{kind}_tax")).otherwise(0)).alias(f"{kind}_net")
        for kind in PARTS
    ]
    return items.with_columns(nets).with_columns(
        pl.col("ITEM_net").alias("goods"),
        (-pl.col("DISCOUNT_net")).alias("discount"),
        (pl.col("ITEM_tax") + pl.col("DISCOUNT_tax")).alias("goods_tax"),
        pl.col("SHIPPING_net").alias("carriage"),
        pl.col("SHIPPING_tax").alias("carriage_tax"),
    )
