"""Which candidate forecasts a class of series: the one that was best in the backtest, if it beat the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models_ml.forecasting.backtest import Accuracy, Fold, Sample, measure
from models_ml.forecasting.candidates import BASELINE, COLD_START, COMBINATION, LEVEL_MODELS, Forecasts
from models_ml.forecasting.config import ForecastAssumptions
from models_ml.forecasting.series_class import CLASSES

Floats = NDArray[np.float64]
HORIZONS = (1, 7, 28)  # single days, a week, four weeks: what a planner, a buyer and a budget look at
ALL = "all"
Scores = dict[str, dict[int, Accuracy]]


def candidates_of(series_class: str) -> tuple[str, ...]:
    """The models that may forecast a class; the cold-start rule is for newcomers only."""
    extra = (COLD_START,) if series_class == "new" else ()
    return (BASELINE, *LEVEL_MODELS, COMBINATION, *extra)


def score_class(folds: Sequence[Fold], series_class: str) -> Scores:
    """Accuracy of each candidate of a class (or of `all` classes together), by model and horizon."""
    scores: Scores = {}
    for model in candidates_of(series_class):
        samples = [_sample(fold, model, series_class) for fold in folds]
        scores[model] = {horizon: measure(samples, horizon) for horizon in HORIZONS}
    return scores


def _sample(fold: Fold, model: str, series_class: str) -> Sample:
    members = slice(None) if series_class == ALL else fold.forecasts.classes == series_class
    return fold.forecasts.by_model[model][members], fold.actual[members], fold.naive_error[members]


def choose(scores: Mapping[str, Mapping[int, Accuracy]], *, at_every_horizon: bool = True) -> str:
    """The champion: lowest WAPE relative to the baseline, averaged over the horizons.

    Where no candidate is better than the baseline, or nothing was sold, the baseline stays.

    Args:
        scores: Accuracy by model and horizon, the baseline among them.
        at_every_horizon: Whether a candidate that is worse than the baseline at any single horizon is out, so that
            the champion is nowhere worse than the seasonal naive in the backtest. For hundreds of series; one series
            alone has one error a fold and horizon, and there the average must decide.
    """
    base = scores[BASELINE]
    best, best_score = BASELINE, 1.0
    for model, by_horizon in scores.items():
        ratios = [by_horizon[horizon].wape / base[horizon].wape for horizon in base if base[horizon].wape > 0]
        if not ratios or not np.isfinite(ratios).all() or (at_every_horizon and max(ratios) > 1):
            continue
        score = float(np.mean(ratios))
        if score < best_score:
            best, best_score = model, score
    return best


def champions(folds: Sequence[Fold], rules: ForecastAssumptions) -> tuple[dict[str, str], dict[str, Scores]]:
    """The champion and the scores of each class.

    A class with fewer than `min_class_series` series in the backtest takes the champion of all classes, because a
    handful of series would choose by chance; or the baseline, where that champion is worse on the handful. Without any
    series to go by, newcomers take the cold-start rule; the other classes the champion of all, or without a backtest
    the window average, the plainest of the level models. There are then no scores to show.

    Returns:
        Model by class; scores by class, with `all` among them, for those that have any series.
    """
    scores = {name: score_class(folds, name) for name in (ALL, *CLASSES)}
    counts = {name: scores[name][BASELINE][1].series_count for name in scores}
    overall = choose(scores[ALL]) if counts[ALL] else LEVEL_MODELS[0]
    chosen = {}
    for name in CLASSES:
        if not counts[name]:
            chosen[name] = COLD_START if name == "new" else overall
        elif counts[name] < rules.min_class_series:
            chosen[name] = choose({model: scores[name][model] for model in (BASELINE, overall)})
        else:
            chosen[name] = choose(scores[name])
    return chosen, {name: score for name, score in scores.items() if counts[name]}


def champion_path(forecasts: Forecasts, chosen: Mapping[str, str]) -> Floats:
    """Each product's daily forecast by the champion of its class."""
    path = np.zeros((len(forecasts.product_ids), len(forecasts.dates)))
    for name, model in chosen.items():
        members = forecasts.classes == name
        path[members] = forecasts.by_model[model][members]
    return path
