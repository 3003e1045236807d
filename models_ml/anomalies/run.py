"""From the warehouse's daily marts to the days that were unusual."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lakehouse.settings import Settings
from models_ml.anomalies.config import AnomalyAssumptions, default_assumptions
from models_ml.anomalies.expected import Scale, judge
from models_ml.tables import FrameReader, conform, local_date, require_columns, require_key

ALL_CHANNELS = "(all)"
COUNTS = ("orders", "refunds", "sessions")
ANOMALY = {
    "day": pl.Date,
    "channel_id": pl.String,
    "metric": pl.String,
    "value": pl.Float64,
    "expected": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "score": pl.Float64,
    "direction": pl.String,
    "is_special_day": pl.Boolean,
}
_KEYS = ("day", "channel_id", "metric")
SALES_SQL = """
select
    sales_date as day,
    channel_id,
    cast(order_count as double) as orders,
    cast(gross_sales_shop - discounts_shop as double) as sales,
    cast(unit_count as double) as units,
    cast(refund_count as double) as refunds
from fct_daily_sales
where sales_date < ? and sales_date >= ?
order by day, channel_id
"""
VISITS_SQL = """
select visit_date as day, channel_id, cast(sum(session_count) as double) as sessions
from fct_daily_funnel
where visit_date < ? and visit_date >= ?
group by visit_date, channel_id
order by day, channel_id
"""
DAYS_SQL = """
select date_day as day, is_holiday, is_event from dim_date
where date_day < ? and date_day >= ?
order by day
"""


def run(reader: FrameReader, *, as_of: datetime, settings: Settings) -> dict[str, pl.DataFrame]:
    """Looks for unusual days in the published marts.

    Args:
        reader: The warehouse; days before the shop's local date of `as_of` are read.
        as_of: The moment of knowledge.
        settings: For the shop's time zone.

    Returns:
        `anomaly`: a row a day, channel and metric of the last days, unusual or not.
    """
    rules = default_assumptions()
    until = local_date(as_of, settings.shop_time_zone)
    span = [until, until - timedelta(days=rules.history_days)]
    return detect(reader.frame(SALES_SQL, span), reader.frame(VISITS_SQL, span), reader.frame(DAYS_SQL, span))


def detect(
    sales: pl.DataFrame, visits: pl.DataFrame, days: pl.DataFrame, *, rules: AnomalyAssumptions | None = None
) -> dict[str, pl.DataFrame]:
    """The same from frames.

    Args:
        sales: `day, channel_id, orders, sales, units, refunds`, a row a day and channel with any.
        visits: `day, channel_id, sessions`.
        days: `day, is_holiday, is_event`; days that are missing are neither.
        rules: The assumptions; those of the repository's file by default.

    Returns:
        `anomaly`, empty where nothing was sold.

    Raises:
        ContractError: If an input lacks a column, holds nulls or repeats a key.
    """
    rules = rules or default_assumptions()
    for frame, table in ((sales, "daily sales"), (visits, "daily visits")):
        require_columns(frame, ["day", "channel_id"], table=table)
        require_key(frame, table=table, keys=["day", "channel_id"])
    series = _series(sales, visits, rules)
    if series.is_empty():
        return {"anomaly": pl.DataFrame(schema=ANOMALY)}
    names = [name for name in series.columns if name != "day"]
    values = series.select(names).to_numpy().T.astype(np.float64)
    is_count = np.array([name.partition("/")[0] in COUNTS for name in names])
    scale = Scale.of(values, is_count, rules.log_offset)
    special = _special(series["day"], days, rules)
    judged = judge(values, special, scale, rules)
    reach = rules.score_threshold * judged.spread
    kept = min(rules.reported_days, series.height)
    parts = []
    told = {
        "value": values,
        "expected": scale.back(judged.expected),
        "low": scale.back(judged.expected - reach),
        "high": scale.back(judged.expected + reach),
        "score": (scale.to(values) - judged.expected) / judged.spread,
        "direction": judged.direction,
    }
    for number, name in enumerate(names):
        metric, _, channel = name.partition("/")
        columns = {column: matrix[number, -kept:] for column, matrix in told.items()}
        parts.append(
            pl.DataFrame({"day": series["day"][-kept:], "is_special_day": special[-kept:], **columns}).with_columns(
                channel_id=pl.lit(channel), metric=pl.lit(metric)
            )
        )
    words = {1: "high", -1: "low", 0: "usual"}
    frame = (
        pl.concat(parts)
        .with_columns(pl.col("expected", "low", "high", "score").fill_nan(None))
        .with_columns(pl.col("direction").replace_strict(words, return_dtype=pl.String))
        .filter(pl.col("score").is_not_null())
    )
    return {"anomaly": conform(frame.select(list(ANOMALY)), ANOMALY, table="anomaly", keys=_KEYS)}


def _series(sales: pl.DataFrame, visits: pl.DataFrame, rules: AnomalyAssumptions) -> pl.DataFrame:
    """A column a metric and channel (`orders/web`), a row a day, days without any as zero."""
    if sales.is_empty():
        return pl.DataFrame(schema={"day": pl.Date})
    channels = sales["channel_id"].n_unique()
    if channels > 1:
        amounts = pl.col("orders", "sales", "units", "refunds").sum()
        whole = sales.group_by("day").agg(amounts).with_columns(channel_id=pl.lit(ALL_CHANNELS))
        sales = pl.concat([sales, whole.select(sales.columns)])
    wide = sales.select(pl.date_range(pl.col("day").min(), pl.col("day").max()).alias("day"))
    for channel in sorted(sales["channel_id"].unique()):
        own = wide.select("day").join(sales.filter(pl.col("channel_id") == channel), on="day", how="left")
        own = own.sort("day").fill_null(0)
        if own["orders"].sum() < rules.least_daily_orders * own.height:
            continue
        # a day on which nothing was sold has no price of its own
        price = pl.when(pl.col("units") > 0).then(pl.col("sales") / pl.col("units"))
        made = own.select(
            *(pl.col(metric).clip(0).alias(f"{metric}/{channel}") for metric in ("orders", "sales", "refunds")),
            price.forward_fill().backward_fill().fill_null(0).clip(0).alias(f"price/{channel}"),
        )
        wide = wide.hstack(made)
    for channel in sorted(visits["channel_id"].unique()):
        own = wide.select("day").join(visits.filter(pl.col("channel_id") == channel), on="day", how="left").sort("day")
        # clicks are recorded since some day; before it there is nothing to compare with
        if own["sessions"].is_null().sum() * 2 < own.height:
            wide = wide.with_columns(own["sessions"].fill_null(0).alias(f"sessions/{channel}"))
    return wide if wide.width > 1 else pl.DataFrame(schema={"day": pl.Date})


def _special(days: pl.Series, told: pl.DataFrame, rules: AnomalyAssumptions) -> NDArray[np.bool_]:
    """Which of the days are holidays, events, between two events, or right after one. Shape (days,)."""
    events = sorted(told.filter(pl.col("is_event"))["day"].to_list())
    spans = [(event, event) for event in events]
    spans.extend((one, other) for one, other in pairwise(events) if (other - one).days <= rules.event_gap_days)
    special = set(told.filter(pl.col("is_holiday"))["day"].to_list())
    for begin, end in spans:
        special |= {begin + timedelta(days=step) for step in range((end - begin).days + rules.event_after_days + 1)}
    return np.array([day in special for day in days.to_list()], dtype=np.bool_)
