"""The rows of `forecast_accuracy`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from models_ml.forecasting.backtest import Accuracy, Fold, measure
from models_ml.forecasting.candidates import BASELINE
from models_ml.forecasting.champion import ALL, HORIZONS, Scores, champion_path

CHAMPIONS = "champions"
Row = dict[str, Any]


def product_rows(
    folds: Sequence[Fold],
    chosen: Mapping[str, str],
    scores: Mapping[str, Scores],
    coverage: Mapping[tuple[str, int], tuple[float, float]],
) -> list[Row]:
    """Every candidate of every class that has series, and `champions` for all classes together."""
    rows = [
        accuracy_row("product", "demand_units", name, model, horizon, result, len(folds), chosen.get(name), coverage)
        for name, by_model in scores.items()
        for model, by_horizon in by_model.items()
        for horizon, result in by_horizon.items()
    ]
    for horizon in HORIZONS if folds else ():
        samples = [(champion_path(fold.forecasts, chosen), fold.actual, fold.naive_error) for fold in folds]
        result = measure(samples, horizon)
        rows.append(
            accuracy_row("product", "demand_units", ALL, CHAMPIONS, horizon, result, len(folds), CHAMPIONS, coverage)
        )
    return rows


def accuracy_row(
    level: str,
    metric: str,
    series_class: str,
    model: str,
    horizon: int,
    result: Accuracy,
    fold_count: int,
    champion: str | None,
    coverage: Mapping[tuple[str, int], tuple[float, float | None]],
) -> Row:
    """One row; coverage (in percent) and pinball loss are those of the champion's quantiles, empty for the others."""
    is_champion = model == champion
    share, pinball = coverage.get((series_class, horizon), (None, None)) if is_champion else (None, None)
    return {
        "level": level,
        "metric": metric,
        "series_class": series_class,
        "model": model,
        "is_champion": is_champion,
        "is_baseline": model == BASELINE,
        "horizon_days": horizon,
        "fold_count": fold_count,
        "series_count": result.series_count,
        "wape": _finite(result.wape),
        "mase": _finite(result.mase),
        "bias_pct": _finite(result.bias_pct),
        "coverage_80_pct": None if share is None else 100 * share,
        "smape": _finite(result.smape),
        "rmsse": _finite(result.rmsse),
        "pinball": _finite(pinball),
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and np.isfinite(value) else None
