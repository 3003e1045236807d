"""Stock on hand: counted where a count was supplied, else assumed and said so."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from models_ml.inventory.config import InventoryAssumptions

PERIOD_DAYS = 28
STOCK_COLUMNS = (
    "product_id",
    "on_hand_units",
    "on_hand_source",
    "on_hand_date",
    "sold_since_units",
    "level_units",
    "busiest_units",
)


def stock_on_hand(
    product_ids: pl.Series, counts: pl.DataFrame, demand: pl.DataFrame, *, on: date, assumptions: InventoryAssumptions
) -> pl.DataFrame:
    """Units on hand of each product on the morning of a date.

    A counted product has what was counted less what has sold on the days after the count: receipts since then are not
    known, so the figure is never below zero. For all others the shop is taken to have topped up, `topped_up_days_ago`
    before, to `topped_up_cover_days` of demand at the rate of the busiest of the `topped_up_periods` four-week periods
    before that (of the days since, for a product without demand before); what has sold since is gone. What was sold
    had been there: a product that has sold more than its level is taken to have been topped up to it again whenever
    it ran out, so that on hand = level − (sold since mod level).

    Args:
        product_ids: Products wanted.
        counts: `product_id, on_hand_units, counted_date`; may be empty.
        demand: `product_id, sales_date, demand_units`, days before `on`.
        on: The as-of date.
        assumptions: Of the inventory package.

    Returns:
        `STOCK_COLUMNS`, a row a product: `level_units` is what the stock stood at on `on_hand_date`,
        `busiest_units` the busiest period that an assumed level is made of (null where counted).
    """
    topped_up = on - timedelta(days=assumptions.topped_up_days_ago.value)
    busiest = _busiest_period(demand, topped_up, assumptions.topped_up_periods.value)
    daily = pl.col("busiest_units").fill_null(0) / PERIOD_DAYS
    assumed_level = (daily * assumptions.topped_up_cover_days.value).round().cast(pl.Int64)
    counted = counts.select("product_id", counted_units="on_hand_units", counted_date="counted_date")
    is_counted = pl.col("counted_units").is_not_null()
    stock = (
        pl.DataFrame({"product_id": product_ids})
        .join(counted, on="product_id", how="left")
        .join(busiest, on="product_id", how="left")
        .with_columns(
            on_hand_source=pl.when(is_counted).then(pl.lit("supplied")).otherwise(pl.lit("assumed")),
            on_hand_date=pl.when(is_counted).then("counted_date").otherwise(pl.lit(topped_up)),
            level_units=pl.when(is_counted).then("counted_units").otherwise(assumed_level),
            busiest_units=pl.when(~is_counted).then(pl.col("busiest_units").fill_null(0)),
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
    since = pl.col("sold_since_units") / assumptions.topped_up_days_ago.value
    level_since = (since * assumptions.topped_up_cover_days.value).round().cast(pl.Int64)
    is_assumed_anew = (pl.col("on_hand_source") == "assumed") & (pl.col("level_units") == 0)
    return (
        stock.join(sold, on="product_id", how="left")
        .with_columns(pl.col("sold_since_units").fill_null(0))
        .with_columns(level_units=pl.when(is_assumed_anew).then(level_since).otherwise("level_units"))
        .with_columns(on_hand_units=_left())
        .select(STOCK_COLUMNS)
        .sort("product_id")
    )


def _left() -> pl.Expr:
    """Units left of a level: of a counted one down to zero, of an assumed one after as many top-ups as it took."""
    level, sold = pl.col("level_units"), pl.col("sold_since_units")
    counted = pl.max_horizontal(level - sold, pl.lit(0, dtype=pl.Int64))
    assumed = pl.when(level > 0).then(level - sold % level).otherwise(0)
    return pl.when(pl.col("on_hand_source") == "supplied").then(counted).otherwise(assumed)


def _busiest_period(demand: pl.DataFrame, end: date, periods: int) -> pl.DataFrame:
    """The most units of each product in any of the last so many four-week periods before a date."""
    age = (pl.lit(end) - pl.col("sales_date")).dt.total_days()
    recent = demand.filter(age.is_between(1, periods * PERIOD_DAYS))
    by_period = recent.group_by("product_id", period=(age - 1) // PERIOD_DAYS).agg(pl.col("demand_units").sum())
    return by_period.group_by("product_id").agg(busiest_units=pl.col("demand_units").max().cast(pl.Int64))
