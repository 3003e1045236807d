"""Demand per product and channel, and its sums: categories, channels and the shop, by day and by week."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from models_ml.forecasting.config import ForecastAssumptions
from models_ml.forecasting.schemas import DEMAND_FORECAST

_NONE = "(none)"
# Units of the lowest level are multiples of 2^-20: sums of such numbers are exact in floating point below 2^33, in
# whatever order they are added, so that every level adds up to the last bit.
_GRAIN = 2.0**20


def channel_shares(sold: pl.DataFrame, products: pl.Series, *, start: date, rules: ForecastAssumptions) -> pl.DataFrame:
    """The share of each product's demand that each channel is expected to take.

    The units of the last `channel_share_days` days, with the shop's own shares counting for `channel_prior_units` more:
    a product that sold once, in one channel, is not thereby a product of that channel alone. The shares of a product
    add up to 1.

    Args:
        sold: `product_id, channel_id, sales_date, demand_units`.
        products: The products to forecast.
        start: The as-of date.
        rules: The assumptions.

    Returns:
        `product_id, channel_id, share`; one channel named `(none)` where nothing tells of channels.
    """
    recent = sold.filter(
        (pl.col("sales_date") < start)
        & (pl.col("sales_date") >= start - timedelta(days=rules.channel_share_days))
        & (pl.col("demand_units") > 0)
    )
    if recent.is_empty():
        return pl.DataFrame(
            {"product_id": products, "channel_id": [_NONE] * len(products), "share": [1.0] * len(products)}
        )
    shop = recent.group_by("channel_id").agg(pl.col("demand_units").sum().alias("units")).sort("channel_id")
    shop = shop.select("channel_id", prior=rules.channel_prior_units * pl.col("units") / pl.col("units").sum())
    own = recent.group_by("product_id", "channel_id").agg(pl.col("demand_units").sum().alias("units"))
    return (
        products.alias("product_id")
        .to_frame()
        .join(shop, how="cross")
        .join(own, on=["product_id", "channel_id"], how="left")
        .with_columns(weight=pl.col("units").fill_null(0) + pl.col("prior"))
        .select("product_id", "channel_id", share=pl.col("weight") / pl.col("weight").sum().over("product_id"))
        .sort("product_id", "channel_id")
    )


def demand_forecast(
    forecast: pl.DataFrame,
    sold: pl.DataFrame,
    categories: Mapping[str, str],
    *,
    start: date,
    rules: ForecastAssumptions,
) -> pl.DataFrame:
    """The forecast at every level, by day and by week of seven days from `start`: all are sums of the lowest.

    Bottom-up: each product's champion is split among the channels, and whatever stands above is added up from there, so
    a category is exactly its products and a week exactly its days.

    Args:
        forecast: `product_forecast`.
        sold: `product_id, channel_id, sales_date, demand_units`.
        categories: Category of each product.
        start: The as-of date.
        rules: The assumptions.
    """
    if forecast.is_empty():
        return pl.DataFrame(schema=DEMAND_FORECAST)
    shares = channel_shares(sold, forecast["product_id"].unique().sort(), start=start, rules=rules)
    known = pl.DataFrame(
        {"product_id": list(categories), "category_id": list(categories.values())},
        schema={"product_id": pl.String, "category_id": pl.String},
    )
    lowest = (
        forecast.select("product_id", "forecast_date", "demand_units")
        .join(shares, on="product_id")
        .join(known, on="product_id", how="left")
        .with_columns(
            pl.col("category_id").fill_null(_NONE),
            demand_units=(pl.col("demand_units") * pl.col("share") * _GRAIN).round() / _GRAIN,
        )
    )
    week = pl.lit(start) + pl.duration(days=((pl.col("forecast_date") - start).dt.total_days() // 7) * 7)
    frames = []
    for kind, period in (("day", pl.col("forecast_date")), ("week", week)):
        base = (
            lowest.with_columns(period_start=period.cast(pl.Date), period_kind=pl.lit(kind))
            .group_by("product_id", "channel_id", "category_id", "period_kind", "period_start")
            .agg(pl.col("demand_units").sum())
            .sort("product_id", "channel_id", "period_start")
        )
        frames += [_level(base, level, columns) for level, columns in _LEVELS.items()]
    return pl.concat(frames)


_LEVELS: dict[str, tuple[str, ...]] = {
    "total": (),
    "channel": ("channel_id",),
    "category": ("category_id",),
    "product_channel": ("product_id", "channel_id"),
}


def _level(base: pl.DataFrame, level: str, columns: tuple[str, ...]) -> pl.DataFrame:
    keys = [*columns, "period_kind", "period_start"]
    summed = base.group_by(keys, maintain_order=True).agg(pl.col("demand_units").sum())
    absent = [name for name in ("channel_id", "product_id", "category_id") if name not in columns]
    name = pl.concat_str([pl.col(column) for column in columns], separator="/") if columns else pl.lit("shop")
    return summed.with_columns(
        *(pl.lit(None, dtype=pl.String).alias(column) for column in absent), level=pl.lit(level), series_id=name
    ).select(list(DEMAND_FORECAST))
