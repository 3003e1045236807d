"""Rolling-origin backtests: what each candidate would have said, and what then happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from models_ml.forecasting.batches import Done, origin_name
from models_ml.forecasting.calendar import days
from models_ml.forecasting.candidates import Forecasts, forecast_all
from models_ml.forecasting.config import ForecastAssumptions
from models_ml.forecasting.panel import DemandPanel

Floats = NDArray[np.float64]
Sample = tuple[Floats, Floats, Floats]  # forecast and actual (series × days), in-sample naive error (series)


@dataclass(frozen=True)
class Fold:
    """One origin of a backtest.

    Attributes:
        forecasts: What was forecast from what was known at the origin.
        actual: What came, products × days.
        naive_error: Each series' mean absolute in-sample error of the seasonal naive, per calendar day.
    """

    forecasts: Forecasts
    actual: Floats
    naive_error: Floats


@dataclass(frozen=True)
class Accuracy:
    """A model's errors over all folds of a backtest, for sums over so many days.

    Attributes:
        wape: Sum of absolute errors over the sum of actual demand (nan without demand).
        mase: Mean of the series' absolute errors, each over its in-sample seasonal-naive error (Hyndman & Koehler
            2006, "Another look at measures of forecast accuracy"); only for single days.
        bias_pct: Forecast minus actual, in percent of actual.
        smape: Mean of 2 |error| / (|forecast| + |actual|) over what is not 0 in both, between 0 and 2.
        rmsse: Mean of the series' root mean squared errors, each over its in-sample seasonal-naive error; only for
            single days. The naive error here is the absolute one, as for MASE.
    """

    wape: float
    mase: float | None
    bias_pct: float
    series_count: int
    smape: float = float("nan")
    rmsse: float | None = None


def origins(length: int, *, count: int, horizon: int, min_train: int, step: int | None = None) -> list[int]:
    """Numbers of known days at each origin, newest first.

    The newest leaves one horizon to look at; the others lie `step` days (one horizon by default) before one another;
    none has less than `min_train` days.
    """
    newest = length - horizon
    candidates = (newest - (step or horizon) * number for number in range(count))
    return [origin for origin in candidates if origin >= min_train]


def known_at_origins(panel: DemandPanel, rules: ForecastAssumptions) -> list[tuple[int, DemandPanel]]:
    """Each origin of a backtest, newest first, with what was known there of the products that sold of late.

    Champions and quantiles belong to classes, and a class shows itself in some hundred series: of more than
    `backtest_max_series` so many are drawn, by a fixed seed, and time no longer grows with the catalogue.
    """
    panel = _drawn(panel, rules.backtest_max_series)
    length, horizon = panel.units.shape[1], rules.horizon_days
    starts = origins(length, count=rules.fold_count, horizon=horizon, min_train=rules.min_train_days)
    known = ((origin, panel.known_at(origin)) for origin in starts)
    return [(origin, then.rows(then.active(rules.active_days))) for origin, then in known]


def forecast_from(
    known: DemandPanel, rules: ForecastAssumptions, categories: Mapping[str, str] | None = None
) -> Forecasts:
    """What all candidates would have said at an origin of the following horizon."""
    return forecast_all(known, days(known.last + timedelta(days=1), rules.horizon_days), rules, categories)


def run_folds(
    panel: DemandPanel,
    rules: ForecastAssumptions,
    categories: Mapping[str, str] | None = None,
    done: Done | None = None,
) -> list[Fold]:
    """Backtests all candidates on a panel, newest fold first; empty when the history is too short for any.

    Each fold's panel is cut at its origin before anything is computed from it: classes, calendar, weekday profile,
    choice of active products and forecasts see nothing later. Products that come up after the origin are not in it.

    Args:
        panel: Known demand.
        rules: The assumptions.
        categories: Category of each product.
        done: Origins that were forecast already.
    """
    row_of = {product: row for row, product in enumerate(panel.product_ids)}
    folds = []
    for number, (origin, known) in enumerate(known_at_origins(panel, rules)):
        if not known.product_ids:
            continue
        first = known.last + timedelta(days=1)
        forecasts = done.forecasts(origin_name(number), known.product_ids, first) if done else None
        forecasts = forecasts or forecast_from(known, rules, categories)
        rows = [row_of[product] for product in known.product_ids]
        actual = panel.units[rows, origin : origin + rules.horizon_days]
        folds.append(Fold(forecasts, actual, _naive_error(known)))
    return folds


def _drawn(panel: DemandPanel, at_most: int) -> DemandPanel:
    count = len(panel.product_ids)
    if count <= at_most:
        return panel
    keep = np.zeros(count, dtype=np.bool_)
    keep[np.random.default_rng(0).choice(count, at_most, replace=False)] = True
    return panel.rows(keep)


def _naive_error(panel: DemandPanel) -> Floats:
    lagged = np.abs(panel.units[:, 7:] - panel.units[:, :-7])
    since = np.arange(lagged.shape[1])[None, :] >= panel.first_sale[:, None]
    counts = since.sum(axis=1)
    sums = (lagged * since).sum(axis=1)
    # an estimate of lost sales may be a thousandth of a unit: a series that never moved by a whole one has no scale
    return np.asarray(np.where(sums >= 1, sums / np.maximum(counts, 1), np.nan), dtype=np.float64)


def windowed(daily: Floats, horizon: int) -> Floats:
    """What is compared at a horizon: each single day of the path (1), or the sum of the first `horizon` days."""
    return daily if horizon == 1 else np.asarray(daily[:, :horizon].sum(axis=1, keepdims=True), dtype=np.float64)


def measure(samples: Sequence[Sample], horizon: int) -> Accuracy:
    """Errors over all folds of one forecast per series.

    Args:
        samples: One a fold.
        horizon: 1 for single days, else the number of days summed.
    """
    absolute = total = signed = 0.0
    scaled: list[Floats] = []
    squared: list[Floats] = []
    symmetric: list[Floats] = []
    for forecast, daily, scale in samples:
        actual = windowed(daily, horizon)
        error = windowed(forecast, horizon) - actual
        absolute += float(np.abs(error).sum())
        signed += float(error.sum())
        total += float(actual.sum())
        usable = np.isfinite(scale) & (scale > 0)
        scaled.append(np.abs(error[usable]).mean(axis=1) / scale[usable])
        squared.append(np.sqrt((error[usable] ** 2).mean(axis=1)) / scale[usable])
        size = np.abs(error + actual) + np.abs(actual)
        symmetric.append(2 * np.abs(error[size > 0]) / size[size > 0])
    roots = np.concatenate(squared) if squared else np.zeros(0)
    shares = np.concatenate(symmetric) if symmetric else np.zeros(0)
    ratios = np.concatenate(scaled) if scaled else np.zeros(0)
    return Accuracy(
        wape=absolute / total if total else float("nan"),
        mase=float(ratios.mean()) if horizon == 1 and ratios.size else None,
        bias_pct=100 * signed / total if total else float("nan"),
        series_count=sum(len(forecast) for forecast, _, _ in samples),
        smape=float(shares.mean()) if shares.size else float("nan"),
        rmsse=float(roots.mean()) if horizon == 1 and roots.size else None,
    )
