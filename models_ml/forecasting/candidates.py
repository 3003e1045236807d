"""Forecast candidates for many product series at once."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models_ml.forecasting.blocks import Blocks, blocks_of
from models_ml.forecasting.calendar import TradingCalendar
from models_ml.forecasting.config import ForecastAssumptions
from models_ml.forecasting.global_model import GLOBAL, global_levels
from models_ml.forecasting.panel import DemandPanel
from models_ml.forecasting.series_class import demand_class

Floats = NDArray[np.float64]
BASELINE = "seasonal_naive"
COLD_START = "cold_start_rate"
LEVEL_MODELS = ("window_average", "ses_optimized", "croston_sba", "tsb", "adida")
COMBINATION = "mean_of_three"
_COMBINED = ("window_average", "ses_optimized", "tsb")
WEEKLY_COMBINATION = "weekly_mean"
BLEND = "blend"
_BLOCKS_AHEAD = 4
logger = logging.getLogger(__name__)


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


def forecast_all(
    panel: DemandPanel,
    dates: Sequence[date],
    rules: ForecastAssumptions,
    categories: Mapping[str, str] | None = None,
) -> Forecasts:
    """Forecasts every product of a panel for the given days, by every candidate.

    The level models see the trading days since a product's first sale, with the weekday's shop-wide factor divided
    out: single products sell too rarely to have a weekday pattern of their own. Their level is then spread over the
    coming days by the same factors; a closed day gets 0. The baseline repeats the last week, weekday by weekday.

    Args:
        panel: What is known at the origin, products that are to be forecast.
        dates: Days to forecast, all after the panel's last.
        rules: The assumptions.
        categories: Category of each product, for newcomers; all products are one category without it.
    """
    calendar = TradingCalendar.learn(panel.totals(), panel.last, rules)
    profile = calendar.weekday_profile(rules)
    past = np.array([calendar.trades(day) and profile[day.weekday()] > 0 for day in panel.dates])
    columns = np.flatnonzero(past)
    level_demand = panel.units[:, columns] / profile[[panel.dates[column].weekday() for column in columns]]
    observed = panel.out[:, columns] == 0
    series = _observed_series(level_demand, observed, panel.first_sale, columns)
    is_new = panel.first_sale > panel.units.shape[1] - 1 - rules.new_product_days
    weights = calendar.day_weights(dates, profile, rules)
    by_model = {BASELINE: _seasonal_naive(panel, calendar, dates)}
    classes = [demand_class(units, is_new=bool(new), rules=rules) for units, new in zip(series, is_new, strict=True)]
    levels = _levels(series, rules)
    levels[COLD_START] = _cold_start(series, is_new, groups_of(panel, categories), rules)
    levels[COMBINATION] = np.mean([levels[name] for name in _COMBINED], axis=0)
    levels |= _weekly(panel, profile, past, np.array(classes, dtype=np.str_), levels[COMBINATION], rules)
    by_model |= {name: np.outer(level, weights) for name, level in sorted(levels.items())}
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
    answer = StatsForecast(models=models, freq=1, n_jobs=1).forecast(df=_long(padded), h=1).sort("unique_id")
    means = np.array([units.mean() for units in series])
    levels = {model.alias: answer[model.alias].cast(pl.Float64).to_numpy() for model in models}
    return {name: np.where(np.isfinite(level), np.maximum(level, 0), means) for name, level in levels.items()}


def _observed_series(
    level_demand: Floats, observed: NDArray[np.bool_], first_sale: NDArray[np.int64], columns: NDArray[np.int64]
) -> list[Floats]:
    """Each product's trading days since its first sale, those without stock left out, unless none remained."""
    found = []
    for row, seen, first in zip(level_demand, observed, first_sale, strict=True):
        since = columns >= first
        found.append(row[since & seen] if (since & seen).any() else row[since])
    return found


def _weekly(
    panel: DemandPanel,
    profile: Floats,
    past: NDArray[np.bool_],
    classes: NDArray[np.str_],
    daily_combination: Floats,
    rules: ForecastAssumptions,
) -> dict[str, Floats]:
    """The levels that are read off blocks of seven days: IMAPA, SES, Theta, one LightGBM for all, their combinations.

    Theta follows a trend, which only the classes that sell nearly every day show: the others get the weekly SES in its
    place. Where the global model has too little to learn from, or fails, the blend is that of the others.
    """
    from statsforecast import StatsForecast
    from statsforecast import models as sf

    if not panel.product_ids:
        empty = np.zeros(0)
        return {"imapa": empty, "ses_weekly": empty, "theta": empty, WEEKLY_COMBINATION: empty, BLEND: empty}
    weekday = profile[[day.weekday() for day in panel.dates]]
    level = np.where(weekday > 0, panel.units / np.where(weekday > 0, weekday, 1), 0.0)
    usable = past[None, :] & (panel.out == 0)
    blocks = blocks_of(level, usable, panel.first_sale, panel.units, panel.gross, panel.discount, past)
    series = blocks.series(at_least=8)
    models = [sf.IMAPA(alias="imapa"), sf.SimpleExponentialSmoothingOptimized(alias="ses_weekly")]
    frame = _long(series)
    answer = StatsForecast(models=models, freq=1, n_jobs=1).forecast(df=frame, h=1).sort("unique_id")
    means = np.array([units.mean() for units in series])
    levels = {}
    for model in models:
        said = answer[model.alias].cast(pl.Float64).to_numpy()
        levels[model.alias] = np.where(np.isfinite(said), np.maximum(said, 0), means)
    levels["theta"] = levels["ses_weekly"].copy()
    often = np.flatnonzero(np.isin(classes, ("smooth", "erratic")))
    if often.size:
        paths = (
            StatsForecast(models=[sf.Theta(season_length=1, alias="theta")], freq=1, n_jobs=1)
            .forecast(df=_long([series[row] for row in often]), h=_BLOCKS_AHEAD)
            .group_by("unique_id")
            .agg(pl.col("theta").cast(pl.Float64).mean())
            .sort("unique_id")["theta"]
            .to_numpy()
        )
        levels["theta"][often] = np.where(np.isfinite(paths), np.maximum(paths, 0), means[often])
    levels[WEEKLY_COMBINATION] = np.mean(
        [daily_combination, levels["imapa"], levels["ses_weekly"], levels["theta"]], axis=0
    )
    learnt = _learnt(blocks, rules)
    if learnt is not None:
        levels[GLOBAL] = learnt
    levels[BLEND] = (levels[WEEKLY_COMBINATION] + levels.get(GLOBAL, levels[WEEKLY_COMBINATION])) / 2
    return levels


def _learnt(blocks: Blocks, rules: ForecastAssumptions) -> Floats | None:
    """The global model's levels; a failure of it is told of and leaves the other candidates standing."""
    try:
        learnt = global_levels(blocks, rules)
    except Exception:
        logger.exception("The global model failed; the other candidates stand in for it.")
        return None
    return learnt if learnt is not None and np.isfinite(learnt).all() else None


def _long(series: Sequence[Floats]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "unique_id": np.repeat(np.arange(len(series)), [len(units) for units in series]),
            "ds": np.concatenate([np.arange(len(units)) - len(units) for units in series]),
            "y": np.concatenate(series),
        }
    )


def _at_least(units: Floats, length: int) -> Floats:
    """A series long enough for every model: a short one is led in by its own mean, which leaves its level alone."""
    missing = length - units.size
    return units if missing <= 0 else np.concatenate([np.full(missing, units.mean()), units])


def groups_of(panel: DemandPanel, categories: Mapping[str, str] | None) -> NDArray[np.str_]:
    """The category of each product of the panel, empty where it has none."""
    known = categories or {}
    return np.array([known.get(product, "") for product in panel.product_ids], dtype=np.str_)


def _cold_start(
    series: Sequence[Floats], is_new: NDArray[np.bool_], groups: NDArray[np.str_], rules: ForecastAssumptions
) -> Floats:
    """The mean since the first sale, drawn towards what newcomers of the category sell on average.

    A newcomer's first days say little and usually too much, because a series begins with a sale. So its mean counts
    for its trading days, and the category's products in their first four weeks (median, hence robust) for
    `new_product_prior_days` more. A category with fewer than `cold_start_min_products` grown products takes the
    median of the whole shop.
    """
    if not series:
        return np.zeros(0)
    firsts = np.array([units[: rules.window_trading_days].mean() for units in series])
    means = np.array([units.mean() for units in series])
    shop = float(np.median(firsts[~is_new])) if (~is_new).any() else float(np.median(means))
    prior = np.full(len(series), shop)
    for group in np.unique(groups):
        members = groups == group
        if group and (members & ~is_new).sum() >= rules.cold_start_min_products:
            prior[members] = float(np.median(firsts[members & ~is_new]))
    counts = np.array([units.size for units in series])
    weight = rules.new_product_prior_days
    return np.asarray((means * counts + prior * weight) / (counts + weight), dtype=np.float64)
