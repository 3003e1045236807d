"""What the models see of a customer: when they bought, and for how much."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from models_ml.tables import require_columns
from models_ml.value.fitting import Floats

WEEK = 7.0
COLUMNS = ["customer_id", "order_date", "sales_shop"]


@dataclass(frozen=True)
class Columns:
    """Arrays of a summary, in its order; times in weeks.

    Attributes:
        x: Repeat purchases; `t_x`: first purchase to last; `age`: first purchase to the summary's end.
        z: Mean of the repeat purchases, in shop currency; 0 without any.
    """

    x: Floats
    t_x: Floats
    age: Floats
    z: Floats


def purchases(orders: pl.DataFrame) -> pl.DataFrame:
    """Orders of a customer on one day made one purchase: whoever orders twice on a day has not come back.

    Args:
        orders: `customer_id, order_date, sales_shop`.

    Returns:
        The same columns, a row for each customer and day, sorted.

    Raises:
        ContractError: If a column is missing or holds nulls.
    """
    require_columns(orders, COLUMNS, table="orders")
    days = orders.group_by("customer_id", "order_date").agg(pl.col("sales_shop").cast(pl.Float64).sum().round(4))
    return days.sort("customer_id", "order_date")


def summarise(bought: pl.DataFrame, *, until: date) -> pl.DataFrame:
    """A row for each customer who bought before a day.

    Args:
        bought: As from `purchases`.
        until: The first day that is not known.

    Returns:
        `customer_id, frequency` (repeat purchases), `recency_weeks` (first to last), `age_weeks` (first to the last
        known day), `repeat_value` (mean of the repeat purchases, 0 without), `mean_value` (of all), `sales`,
        `first_date`, `last_date`; sorted by customer.
    """
    known = bought.filter(pl.col("order_date") < until)
    first, last = pl.col("order_date").min(), pl.col("order_date").max()
    return (
        known.group_by("customer_id")
        .agg(
            frequency=(pl.len() - 1).cast(pl.Int64),
            recency_weeks=(last - first).dt.total_days() / WEEK,
            age_weeks=(pl.lit(until) - first).dt.total_days() / WEEK - 1 / WEEK,
            repeat_value=pl.col("sales_shop").sort_by("order_date").slice(1).mean().fill_null(0.0).round(6),
            mean_value=pl.col("sales_shop").mean().round(6),
            sales=pl.col("sales_shop").sum().round(4),
            first_date=first,
            last_date=last,
        )
        .sort("customer_id")
    )


def columns_of(summary: pl.DataFrame) -> Columns:
    """The arrays that the models take."""
    return Columns(
        x=summary["frequency"].cast(pl.Float64).to_numpy(),
        t_x=summary["recency_weeks"].to_numpy(),
        age=summary["age_weeks"].to_numpy(),
        z=summary["repeat_value"].to_numpy(),
    )
