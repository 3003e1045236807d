"""Forecast candidates for many product series at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models_ml.forecasting.calendar import TradingCalendar
from models_ml.forecasting.config import ForecastAssumptions
from models_ml.forecasting.panel import DemandPanel
from models_ml.forecasting.series_class import demand_class

Floats = NDArray[np.float64]
BASELINE = "seasonal_naive"
COLD_START = "cold_start_rate"
LEVEL_MODELS = ("window_average", "ses_optimized", "croston_sba", "tsb", "adida")
COMBINATION = "mean_of_three"
_COMBINED = ("window_average", "ses_optimized", "tsb")


@dataclass(frozen=True)
class Forecasts:
    """All candidates' forecasts from one origin.

    Attributes:
        product_ids: One a row.
        dates: The forecast days, one a column.
        by_model: Model name to daily demand units, products × days; every model forecasts every product.
        classes: Demand class of each product at the origin.
        scale: Standard deviation of each product's demand on an average trading day, at least `sqrt(mean)` (Poisson).
        weights: What share of an average trading day each forecast day is expected to see.
    """

    product_ids: tuple[str, ...]
    dates: tuple[date, ...]
    by_model: dict[str, Floats]
    classes: NDArray[np.str_]
    scale: Floats
    weights: Floats


def forecast_all(panel: DemandPanel, dates: Sequence[date], rules: ForecastAssumptions) -> Forecasts:
    """Forecasts every product of a panel for the given days, by every candidate.

    The level models see the trading days since a product's first sale, with the weekday's shop-wide factor divided
    out: single products sell too rarely to have a weekday pattern of their own. Their level is then spread over the
    coming days by the same factors; a closed day gets 0. The baseline repeats the last week, weekday by weekday.

    Args:
        panel: What is known at the origin, products that are to be forecast.
        dates: Days to forecast, all after the panel's last.
        rules: The assumptions.
    """
    calendar = TradingCalendar.learn(panel.totals(), panel.last, rules)
    profile = calendar.weekday_profile(rules)
    past = np.array([calendar.trades(day) and profile[day.weekday()] > 0 for day in panel.dates])
    columns = np.flatnonzero(past)
    level_demand = panel.units[:, columns] / profile[[panel.dates[column].weekday() for column in columns]]
    series = [row[columns >= first] for row, first in zip(level_demand, panel.first_sale, strict=True)]
    is_new = panel.first_sale > panel.units.shape[1] - 1 - rules.new_product_days
    weights = calendar.day_weights(dates, profile, rules)
    by_model = {BASELINE: _seasonal_naive(panel, calendar, dates)}
    levels = _levels(series, rules)
    levels[COLD_START] = _cold_start(series, is_new, rules)
    levels[COMBINATION] = np.mean([levels[name] for name in _COMBINED], axis=0)
    by_model |= {name: np.outer(level, weights) for name, level in sorted(levels.items())}
    classes = [demand_class(units, is_new=bool(new), rules=rules) for units, new in zip(series, is_new, strict=True)]
    scale = np.array([max(units.std(), np.sqrt(units.mean())) for units in series])
    return Forecasts(panel.product_ids, tuple(dates), by_model, np.array(classes, dtype=np.str_), scale, weights)


def _seasonal_naive(panel: DemandPanel, calendar: TradingCalendar, dates: Sequence[date]) -> Floats:
    """Each day as the same weekday last traded; 0 on days that the shop is closed."""
    source: dict[int, int] = {}
    for column, day in enumerate(panel.dates):
        if calendar.trades(day):
            source[day.weekday()] = column
    forecast = np.zeros((len(panel.product_ids), len(dates)))
    for column, day in enumerate(dates):
        if calendar.trades(day) and day.weekday() in source:
            forecast[:, column] = panel.units[:, source[day.weekday()]]
    return forecast


def _levels(series: Sequence[Floats], rules: ForecastAssumptions) -> dict[str, Floats]:
    """Level of each series on an average trading day, by each statsforecast model.

    A model that has no answer for a series (too few demands for an interval, a constant) gets the series' mean.
    """
    from statsforecast import StatsForecast  # type: ignore[import-untyped]
    from statsforecast import models as sf

    models = [
        sf.WindowAverage(window_size=rules.window_trading_days, alias="window_average"),
        sf.SimpleExponentialSmoothingOptimized(alias="ses_optimized"),
        sf.CrostonSBA(alias="croston_sba"),
        sf.TSB(alpha_d=rules.tsb_alpha, alpha_p=rules.tsb_alpha, alias="tsb"),
        sf.ADIDA(alias="adida"),
    ]
    if not series:
        return {model.alias: np.zeros(0) for model in models}
    padded = [_at_least(units, rules.window_trading_days) for units in series]
    frame = pl.DataFrame(
        {
            "unique_id": np.repeat(np.arange(len(padded)), [len(units) for units in padded]),
            "ds": np.concatenate([np.arange(len(units)) - len(units) for units in padded]),
            "y": np.concatenate(padded),
        }
    )
    answer = StatsForecast(models=models, freq=1, n_jobs=1).forecast(df=frame, h=1).sort("unique_id")
    means = np.array([units.mean() for units in series])
    levels = {model.alias: answer[model.alias].cast(pl.Float64).to_numpy() for model in models}
    return {name: np.where(np.isfinite(level), np.maximum(level, 0), means) for name, level in levels.items()}


def _at_least(units: Floats, length: int) -> Floats:
    """A series long enough for every model: a short one is led in by its own mean, which leaves its level alone."""
    missing = length - units.size
    return units if missing <= 0 else np.concatenate([np.full(missing, units.mean()), units])


def _cold_start(series: Sequence[Floats], is_new: NDArray[np.bool_], rules: ForecastAssumptions) -> Floats:
    """The mean since the first sale, drawn towards what newcomers sell on average.

    A newcomer's first days say little and usually too much, because a series begins with a sale. So its mean counts
    for its trading days, and the average of all products in their first four weeks (median, hence robust) for
    `new_product_prior_days` more.
    """
    first_weeks = rules.window_trading_days
    grown = [units[:first_weeks].mean() for units, new in zip(series, is_new, strict=True) if not new]
    means = np.array([units.mean() for units in series])
    prior = float(np.median(grown)) if grown else float(np.median(means)) if means.size else 0.0
    counts = np.array([units.size for units in series])
    weight = rules.new_product_prior_days
    return np.asarray((means * counts + prior * weight) / (counts + weight), dtype=np.float64)
