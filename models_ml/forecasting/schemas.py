"""The result tables of the forecast: columns, types and keys."""

from __future__ import annotations

import polars as pl

PRODUCT_FORECAST = {
    "product_id": pl.String,
    "forecast_date": pl.Date,
    "horizon_days": pl.Int32,
    "demand_units": pl.Float64,
    "demand_units_p10": pl.Float64,
    "demand_units_p50": pl.Float64,
    "demand_units_p90": pl.Float64,
    "model": pl.String,
    "series_class": pl.String,
}
PRODUCT_HORIZON_DEMAND = {
    "product_id": pl.String,
    "horizon_days": pl.Int32,
    "demand_units": pl.Float64,
    "demand_units_p50": pl.Float64,
    "demand_units_p80": pl.Float64,
    "demand_units_p90": pl.Float64,
    "demand_units_p95": pl.Float64,
    "demand_units_std": pl.Float64,
    "series_class": pl.String,
}
TOTAL_FORECAST = {
    "metric": pl.String,
    "forecast_date": pl.Date,
    "value": pl.Float64,
    "value_p10": pl.Float64,
    "value_p90": pl.Float64,
    "model": pl.String,
}
FORECAST_ACCURACY = {
    "level": pl.String,
    "metric": pl.String,
    "series_class": pl.String,
    "model": pl.String,
    "is_champion": pl.Boolean,
    "is_baseline": pl.Boolean,
    "horizon_days": pl.Int32,
    "fold_count": pl.Int32,
    "series_count": pl.Int32,
    "wape": pl.Float64,
    "mase": pl.Float64,
    "bias_pct": pl.Float64,
    "coverage_80_pct": pl.Float64,
}
TABLES = {
    "product_forecast": (PRODUCT_FORECAST, ("product_id", "forecast_date")),
    "product_horizon_demand": (PRODUCT_HORIZON_DEMAND, ("product_id", "horizon_days")),
    "total_forecast": (TOTAL_FORECAST, ("metric", "forecast_date")),
    "forecast_accuracy": (FORECAST_ACCURACY, ("level", "metric", "series_class", "model", "horizon_days")),
}
