"""Is the value model to be believed? What it would have said some months ago, beside what came."""

from __future__ import annotations

from datetime import date, timedelta
from typing import cast

import numpy as np
import polars as pl

from models_ml.value.bgnbd import BgNbd
from models_ml.value.config import ValueAssumptions
from models_ml.value.fitting import Floats
from models_ml.value.history import WEEK, Columns, columns_of, summarise
from models_ml.value.models import fit

CALIBRATION = {
    "view": pl.String,
    "bucket": pl.Int64,
    "bucket_end_date": pl.Date,
    "customer_count": pl.Int64,
    "actual_value": pl.Float64,
    "predicted_value": pl.Float64,
    "naive_value": pl.Float64,
}
KEYS = ["view", "bucket"]
_LEAST_WEEKS = 4


def check(bought: pl.DataFrame, *, until: date, assumptions: ValueAssumptions) -> tuple[pl.DataFrame, dict[str, float]]:
    """Fits on the first part of the history and compares with the last.

    The naive rival lets everybody go on buying as often as before, purchases over age (none without a repeat).

    Args:
        bought: As from `history.purchases`.
        until: The first day that is not known.
        assumptions: How much is held out.

    Returns:
        The table `value_calibration` by these views, ready to plot: `frequency`, customers by their repeat purchases in
        the first part; `holdout`, mean purchases in the second part by those in the first; `tracking`, repeat purchases
        of all up to the end of each week; `value`, mean sales in the second part by fifths of predicted sales. And
        measures of the second part by name. Both are empty where the first part doesn't tell the parameters.
    """
    empty: tuple[pl.DataFrame, dict[str, float]] = (pl.DataFrame(schema=CALIBRATION), {})
    if bought.is_empty():
        return empty
    first = cast("date", bought["order_date"].min())
    held = min(int((until - first).days * assumptions.holdout_share), assumptions.max_holdout_days)
    split = until - timedelta(days=held)
    summary = summarise(bought, until=split)
    if held < _LEAST_WEEKS * WEEK:
        return empty
    fitted = fit(summary, assumptions)
    if fitted.purchases is None:
        return empty
    seen, span = columns_of(summary), held / WEEK
    came = _later(bought, summary, split, until)
    predicted = fitted.purchases.expected(span, seen.x, seen.t_x, seen.age)
    naive = seen.x / np.maximum(seen.age, 1 / WEEK) * span
    order_value = fitted.order_value(seen)
    rows = summary.select("customer_id", "frequency").with_columns(
        actual=came["orders"],
        sales=came["sales"],
        predicted=pl.Series(predicted),
        naive=pl.Series(naive),
        worth=pl.Series(predicted * order_value),
        naive_worth=pl.Series(naive) * summary["mean_value"],
    )
    views = [
        _frequency(fitted.purchases, seen, assumptions),
        _holdout(rows, assumptions),
        _tracking(bought, fitted.purchases, split, until),
        _value(rows),
    ]
    return pl.concat([view.select(list(CALIBRATION)) for view in views]), _measures(rows, held, split)


def _later(bought: pl.DataFrame, summary: pl.DataFrame, split: date, until: date) -> pl.DataFrame:
    later = bought.filter(pl.col("order_date").is_between(split, until, closed="left"))
    sums = later.group_by("customer_id").agg(orders=pl.len().cast(pl.Float64), sales=pl.col("sales_shop").sum())
    return summary.select("customer_id").join(sums, on="customer_id", how="left", maintain_order="left").fill_null(0.0)


def _frequency(purchases: BgNbd, seen: Columns, assumptions: ValueAssumptions) -> pl.DataFrame:
    top = assumptions.max_frequency_bucket
    # The model's shares depend on a customer's age alone, so each age is asked once.
    ages, counts = np.unique(seen.age, return_counts=True)
    x = np.arange(top, dtype=np.float64)
    shares = np.array([purchases.share_buying(x, float(age)) for age in ages])
    expected = counts @ shares
    actual = np.bincount(np.minimum(seen.x, top).astype(np.int64), minlength=top + 1)
    return _view(
        "frequency",
        pl.DataFrame(
            {
                "bucket": np.arange(top + 1),
                "customer_count": actual,
                "actual_value": actual.astype(np.float64),
                "predicted_value": np.append(expected, max(float(counts.sum()) - float(expected.sum()), 0.0)),
            }
        ),
    )


def _holdout(rows: pl.DataFrame, assumptions: ValueAssumptions) -> pl.DataFrame:
    buckets = rows.group_by(bucket=pl.col("frequency").clip(upper_bound=assumptions.max_frequency_bucket))
    means = buckets.agg(
        customer_count=pl.len().cast(pl.Int64),
        actual_value=pl.col("actual").mean(),
        predicted_value=pl.col("predicted").mean(),
        naive_value=pl.col("naive").mean(),
    )
    return _view("holdout", means.sort("bucket"))


def _value(rows: pl.DataFrame) -> pl.DataFrame:
    fifth = (pl.struct("worth", "customer_id").rank("ordinal") - 1) * 5 // pl.len() + 1
    means = (
        rows.with_columns(bucket=fifth.cast(pl.Int64))
        .group_by("bucket")
        .agg(
            customer_count=pl.len().cast(pl.Int64),
            actual_value=pl.col("sales").mean(),
            predicted_value=pl.col("worth").mean(),
            naive_value=pl.col("naive_worth").mean(),
        )
    )
    return _view("value", means.sort("bucket"))


def _tracking(bought: pl.DataFrame, purchases: BgNbd, split: date, until: date) -> pl.DataFrame:
    """Repeat purchases up to the end of each week, of the customers known at the split."""
    firsts = bought.group_by("customer_id").agg(first=pl.col("order_date").min()).filter(pl.col("first") < split)
    began = cast("date", firsts["first"].min())
    weeks = int((until - began).days / WEEK)
    ends = [began + timedelta(days=int(WEEK) * (week + 1)) for week in range(weeks)]
    starts = firsts.group_by("first").len().sort("first")
    counts, offset = starts["len"].to_numpy(), (starts["first"] - began).dt.total_days().to_numpy() / WEEK
    repeat = bought.join(firsts, on="customer_id").filter(pl.col("order_date") > pl.col("first"))["order_date"].sort()
    predicted: list[float] = []
    for week in range(weeks):
        spans = np.maximum(week + 1 - offset, 0.0)
        predicted.append(float(counts @ purchases.expected_from_start(spans)))
    known = [sum(1 for first in starts["first"] if first < end) for end in ends]
    customers = np.append(0, np.cumsum(counts))
    return _view(
        "tracking",
        pl.DataFrame(
            {
                "bucket": np.arange(1, weeks + 1),
                "bucket_end_date": ends,
                "customer_count": customers[known],
                "actual_value": repeat.search_sorted(pl.Series(ends, dtype=pl.Date), side="left").cast(pl.Float64),
                "predicted_value": predicted,
            }
        ),
    )


def _view(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    missing = {column: kind for column, kind in CALIBRATION.items() if column not in frame.columns}
    whole = frame.with_columns(*[pl.lit(None, dtype=kind()).alias(column) for column, kind in missing.items()])
    named = whole.with_columns(view=pl.lit(name))
    return named.select(pl.col(column).cast(kind()) for column, kind in CALIBRATION.items())


def _measures(rows: pl.DataFrame, held: int, split: date) -> dict[str, float]:
    actual, sales = rows["actual"].to_numpy(), rows["sales"].to_numpy()
    return {
        "holdout_days": float(held),
        "holdout_customers": float(rows.height),
        "holdout_orders_actual": float(actual.sum()),
        "holdout_orders_predicted": float(rows["predicted"].sum()),
        "holdout_orders_naive": float(rows["naive"].sum()),
        "holdout_mae": _mae(actual, rows["predicted"]),
        "holdout_mae_naive": _mae(actual, rows["naive"]),
        "holdout_rmse": _rmse(actual, rows["predicted"]),
        "holdout_rmse_naive": _rmse(actual, rows["naive"]),
        "holdout_sales_actual": float(sales.sum()),
        "holdout_sales_predicted": float(rows["worth"].sum()),
        "holdout_sales_naive": float(rows["naive_worth"].sum()),
    }


def _mae(actual: Floats, predicted: pl.Series) -> float:
    return float(np.abs(actual - predicted.to_numpy()).mean())


def _rmse(actual: Floats, predicted: pl.Series) -> float:
    return float(np.sqrt(((actual - predicted.to_numpy()) ** 2).mean()))
