"""Which candidate forecasts a class of series: the one that was best in the backtest, if it beat the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models_ml.forecasting.backtest import Accuracy, Fold, Sample, measure
from models_ml.forecasting.candidates import (
    BASELINE,
    BLEND,
    COLD_START,
    COMBINATION,
    LEVEL_MODELS,
    WEEKLY_COMBINATION,
    Forecasts,
)
from models_ml.forecasting.config import ForecastAssumptions
from models_ml.forecasting.global_model import GLOBAL
from models_ml.forecasting.series_class import CLASSES

Floats = NDArray[np.float64]
HORIZONS = (1, 7, 28)  # single days, a week, four weeks: what a planner, a buyer and a budget look at
ALL = "all"
Scores = dict[str, dict[int, Accuracy]]


_BY_CLASS = {
    "smooth": ("window_average", "ses_optimized", "ses_weekly", "theta"),
    "erratic": ("window_average", "ses_optimized", "ses_weekly", "theta"),
    "intermittent": ("window_average", "croston_sba", "tsb", "adida", "imapa"),
    "lumpy": ("window_average", "croston_sba", "tsb", "adida", "imapa"),
    "new": ("window_average", "ses_optimized", "tsb", "adida", COLD_START),
}
_FOR_ALL = (COMBINATION, WEEKLY_COMBINATION, GLOBAL, BLEND)


def candidates_of(series_class: str) -> tuple[str, ...]:
    """The models that may forecast a class: the families that suit it, and those that learn from all classes.

    Exponential smoothing and Theta for what sells nearly every day; Croston's kind, TSB, ADIDA and IMAPA for what does
    not; the cold-start rule for newcomers only.
    """
    return (BASELINE, *_BY_CLASS.get(series_class, LEVEL_MODELS), *_FOR_ALL)


def score_class(folds: Sequence[Fold], series_class: str) -> Scores:
    """Accuracy of each candidate of a class (or of `all` classes together), by model and horizon."""
    scores: Scores = {}
    for model in candidates_of(series_class):
        if not all(model in fold.forecasts.by_model for fold in folds):
            continue
        samples = [_sample(fold, model, series_class) for fold in folds]
        scores[model] = {horizon: measure(samples, horizon) for horizon in HORIZONS}
    return scores


def _sample(fold: Fold, model: str, series_class: str) -> Sample:
    members = slice(None) if series_class == ALL else fold.forecasts.classes == series_class
    return fold.forecasts.by_model[model][members], fold.actual[members], fold.naive_error[members]


def choose(
    scores: Mapping[str, Mapping[int, Accuracy]],
    *,
    at_every_horizon: bool = True,
    incumbent: str | None = None,
    margin_pct: float = 0.0,
    max_bias_pct: float = float("inf"),
) -> str:
    """The champion: lowest WAPE relative to the baseline, averaged over the horizons.

    Where no candidate is better than the baseline, or nothing was sold, the baseline stays.

    Args:
        scores: Accuracy by model and horizon, the baseline among them.
        at_every_horizon: Whether a candidate that is worse than the baseline at any single horizon is out, so that
            the champion is nowhere worse than the seasonal naive in the backtest. For hundreds of series; one series
            alone has one error a fold and horizon, and there the average must decide.
        incumbent: The champion so far. It stays, while it beats the baseline itself, unless another is better by
            `margin_pct` per cent: two models that are equally good would otherwise take turns, and the numbers that
            people plan with would jump without a reason.
        margin_pct: By how much.
        max_bias_pct: A candidate whose longest sums are off by more in one direction is out, unless the baseline's
            are too: low absolute errors of many small demands can come of forecasting next to nothing.
    """
    base = scores[BASELINE]
    longest = max(base)
    allowed = max(max_bias_pct, abs(base[longest].bias_pct)) if np.isfinite(base[longest].bias_pct) else np.inf
    relative = {BASELINE: 1.0}
    for model, by_horizon in scores.items():
        ratios = [by_horizon[horizon].wape / base[horizon].wape for horizon in base if base[horizon].wape > 0]
        if not ratios or not np.isfinite(ratios).all() or (at_every_horizon and max(ratios) > 1):
            continue
        if float(np.mean(ratios)) < 1 and abs(by_horizon[longest].bias_pct) <= allowed:
            relative[model] = float(np.mean(ratios))
    best = min(relative, key=lambda model: relative[model])
    if (
        incumbent in relative
        and incumbent != BASELINE
        and relative[best] > relative[incumbent] * (1 - margin_pct / 100)
    ):
        return incumbent
    return best


def champions(
    folds: Sequence[Fold], rules: ForecastAssumptions, incumbents: Mapping[str, str] | None = None
) -> tuple[dict[str, str], dict[str, Scores]]:
    """The champion and the scores of each class.

    A class with fewer than `min_class_series` series in the backtest takes the champion of all classes, because a
    handful of series would choose by chance; or the baseline, where that champion is worse on the handful. Without any
    series to go by, newcomers take the cold-start rule; the other classes the champion of all, or without a backtest
    the window average, the plainest of the level models. There are then no scores to show.

    Args:
        folds: The backtest.
        rules: The assumptions.
        incumbents: The champion so far of each class that is to keep it unless beaten by the margin.

    Returns:
        Model by class; scores by class, with `all` among them, for those that have any series.
    """
    known = incumbents or {}
    scores = {name: score_class(folds, name) for name in (ALL, *CLASSES)}
    counts = {name: scores[name][BASELINE][1].series_count for name in scores}

    def decide(options: Scores, incumbent: str | None) -> str:
        return choose(options, incumbent=incumbent, margin_pct=rules.churn_margin_pct, max_bias_pct=rules.max_bias_pct)

    # By a model that every class has, or the combination of a class would have to be guessed.
    shared = {model: score for model, score in scores[ALL].items() if model in (BASELINE, *_FOR_ALL)}
    overall = decide(shared, known.get(ALL)) if counts[ALL] else LEVEL_MODELS[0]
    chosen = {}
    for name in CLASSES:
        if not counts[name]:
            chosen[name] = COLD_START if name == "new" else overall
        elif counts[name] < rules.min_class_series:
            chosen[name] = decide({model: scores[name][model] for model in (BASELINE, overall)}, None)
        else:
            chosen[name] = decide(scores[name], known.get(name))
    return chosen, {name: score for name, score in scores.items() if counts[name]}


def champion_path(forecasts: Forecasts, chosen: Mapping[str, str]) -> Floats:
    """Each product's daily forecast by the champion of its class."""
    path = np.zeros((len(forecasts.product_ids), len(forecasts.dates)))
    for name, model in chosen.items():
        members = forecasts.classes == name
        # The global model may have failed this once: its class then has the blend, which does without it.
        path[members] = forecasts.by_model[model if model in forecasts.by_model else BLEND][members]
    return path
