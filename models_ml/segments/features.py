"""What customers and products are compared by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models_ml.segments.config import SegmentAssumptions

CUSTOMER_FEATURES = ("recency_days", "order_count", "order_value", "tenure_days", "units_per_order")
PRODUCT_FEATURES = ("price", "demand_rate", "seasonality", "return_rate")
_LIMIT = 3.0  # standard deviations; what lies further off counts as so far, or it would be a cluster of its own


@dataclass(frozen=True)
class Scale:
    """How features become comparable: logarithms, then standard deviations from the mean.

    Attributes:
        features: Names, in the order of the columns.
        means: Of the logarithms; `deviations`: of the logarithms, 1 for a feature that is the same for all.
    """

    features: tuple[str, ...]
    means: NDArray[np.float64]
    deviations: NDArray[np.float64]

    def matrix(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        """The features of a frame's rows in standard deviations, within three of them."""
        return np.clip((_logs(frame, self.features) - self.means) / self.deviations, -_LIMIT, _LIMIT)


def scale_of(frame: pl.DataFrame, features: tuple[str, ...]) -> Scale:
    """The scale that a frame's rows give."""
    logs = _logs(frame, features)
    deviations = logs.std(axis=0)
    return Scale(features, logs.mean(axis=0), np.where(deviations > 1e-9, deviations, 1.0))


def _logs(frame: pl.DataFrame, features: tuple[str, ...]) -> NDArray[np.float64]:
    columns = [np.log1p(np.maximum(frame[name].cast(pl.Float64).to_numpy(), 0.0)) for name in features]
    return np.round(np.column_stack(columns), 9)  # sums of floats differ in the last bit with the number of threads


def customer_features(orders: pl.DataFrame, *, until: date) -> pl.DataFrame:
    """A row for each customer who bought before a day.

    Args:
        orders: `customer_id, order_date, sales_shop, unit_count`, a row for each order.
        until: The first day that is not known.

    Returns:
        `member_id` and `CUSTOMER_FEATURES`; sorted.
    """
    known = orders.filter(pl.col("order_date") < until)
    last, first = pl.col("order_date").max(), pl.col("order_date").min()
    return (
        known.group_by(member_id="customer_id")
        .agg(
            recency_days=(pl.lit(until) - last).dt.total_days().cast(pl.Float64),
            order_count=pl.len().cast(pl.Float64),
            order_value=pl.col("sales_shop").mean(),
            tenure_days=(pl.lit(until) - first).dt.total_days().cast(pl.Float64),
            units_per_order=pl.col("unit_count").mean(),
        )
        .sort("member_id")
    )


def product_features(months: pl.DataFrame, *, until: date, assumptions: SegmentAssumptions) -> pl.DataFrame:
    """A row for each product that sold enough.

    Seasonality is the standard deviation over the mean of daily demand by month, less what chance alone would make of
    so few units (one over the mean number of a month's units, for counts).

    Args:
        months: `product_id, month, days` (on which it was on sale in the month), `units, returned_units, sales_shop`.
        until: The first day that is not known.
        assumptions: Least units, and the return rate's prior.

    Returns:
        `member_id` and `PRODUCT_FEATURES`; sorted.
    """
    known = months.filter((pl.col("month") < until) & (pl.col("days") > 0))
    shop = float(known["returned_units"].sum()) / max(float(known["units"].sum()), 1.0)
    prior = assumptions.return_prior_units
    rate = pl.col("units") / pl.col("days")
    mean_rate = pl.col("units").sum() / pl.col("days").sum()
    spread = ((rate - mean_rate) ** 2 * pl.col("days")).sum() / pl.col("days").sum() / mean_rate**2
    chance = pl.len() / pl.col("units").sum()
    return (
        known.group_by(member_id="product_id")
        .agg(
            units=pl.col("units").sum(),
            price=pl.col("sales_shop").sum() / pl.col("units").sum(),
            demand_rate=mean_rate * 30,
            seasonality=(spread - chance).clip(lower_bound=0).sqrt().fill_nan(0.0),
            return_rate=100 * (pl.col("returned_units").sum() + prior * shop) / (pl.col("units").sum() + prior),
        )
        .filter(pl.col("units") >= assumptions.min_product_units)
        .drop("units")
        .sort("member_id")
    )
