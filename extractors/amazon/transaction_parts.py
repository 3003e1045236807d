"""The parts of transactions: what the nested breakdowns come to, a row each, so that they add up to the totals."""

from __future__ import annotations

from typing import Final

import polars as pl

from lakehouse.streams import ORIGIN

_EXACT: Final = pl.Decimal(38, 6)
_KEY: Final = list(ORIGIN)
_CHARGES: Final = {
    "ProductCharges": "sale",
    "Tax": "tax",
    "Shipping": "shipping",
    "ShippingCharges": "shipping",
    "GiftWrap": "sale",
    "PromotionalRebates": "promotion",
    "PromoRebates": "promotion",
}
SHARED: Final = (
    *_KEY, "transaction_ref", "version", "order_ref", "refund_ref", "payout_ref", "channel", "currency", "total",
    "is_refund", "transactionType", "description", "postedDate", "totalAmount",
)  # fmt: skip


def parts_of(transactions: pl.DataFrame) -> pl.DataFrame:
    """A row a part: `group`, `name`, `amount`, and the item's `sku` and `units`."""
    items = (
        transactions.select(*SHARED, "items")
        .explode("items", empty_as_null=True)
        .with_columns(pl.int_range(1, pl.len() + 1).over(_KEY).alias("item_no"))
        .with_columns(
            pl.col("items").struct.field("breakdowns").alias("groups"),
            _context("sku").alias("sku"),
            _context("asin").alias("asin"),
            _context("quantityShipped").alias("units"),
        )
        .drop("items")
    )
    has_groups = (pl.col("groups").list.len() > 0).any().over(_KEY)
    with_groups = _leaves(items.filter(has_groups))
    without = items.filter(~has_groups.fill_null(value=False)).unique(_KEY, keep="first", maintain_order=True)
    own = (
        without.drop("groups")
        .join(transactions.select(*_KEY, pl.col("breakdowns").alias("sides")), on=_KEY)
        .explode("sides", empty_as_null=True)
        .with_columns(pl.col("sides").struct.field("breakdowns").alias("groups"), pl.col("sides").alias("side"))
    )
    sides = own.filter((pl.col("groups").list.len() > 0).fill_null(value=False)).drop("sides", "side")
    bare = own.filter(~(pl.col("groups").list.len() > 0).fill_null(value=False)).with_columns(
        pl.concat_list(pl.col("side")).alias("groups")
    )
    bare = bare.drop("sides", "side").with_columns(
        pl.col("groups").list.eval(
            pl.struct(
                pl.element().struct.field("breakdownType"),
                pl.element().struct.field("breakdownAmount"),
                pl.lit(None, pl.List(_LEAF)).alias("breakdowns"),
            )
        )
    )
    columns = with_groups.columns
    found = pl.concat([with_groups, _leaves(sides).select(columns), _leaves(bare).select(columns)])
    return _with_rest(found, transactions)


_LEAF: Final = pl.Struct(
    {"breakdownType": pl.String, "breakdownAmount": pl.Struct({"currencyAmount": pl.String, "currencyCode": pl.String})}
)


def _context(name: str) -> pl.Expr:
    """A field of the item's product context, the only context that names a product."""
    contexts = pl.col("items").struct.field("contexts")
    return contexts.list.eval(pl.element().struct.field(name)).list.drop_nulls().list.first()


def _leaves(items: pl.DataFrame) -> pl.DataFrame:
    groups = items.explode("groups", empty_as_null=True).with_columns(
        pl.col("groups").struct.field("breakdownType").alias("group"),
        pl.col("groups").struct.field("breakdownAmount").struct.field("currencyAmount").alias("own_amount"),
        pl.col("groups").struct.field("breakdowns").alias("leaves"),
    )
    leaves = groups.drop("groups").drop_nulls("group").explode("leaves", empty_as_null=True)
    told = pl.col("leaves").struct
    return leaves.with_columns(
        told.field("breakdownType").alias("name"),
        pl.coalesce(told.field("breakdownAmount").struct.field("currencyAmount"), "own_amount").alias("text"),
    ).drop("leaves", "own_amount")


def _with_rest(parts: pl.DataFrame, transactions: pl.DataFrame) -> pl.DataFrame:
    """The parts, and what is missing from each transaction's total."""
    parts = parts.with_columns(pl.col("text").cast(_EXACT, strict=False).alias("amount"))
    sums = parts.group_by(_KEY).agg(pl.col("amount").sum().alias("told"))
    rest = (
        transactions.select(*SHARED)
        .join(sums, on=_KEY, how="left")
        .with_columns((pl.col("total") - pl.col("told").fill_null(0)).alias("amount"))
        # A total that is no amount at all is a bad record, and has to be seen as one.
        .filter((pl.col("amount") != 0) | pl.col("total").is_null() | pl.col("told").is_null())
        .with_columns(
            pl.coalesce(pl.col("amount").cast(pl.String), pl.col("totalAmount").struct.field("currencyAmount")).alias(
                "text"
            ),
            pl.when(pl.col("told").is_null())
            .then(pl.col("transactionType"))
            .otherwise(pl.lit("Unexplained"))
            .alias("group"),
        )
    )
    return (
        pl.concat([parts, rest.drop("told")], how="diagonal")
        .with_columns(pl.col("group").replace_strict(_CHARGES, default=None, return_dtype=pl.String).alias("charge"))
        .sort(*_KEY, maintain_order=True)
        .with_columns(pl.int_range(1, pl.len() + 1).over(_KEY).cast(pl.String).alias("number"))
    )
