"""The product forecast: champions per class, their paths and calibrated quantiles."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models_ml.forecasting.accuracy_table import product_rows
from models_ml.forecasting.backtest import Fold, run_folds
from models_ml.forecasting.batches import COMING, Done
from models_ml.forecasting.calendar import days
from models_ml.forecasting.candidates import BASELINE, BLEND, Forecasts, forecast_all
from models_ml.forecasting.champion import Scores, champion_path, champions, choose
from models_ml.forecasting.config import ForecastAssumptions
from models_ml.forecasting.intervals import LEVELS, Calibration
from models_ml.forecasting.panel import DemandPanel
from models_ml.forecasting.schemas import FORECAST_ACCURACY, FORECAST_CHAMPION, PRODUCT_FORECAST, PRODUCT_HORIZON_DEMAND

Floats = NDArray[np.float64]
DAILY = 1
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Before:
    """What the run before this one said, where there is one: its tables, for drift and against churn."""

    champions: Mapping[str, str]
    drifted: frozenset[str] = frozenset()


def forecast_products(
    panel: DemandPanel,
    start: date,
    rules: ForecastAssumptions,
    *,
    categories: Mapping[str, str] | None = None,
    before: Before | None = None,
    done: Done | None = None,
) -> dict[str, pl.DataFrame]:
    """Forecasts all products sold in the last `active_days` days.

    Args:
        panel: Known demand, all before `start`.
        start: The first day to forecast, the as-of date.
        rules: The assumptions.
        categories: Category of each product.
        before: The last run's champions, and the classes in which its forecast has drifted: those choose anew.
        done: Parts of the work that are done already.

    Returns:
        `product_forecast`, `product_horizon_demand`, `forecast_champion` and the product rows of `forecast_accuracy`.
    """
    previous = before or Before({})
    folds = run_folds(panel, rules, categories, done)
    incumbents = {name: model for name, model in previous.champions.items() if name not in previous.drifted}
    chosen, scores = champions(folds, rules, incumbents)
    active = panel.rows(panel.active(rules.active_days))
    logger.info(
        "Forecasting %d products; %d had no demand in the last %d days and are left out.",
        len(active.product_ids),
        len(panel.product_ids) - len(active.product_ids),
        rules.active_days,
    )
    gap = _gap(panel, start)
    forecasts = done.forecasts(COMING, active.product_ids, panel.last + timedelta(days=1)) if done else None
    forecasts = forecasts or forecast_coming(panel, start, rules, categories)
    path = champion_path(forecasts, chosen)[:, gap:]
    calibrations = calibrate(folds, chosen, rules)
    return {
        "product_forecast": _daily(forecasts, path, gap, calibrations[DAILY], chosen),
        "product_horizon_demand": _cumulative(forecasts, path, calibrations, rules),
        "forecast_champion": champion_table(forecasts, chosen, scores, previous, rules),
        "forecast_accuracy": pl.DataFrame(
            product_rows(folds, chosen, scores, coverage(folds, chosen, rules)), schema=FORECAST_ACCURACY, orient="row"
        ),
    }


def forecast_coming(
    panel: DemandPanel, start: date, rules: ForecastAssumptions, categories: Mapping[str, str] | None = None
) -> Forecasts:
    """What all candidates say of the coming days, for the products sold in the last `active_days` days.

    Days between the last known one and the start are forecast too: whoever uses it leaves them out.
    """
    active = panel.rows(panel.active(rules.active_days))
    first, length = panel.last + timedelta(days=1), _gap(panel, start) + rules.horizon_days
    return forecast_all(active, days(first, length), rules, categories)


def _gap(panel: DemandPanel, start: date) -> int:
    return (start - panel.last).days - 1


def champion_table(
    forecasts: Forecasts,
    chosen: Mapping[str, str],
    scores: Mapping[str, Scores],
    before: Before,
    rules: ForecastAssumptions,
) -> pl.DataFrame:
    """Which model forecasts each class, which did before, and why it was kept or replaced."""
    rows = []
    for name, model in chosen.items():
        options = scores.get(name, {})
        best = choose(options, max_bias_pct=rules.max_bias_pct) if options else None
        previous = before.champions.get(name)
        if not options:
            reason = "no_backtest"
        elif previous is None:
            reason = "first_choice"
        elif name in before.drifted:
            reason = "chosen_anew_after_drift"
        else:
            reason = "kept" if model == previous else "beaten"
        ratios = [
            options[model][horizon].wape / base.wape
            for horizon, base in options.get(BASELINE, {}).items()
            if model in options and base.wape > 0
        ]
        rows.append(
            {
                "series_class": name,
                "model": model,
                "previous_model": previous,
                "best_model": best,
                "reason": reason,
                "series_count": int((forecasts.classes == name).sum()),
                "relative_wape": float(np.mean(ratios)) if ratios else None,
                "is_fallback": model not in forecasts.by_model,
            }
        )
    return pl.DataFrame(rows, schema=FORECAST_CHAMPION, orient="row")


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
) -> dict[tuple[str, int], tuple[float, float]]:
    """How the quantiles did out of sample: on every fold but the oldest, calibrated on the folds before it.

    Returns:
        By class (`all` for every class) and horizon: the share of actuals within the 10 % to 90 % quantiles, and the
        pinball loss of the quantiles (mean of twice the loss over the levels) over the mean demand. Empty with fewer
        than two folds.
    """
    hits: dict[tuple[str, int], list[Floats]] = {}
    for number in range(len(folds) - 1):
        for horizon, calibration in calibrate(folds[number + 1 :], chosen, rules).items():
            forecast, actual, classes = _samples(folds[number], chosen, horizon)
            levels = calibration.quantiles(forecast, classes)
            inside = (actual >= levels[0]) & (actual <= levels[LEVELS.index(0.9)])
            over = actual[None, :] - levels
            share = np.array(LEVELS)[:, None]
            loss = 2 * np.maximum(share * over, (share - 1) * over).mean(axis=0)
            seen = np.stack([inside, loss, actual])
            hits.setdefault(("all", horizon), []).append(seen)
            for name in np.unique(classes):
                hits.setdefault((str(name), horizon), []).append(seen[:, classes == name])
    result = {}
    for key, parts in hits.items():
        inside, loss, actual = np.concatenate(parts, axis=1)
        result[key] = float(inside.mean()), float(loss.mean() / actual.mean()) if actual.mean() > 0 else float("nan")
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
    said = {name: model if model in forecasts.by_model else BLEND for name, model in chosen.items()}
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
            "model": [said[name] for name in classes],
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
