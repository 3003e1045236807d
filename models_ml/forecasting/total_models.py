"""Candidates for the shop's daily totals."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models_ml.forecasting.calendar import TradingCalendar
from models_ml.forecasting.candidates import BASELINE
from models_ml.forecasting.config import ForecastAssumptions

Floats = NDArray[np.float64]
PROPHET = "prophet"
MIN_FIT = 14  # trading days below which a trend or a weekly pattern is not fitted at all


@dataclass(frozen=True)
class TotalHistory:
    """A daily total as known at an origin: the trading days and their values.

    Attributes:
        dates: Trading days, ascending.
        values: Their totals.
        calendar: The trading calendar learnt from the same past.
    """

    dates: tuple[date, ...]
    values: Floats
    calendar: TradingCalendar

    def profile(self, rules: ForecastAssumptions) -> Floats:
        """Weekday factors of the demand units, which also serve for the money they are sold at."""
        return self.calendar.weekday_profile(rules)


def forecast_totals(history: TotalHistory, dates: Sequence[date], rules: ForecastAssumptions) -> dict[str, Floats]:
    """Each candidate's forecast of the given days: 0 on closed days, never negative.

    With less than `MIN_FIT` trading days only the baseline and the window average answer.
    """
    profile = history.profile(rules)
    weights = history.calendar.day_weights(dates, profile, rules)
    factors = profile[[day.weekday() for day in history.dates]]
    level_series = history.values[factors > 0] / factors[factors > 0]
    answers = {BASELINE: _seasonal_naive(history, dates)}
    window = level_series[-rules.window_trading_days :]
    answers["window_average"] = (window.mean() if window.size else 0.0) * weights
    if level_series.size >= MIN_FIT:
        answers |= _statsforecast(level_series, weights)
        answers[PROPHET] = _prophet(history, dates, rules)
    return {name: np.maximum(values, 0) for name, values in answers.items()}


def _seasonal_naive(history: TotalHistory, dates: Sequence[date]) -> Floats:
    last = {day.weekday(): value for day, value in zip(history.dates, history.values, strict=True)}
    return np.array([last.get(day.weekday(), 0.0) if history.calendar.trades(day) else 0.0 for day in dates])


def _statsforecast(level_series: Floats, weights: Floats) -> dict[str, Floats]:
    """AutoETS and the dynamic optimised Theta on trading days, the weekday's factor divided out before and put back."""
    from statsforecast import models as sf  # type: ignore[import-untyped]

    steps = np.maximum(np.cumsum(weights > 0), 1)
    answers = {}
    for name, model in (
        ("auto_ets", sf.AutoETS(season_length=1)),
        ("theta", sf.DynamicOptimizedTheta(season_length=1)),
    ):
        path = model.forecast(y=level_series.astype(np.float64), h=int(steps[-1]))["mean"]
        answers[name] = np.asarray(path, dtype=np.float64)[steps - 1] * weights
    return answers


def _prophet(history: TotalHistory, dates: Sequence[date], rules: ForecastAssumptions) -> Floats:
    """Prophet's forecast, times last year's index around the yearly closure as for all other candidates."""
    answer = _prophet_parts(history, dates, rules)["yhat"].to_numpy()
    profile = history.profile(rules)
    index = [
        history.calendar.closure_index(day, profile, rules) if history.calendar.trades(day) else 0.0 for day in dates
    ]
    return np.asarray(answer * np.array(index), dtype=np.float64)


def _prophet_parts(history: TotalHistory, dates: Sequence[date], rules: ForecastAssumptions) -> pl.DataFrame:
    """Prophet on the trading days: trend with changepoints, multiplicative weekdays, the country's public holidays.

    No yearly seasonality under two years of history: it could not be told from the trend. Last year's pattern around
    the yearly closure comes in by the same index as for all other candidates. Point forecasts only: the intervals are
    calibrated on the backtest, for every candidate alike, so that no random draws are needed.
    """
    import pandas as pd

    for name in ("prophet", "prophet.plot", "cmdstanpy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    logging.getLogger("cmdstanpy").disabled = True
    from prophet import Prophet

    span = history.dates[-1] - history.dates[0]
    model = Prophet(
        weekly_seasonality=True,
        yearly_seasonality=span >= timedelta(days=2 * 365),
        daily_seasonality=False,
        seasonality_mode="multiplicative",
        changepoint_prior_scale=rules.prophet_changepoint_prior_scale,
        uncertainty_samples=0,
    )
    model.add_country_holidays(country_name=rules.holiday_country)
    model.fit(pd.DataFrame({"ds": pd.to_datetime(list(history.dates)), "y": history.values}), seed=0)
    answer = model.predict(pd.DataFrame({"ds": pd.to_datetime(list(dates))}))
    parts = {name: answer[name].to_numpy() for name in ("yhat", "trend")}
    # Without a yearly seasonality, or without a holiday in the span, Prophet has no such column.
    for name in ("weekly", "yearly", "holidays"):
        parts[name] = answer[name].to_numpy() if name in answer else np.zeros(len(dates))
    return pl.DataFrame(parts)


def decompose(history: TotalHistory, dates: Sequence[date], rules: ForecastAssumptions) -> pl.DataFrame | None:
    """What Prophet makes of the past and the days to come: its trend, and what moves a day away from it.

    Returns:
        `sales_date, fitted, trend, weekly_pct, yearly_pct, holidays_pct` of the trading days, or None where there are
        fewer than `MIN_FIT`. The three are shares of the trend, in per cent; fitted = trend × (1 + their sum / 100).
    """
    if len(history.dates) < MIN_FIT:
        return None
    wanted = [*history.dates, *(day for day in dates if history.calendar.trades(day))]
    parts = _prophet_parts(history, wanted, rules)
    return parts.select(
        pl.Series("sales_date", wanted),
        pl.col("yhat").alias("fitted"),
        "trend",
        *((100 * pl.col(name)).alias(f"{name}_pct") for name in ("weekly", "yearly", "holidays")),
    )


def history_from(totals: pl.DataFrame, metric: str, known: TradingCalendar) -> TotalHistory:
    """A metric's values on the days the shop traded, up to the last day the calendar knows."""
    rows = totals.filter(pl.col("sales_date") <= known.known_until).sort("sales_date")
    pairs = [
        (day, float(value))
        for day, value in rows.select("sales_date", metric).iter_rows()
        if known.trades(day) and value is not None
    ]
    return TotalHistory(tuple(day for day, _ in pairs), np.array([value for _, value in pairs]), known)
