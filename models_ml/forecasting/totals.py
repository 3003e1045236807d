"""The forecast of the shop's daily totals: net sales and demand units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models_ml.forecasting.accuracy_table import Row, accuracy_row
from models_ml.forecasting.backtest import Sample, measure, origins
from models_ml.forecasting.calendar import TradingCalendar, days
from models_ml.forecasting.champion import HORIZONS, choose
from models_ml.forecasting.config import ForecastAssumptions
from models_ml.forecasting.schemas import FORECAST_ACCURACY, FORECAST_DECOMPOSITION, TOTAL_FORECAST
from models_ml.forecasting.total_models import decompose, forecast_totals, history_from

Floats = NDArray[np.float64]
METRICS = ("net_sales_shop", "demand_units")
TOTAL = "total"
_WITHOUT_BACKTEST = "window_average"


@dataclass(frozen=True)
class _Fold:
    by_model: dict[str, Floats]
    actual: Floats
    naive_error: float


def forecast_all_totals(totals: pl.DataFrame, start: date, rules: ForecastAssumptions) -> dict[str, pl.DataFrame]:
    """Forecasts each metric by the champion of its backtest.

    Args:
        totals: `sales_date, net_sales_shop, demand_units`, a row for each day with activity, all before `start`.
        start: The first day to forecast, the as-of date.
        rules: The assumptions.

    Returns:
        `total_forecast`, `forecast_decomposition` and the total rows of `forecast_accuracy`.
    """
    units = {day: float(value or 0) for day, value in totals.select("sales_date", "demand_units").iter_rows()}
    forecasts: list[pl.DataFrame] = []
    rows: list[Row] = []
    for metric in METRICS if any(value > 0 for value in units.values()) else ():
        frame, accuracy = _forecast_metric(totals, units, metric, start, rules)
        forecasts.append(frame)
        rows += accuracy
    empty = pl.DataFrame(schema=TOTAL_FORECAST)
    parts = [_decomposition(totals, units, metric, start, rules) for metric in METRICS] if forecasts else []
    return {
        "forecast_decomposition": pl.concat([pl.DataFrame(schema=FORECAST_DECOMPOSITION), *parts]),
        "total_forecast": pl.concat([empty, *forecasts]),
        "forecast_accuracy": pl.DataFrame(rows, schema=FORECAST_ACCURACY, orient="row"),
    }


def _decomposition(
    totals: pl.DataFrame, units: dict[date, float], metric: str, start: date, rules: ForecastAssumptions
) -> pl.DataFrame:
    last = max(day for day, value in units.items() if value > 0)
    history = history_from(totals, metric, TradingCalendar.learn(units, last, rules))
    parts = decompose(history, days(start, rules.horizon_days), rules)
    if parts is None:
        return pl.DataFrame(schema=FORECAST_DECOMPOSITION)
    actual = pl.DataFrame({"sales_date": history.dates, "actual": history.values})
    return (
        parts.join(actual, on="sales_date", how="left")
        .with_columns(metric=pl.lit(metric), is_forecast=pl.col("sales_date") >= start)
        .select(list(FORECAST_DECOMPOSITION))
    )


def _forecast_metric(
    totals: pl.DataFrame, units: dict[date, float], metric: str, start: date, rules: ForecastAssumptions
) -> tuple[pl.DataFrame, list[Row]]:
    last = max(day for day, value in units.items() if value > 0)
    folds = _run_folds(totals, units, metric, last, rules)
    models = sorted({model for fold in folds for model in fold.by_model if all(model in f.by_model for f in folds)})
    scores = {model: {horizon: measure(_samples(folds, model), horizon) for horizon in HORIZONS} for model in models}
    champion = choose(scores, at_every_horizon=False) if scores else _WITHOUT_BACKTEST
    calendar = TradingCalendar.learn(units, last, rules)
    dates = days(last + timedelta(days=1), (start - last).days - 1 + rules.horizon_days)
    path = forecast_totals(history_from(totals, metric, calendar), dates, rules)[champion]
    low, high = _relative_quantiles(folds, champion, rules)
    wanted = [number for number, day in enumerate(dates) if day >= start]
    values = path[wanted]
    frame = pl.DataFrame(
        {
            "metric": [metric] * len(wanted),
            "forecast_date": [dates[number] for number in wanted],
            "value": values,
            "value_p10": np.maximum(values * (1 + low), 0),
            "value_p90": np.maximum(values * (1 + high), 0),
            "model": [champion] * len(wanted),
        },
        schema=TOTAL_FORECAST,
    )
    share = _coverage(folds, champion, rules)
    coverage: dict[tuple[str, int], tuple[float, float | None]] = {} if share is None else {(TOTAL, 1): (share, None)}
    rows = [
        accuracy_row(TOTAL, metric, TOTAL, model, horizon, result, len(folds), champion, coverage)
        for model, by_horizon in scores.items()
        for horizon, result in by_horizon.items()
    ]
    return frame, rows


def _run_folds(
    totals: pl.DataFrame, units: Mapping[date, float], metric: str, last: date, rules: ForecastAssumptions
) -> list[_Fold]:
    first = min(units)
    values: dict[date, Any] = dict(totals.select("sales_date", metric).iter_rows())
    folds = []
    for origin in origins(
        (last - first).days + 1,
        count=rules.total_fold_count,
        horizon=rules.horizon_days,
        min_train=rules.total_min_train_days,
        step=rules.total_fold_step_days,
    ):
        known_until = first + timedelta(days=origin - 1)
        # `learn` reads nothing after `known_until`, nor does `history_from`.
        calendar = TradingCalendar.learn(dict(units), known_until, rules)
        history = history_from(totals, metric, calendar)
        dates = days(known_until + timedelta(days=1), rules.horizon_days)
        actual = np.array([float(values.get(day) or 0) for day in dates])
        known = np.array([float(values.get(day) or 0) for day in days(first, origin)])
        folds.append(
            _Fold(forecast_totals(history, dates, rules), actual, float(np.abs(known[7:] - known[:-7]).mean()))
        )
    return folds


def _samples(folds: Sequence[_Fold], model: str) -> list[Sample]:
    return [(fold.by_model[model][None, :], fold.actual[None, :], np.array([fold.naive_error])) for fold in folds]


def _relative_quantiles(folds: Sequence[_Fold], model: str, rules: ForecastAssumptions) -> tuple[float, float]:
    """The 10 % and 90 % conformal quantiles of actual over forecast minus one, single open days."""
    pairs = [(fold.actual, fold.by_model[model]) for fold in folds]
    ratios = np.sort(np.concatenate([actual[said > 0] / said[said > 0] - 1 for actual, said in pairs] or [np.zeros(0)]))
    if ratios.size == 0:
        return -rules.default_total_margin, rules.default_total_margin
    low, high = (min(ratios.size, int(np.ceil((ratios.size + 1) * level))) - 1 for level in (0.1, 0.9))
    # The point forecast stays inside its interval, whatever the bias of the backtest.
    return min(float(ratios[low]), 0.0), max(float(ratios[high]), 0.0)


def _coverage(folds: Sequence[_Fold], model: str, rules: ForecastAssumptions) -> float | None:
    """Share of the newest fold's open days inside the interval that the folds ended before it would have given."""
    apart = -(-rules.horizon_days // rules.total_fold_step_days)
    older = folds[apart:]
    if not older:
        return None
    low, high = _relative_quantiles(older, model, rules)
    said, actual = folds[0].by_model[model], folds[0].actual
    open_days = said > 0
    inside = (actual >= said * (1 + low)) & (actual <= said * (1 + high))
    return float(inside[open_days].mean()) if open_days.any() else None
