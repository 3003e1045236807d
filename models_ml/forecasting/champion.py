"""Which candidate forecasts a class of series: the one that was best in the backtest, if it beat the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from models_ml.forecasting.backtest import Accuracy, Fold, Sample, measure
from models_ml.forecasting.candidates import BASELINE, COLD_START, COMBINATION, LEVEL_MODELS
from models_ml.forecasting.config import ForecastAssumptions
from models_ml.forecasting.series_class import CLASSES

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

    A class with fewer than `min_class_series` series in the backtest takes the champion of all classes: a handful of
    series would choose by chance. Without a backtest every class takes the window average, the plainest of the level
    models, and newcomers the cold-start rule; there are then no scores to show.

    Returns:
        Model by class; scores by class, with `all` among them, for those that have any series.
    """
    if not folds:
        return {name: COLD_START if name == "new" else LEVEL_MODELS[0] for name in CLASSES}, {}
    scores = {name: score_class(folds, name) for name in (ALL, *CLASSES)}
    counts = {name: scores[name][BASELINE][1].series_count for name in scores}
    overall = choose(scores[ALL])
    chosen = {name: choose(scores[name]) if counts[name] >= rules.min_class_series else overall for name in CLASSES}
    return chosen, {name: score for name, score in scores.items() if counts[name]}
