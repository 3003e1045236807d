"""The product forecast: champions per class, their paths and calibrated quantiles."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models_ml.forecasting.accuracy_table import product_rows
from models_ml.forecasting.backtest import Fold, run_folds
from models_ml.forecasting.calendar import days
from models_ml.forecasting.candidates import Forecasts, forecast_all
from models_ml.forecasting.champion import champion_path, champions
from models_ml.forecasting.config import ForecastAssumptions
from models_ml.forecasting.intervals import LEVELS, Calibration
from models_ml.forecasting.panel import DemandPanel
from models_ml.forecasting.schemas import FORECAST_ACCURACY, PRODUCT_FORECAST, PRODUCT_HORIZON_DEMAND

Floats = NDArray[np.float64]
DAILY = 1
logger = logging.getLogger(__name__)


def forecast_products(panel: DemandPanel, start: date, rules: ForecastAssumptions) -> dict[str, pl.DataFrame]:
    """Forecasts all products sold in the last `active_days` days.

    Args:
        panel: Known demand, all before `start`.
        start: The first day to forecast, the as-of date.
        rules: The assumptions.

    Returns:
        `product_forecast`, `product_horizon_demand` and the product rows of `forecast_accuracy`.
    """
    folds = run_folds(panel, rules)
    chosen, scores = champions(folds, rules)
    active = panel.rows(panel.active(rules.active_days))
    logger.info(
        "Forecasting %d products; %d had no demand in the last %d days and are left out.",
        len(active.product_ids),
        len(panel.product_ids) - len(active.product_ids),
        rules.active_days,
    )
    # Days between the last known one and the start are forecast too, and then left out.
    gap = (start - panel.last).days - 1
    forecasts = forecast_all(active, days(panel.last + timedelta(days=1), gap + rules.horizon_days), rules)
    path = champion_path(forecasts, chosen)[:, gap:]
    calibrations = calibrate(folds, chosen, rules)
    return {
        "product_forecast": _daily(forecasts, path, gap, calibrations[DAILY], chosen),
        "product_horizon_demand": _cumulative(forecasts, path, calibrations, rules),
        "forecast_accuracy": pl.DataFrame(
            product_rows(folds, chosen, scores, coverage(folds, chosen, rules)), schema=FORECAST_ACCURACY, orient="row"
        ),
    }


def calibrate(folds: Sequence[Fold], chosen: Mapping[str, str], rules: ForecastAssumptions) -> dict[int, Calibration]:
    """Residual quantiles of single days (key 1) and of each cumulative horizon."""
    horizons = (DAILY, *rules.cumulative_horizons)
    if not folds:
        return {horizon: Calibration.assumed(rules.default_score_std) for horizon in horizons}
    fitted = {}
    for horizon in horizons:
        samples = [_samples(fold, chosen, horizon) for fold in folds]
        forecast, actual, classes = (np.concatenate(parts) for parts in zip(*samples, strict=True))
        fitted[horizon] = Calibration.fit(forecast, actual, classes, at_least=rules.min_class_series)
    return fitted


def coverage(
    folds: Sequence[Fold], chosen: Mapping[str, str], rules: ForecastAssumptions
) -> dict[tuple[str, int], float]:
    """Share of actuals within the 10 % to 90 % quantiles, on the newest fold with the older ones as calibration.

    Keys are class (`all` for every class) and horizon. Empty with fewer than two folds.
    """
    if len(folds) < 2:
        return {}
    older = calibrate(folds[1:], chosen, rules)
    result: dict[tuple[str, int], float] = {}
    for horizon, calibration in older.items():
        forecast, actual, classes = _samples(folds[0], chosen, horizon)
        low, *_, high, _top = calibration.quantiles(forecast, classes)
        inside = (actual >= low) & (actual <= high)
        result["all", horizon] = float(inside.mean())
        for name in np.unique(classes):
            result[str(name), horizon] = float(inside[classes == name].mean())
    return result


def _samples(fold: Fold, chosen: Mapping[str, str], horizon: int) -> tuple[Floats, Floats, NDArray[np.str_]]:
    path = champion_path(fold.forecasts, chosen)
    if horizon != DAILY:
        return path[:, :horizon].sum(axis=1), fold.actual[:, :horizon].sum(axis=1), fold.forecasts.classes
    open_days = fold.forecasts.weights > 0
    classes = np.repeat(fold.forecasts.classes, open_days.sum())
    return path[:, open_days].ravel(), fold.actual[:, open_days].ravel(), classes


def _daily(
    forecasts: Forecasts, path: Floats, gap: int, calibration: Calibration, chosen: Mapping[str, str]
) -> pl.DataFrame:
    products, width = path.shape
    classes = np.repeat(forecasts.classes, width)
    by_level = dict(zip(LEVELS, calibration.quantiles(path.ravel(), classes), strict=True))
    closed = np.tile(forecasts.weights[gap:] == 0, products)
    units = {f"demand_units_p{round(100 * level)}": np.where(closed, 0.0, by_level[level]) for level in (0.1, 0.5, 0.9)}
    return pl.DataFrame(
        {
            "product_id": np.repeat(forecasts.product_ids, width),
            "forecast_date": list(forecasts.dates[gap:]) * products,
            "horizon_days": np.tile(np.arange(1, width + 1), products),
            "demand_units": path.ravel(),
            **units,
            "model": [chosen[name] for name in classes],
            "series_class": classes,
        },
        schema=PRODUCT_FORECAST,
    )


def _cumulative(
    forecasts: Forecasts, path: Floats, calibrations: Mapping[int, Calibration], rules: ForecastAssumptions
) -> pl.DataFrame:
    horizons = rules.cumulative_horizons
    sums = np.array([path[:, :horizon].sum(axis=1) for horizon in horizons])
    levels = np.array(
        [calibrations[horizon].quantiles(row, forecasts.classes) for horizon, row in zip(horizons, sums, strict=True)]
    )
    # Demand of two weeks is never less than that of the first: nor may its quantiles be.
    levels = np.maximum.accumulate(levels, axis=0)
    stds = [calibrations[horizon].std(row, forecasts.classes) for horizon, row in zip(horizons, sums, strict=True)]
    frames = [
        pl.DataFrame(
            {
                "product_id": forecasts.product_ids,
                "horizon_days": [horizon] * len(forecasts.product_ids),
                "demand_units": sums[number],
                **{f"demand_units_p{round(100 * level)}": levels[number, LEVELS.index(level)] for level in LEVELS[1:]},
                "demand_units_std": stds[number],
                "series_class": forecasts.classes,
            },
            schema=PRODUCT_HORIZON_DEMAND,
        )
        for number, horizon in enumerate(horizons)
    ]
    return pl.concat(frames)
