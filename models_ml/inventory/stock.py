"""Stock on hand: counted where a count was supplied, else assumed and said so."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from models_ml.inventory.config import InventoryAssumptions

STOCK_COLUMNS = (
    "product_id",
    "on_hand_units",
    "on_hand_source",
    "on_hand_date",
    "sold_since_units",
    "level_units",
    "trailing_units",
)


def stock_on_hand(
    product_ids: pl.Series, counts: pl.DataFrame, demand: pl.DataFrame, *, on: date, assumptions: InventoryAssumptions
) -> pl.DataFrame:
    """Units on hand of each product on the morning of a date.

    A counted product has what was counted less what has sold on the days after the count: receipts since then are not
    known. For all others the shop is taken to have topped up once, `topped_up_days_ago` before, to
    `topped_up_cover_days` of the average demand of `topped_up_trailing_days` before that; what has sold since is gone.
    Never below zero.

    Args:
        product_ids: Products wanted.
        counts: `product_id, on_hand_units, counted_date`; may be empty.
        demand: `product_id, sales_date, demand_units`, days before `on`.
        on: The as-of date.
        assumptions: Of the inventory package.

    Returns:
        `STOCK_COLUMNS`, a row a product: `level_units` is what the stock stood at on `on_hand_date`,
        `trailing_units` the demand that an assumed level is made of (null where counted).
    """
    topped_up = on - timedelta(days=assumptions.topped_up_days_ago.value)
    trailing_days = assumptions.topped_up_trailing_days.value
    trailing = _sum(demand, topped_up - timedelta(days=trailing_days), topped_up, "trailing_units")
    daily = pl.col("trailing_units").fill_null(0) / trailing_days
    assumed_level = (daily * assumptions.topped_up_cover_days.value).round().cast(pl.Int64)
    counted = counts.select("product_id", counted_units="on_hand_units", counted_date="counted_date")
    is_counted = pl.col("counted_units").is_not_null()
    stock = (
        pl.DataFrame({"product_id": product_ids})
        .join(counted, on="product_id", how="left")
        .join(trailing, on="product_id", how="left")
        .with_columns(
            on_hand_source=pl.when(is_counted).then(pl.lit("supplied")).otherwise(pl.lit("assumed")),
            on_hand_date=pl.when(is_counted).then("counted_date").otherwise(pl.lit(topped_up)),
            level_units=pl.when(is_counted).then("counted_units").otherwise(assumed_level),
            trailing_units=pl.when(~is_counted).then(pl.col("trailing_units").fill_null(0)),
        )
    )
    # An assumed top-up happens in the morning: its own day has sold from it. A count is taken at the day's end.
    first_day = pl.col("on_hand_date") + pl.when(is_counted).then(pl.duration(days=1)).otherwise(pl.duration(days=0))
    sold = (
        stock.select("product_id", first_day=first_day)
        .join(demand.filter(pl.col("sales_date") < on), on="product_id")
        .filter(pl.col("sales_date") >= pl.col("first_day"))
        .group_by("product_id")
        .agg(sold_since_units=pl.col("demand_units").sum().cast(pl.Int64))
    )
    left = pl.max_horizontal(pl.col("level_units") - pl.col("sold_since_units"), pl.lit(0, dtype=pl.Int64))
    return (
        stock.join(sold, on="product_id", how="left")
        .with_columns(pl.col("sold_since_units").fill_null(0))
        .with_columns(on_hand_units=left)
        .select(STOCK_COLUMNS)
        .sort("product_id")
    )


def _sum(demand: pl.DataFrame, start: date, end: date, name: str) -> pl.DataFrame:
    within = demand.filter((pl.col("sales_date") >= start) & (pl.col("sales_date") < end))
    return within.group_by("product_id").agg(pl.col("demand_units").sum().cast(pl.Int64).alias(name))
