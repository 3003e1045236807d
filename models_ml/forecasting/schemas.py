"""The result tables of the forecast: columns, types and keys."""

from __future__ import annotations

import polars as pl

from models_ml.tables import Schema

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
    "smape": pl.Float64,
    "rmsse": pl.Float64,
    "pinball": pl.Float64,
}
DEMAND_FORECAST = {
    "level": pl.String,
    "series_id": pl.String,
    "channel_id": pl.String,
    "product_id": pl.String,
    "category_id": pl.String,
    "period_kind": pl.String,
    "period_start": pl.Date,
    "demand_units": pl.Float64,
}
FORECAST_CHAMPION = {
    "series_class": pl.String,
    "model": pl.String,
    "previous_model": pl.String,
    "best_model": pl.String,
    "reason": pl.String,
    "series_count": pl.Int32,
    "relative_wape": pl.Float64,
    "is_fallback": pl.Boolean,
}
FORECAST_DRIFT = {
    "series_class": pl.String,
    "day_count": pl.Int32,
    "series_count": pl.Int32,
    "wape": pl.Float64,
    "expected_wape": pl.Float64,
    "bias_pct": pl.Float64,
    "ratio": pl.Float64,
    "is_drifted": pl.Boolean,
}
FORECAST_DECOMPOSITION = {
    "metric": pl.String,
    "sales_date": pl.Date,
    "is_forecast": pl.Boolean,
    "actual": pl.Float64,
    "fitted": pl.Float64,
    "trend": pl.Float64,
    "weekly_pct": pl.Float64,
    "yearly_pct": pl.Float64,
    "holidays_pct": pl.Float64,
}
FORECAST_RUN = {
    "parameter": pl.String,
    "value": pl.String,
}
TABLES: dict[str, tuple[Schema, tuple[str, ...]]] = {
    "product_forecast": (PRODUCT_FORECAST, ("product_id", "forecast_date")),
    "product_horizon_demand": (PRODUCT_HORIZON_DEMAND, ("product_id", "horizon_days")),
    "total_forecast": (TOTAL_FORECAST, ("metric", "forecast_date")),
    "forecast_accuracy": (FORECAST_ACCURACY, ("level", "metric", "series_class", "model", "horizon_days")),
    "demand_forecast": (DEMAND_FORECAST, ("level", "series_id", "period_kind", "period_start")),
    "forecast_champion": (FORECAST_CHAMPION, ("series_class",)),
    "forecast_drift": (FORECAST_DRIFT, ("series_class",)),
    "forecast_decomposition": (FORECAST_DECOMPOSITION, ("metric", "sales_date")),
    "forecast_run": (FORECAST_RUN, ("parameter",)),
}
