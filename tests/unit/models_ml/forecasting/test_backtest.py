from __future__ import annotations

import numpy as np
import pytest

from models_ml.forecasting.backtest import Accuracy, measure, origins
from models_ml.forecasting.candidates import BASELINE
from models_ml.forecasting.champion import choose


def test_origins_leave_one_horizon_and_enough_history() -> None:
    assert origins(374, count=4, horizon=28, min_train=56) == [346, 318, 290, 262]
    assert origins(100, count=4, horizon=28, min_train=56) == [72]
    assert origins(83, count=4, horizon=28, min_train=56) == []
    assert origins(374, count=3, horizon=28, min_train=56, step=14) == [346, 332, 318]


def test_measures_against_a_hand_made_example() -> None:
    forecast = np.array([[2.0, 2.0], [0.0, 1.0]])
    actual = np.array([[1.0, 4.0], [0.0, 0.0]])
    sample = [(forecast, actual, np.array([1.0, 0.5]))]
    single = measure(sample, 1)
    assert single.wape == pytest.approx((1 + 2 + 0 + 1) / 5)
    assert single.mase == pytest.approx((1.5 / 1.0 + 0.5 / 0.5) / 2)
    assert single.bias_pct == pytest.approx(0)
    assert single.series_count == 2
    summed = measure(sample, 2)
    assert summed.wape == pytest.approx((1 + 1) / 5)
    assert summed.mase is None


def test_nothing_sold_has_no_wape_and_a_flat_past_no_mase() -> None:
    result = measure([(np.ones((1, 3)), np.zeros((1, 3)), np.array([0.0]))], 1)
    assert np.isnan(result.wape)
    assert result.mase is None


def table(**wape: tuple[float, float]) -> dict[str, dict[int, Accuracy]]:
    return {model: {1: Accuracy(a, None, 0, 1), 28: Accuracy(b, None, 0, 1)} for model, (a, b) in wape.items()}


def test_the_champion_has_the_lowest_error_relative_to_the_baseline() -> None:
    scores = table(**{BASELINE: (1.0, 0.5), "good": (0.9, 0.45), "better": (0.9, 0.40)})
    assert choose(scores) == "better"


def test_a_candidate_worse_at_one_horizon_is_out_unless_the_average_decides() -> None:
    scores = table(**{BASELINE: (1.0, 0.5), "mixed": (0.5, 0.51)})
    assert choose(scores) == BASELINE
    assert choose(scores, at_every_horizon=False) == "mixed"


def test_the_baseline_stays_where_nothing_beats_it_or_nothing_was_sold() -> None:
    assert choose(table(**{BASELINE: (1.0, 0.5), "equal": (1.0, 0.5), "worse": (1.2, 0.6)})) == BASELINE
    nothing = float("nan")
    assert choose(table(**{BASELINE: (nothing, nothing), "other": (nothing, nothing)})) == BASELINE
