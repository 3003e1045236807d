from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models_ml.forecasting.intervals import LEVELS, Calibration, spread

units = st.floats(0, 1e9, allow_nan=False)


def labels(name: str, count: int) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    return np.array([name] * count, dtype=np.str_)


def test_the_quantile_is_the_conformal_one() -> None:
    """Of 9 residuals 1..9 (in spreads) the 90 % quantile is the ceil(10 × 0.9) = 9th, the 50 % one the 5th."""
    forecast = np.full(9, 4.0)
    actual = forecast + np.arange(1, 10) * spread(forecast)
    calibration = Calibration.fit(forecast, actual, labels("lumpy", 9), at_least=1)
    by_level = dict(zip(LEVELS, calibration.quantiles(np.array([4.0]), labels("lumpy", 1))[:, 0], strict=True))
    assert by_level[0.9] == pytest.approx(4 + 9 * float(spread(np.array([4.0]))[0]))
    assert by_level[0.5] == pytest.approx(4 + 5 * float(spread(np.array([4.0]))[0]))


def test_fresh_draws_fall_inside_as_often_as_promised() -> None:
    random = np.random.default_rng(7)
    forecast = random.gamma(2, 10, 20_000)
    actual = random.negative_binomial(2, 2 / (2 + forecast)).astype(float)
    past, future = slice(0, 10_000), slice(10_000, None)
    classes = labels("erratic", 10_000)
    calibration = Calibration.fit(forecast[past], actual[past], classes, at_least=30)
    quantiles = calibration.quantiles(forecast[future], classes)
    for level, bound in zip(LEVELS[1:], quantiles[1:], strict=True):
        assert (actual[future] <= bound).mean() == pytest.approx(level, abs=0.02)


def test_a_class_too_small_takes_the_residuals_of_all() -> None:
    forecast, actual = np.full(100, 10.0), np.concatenate([np.full(95, 12.0), np.full(5, 1000.0)])
    classes = np.array(["lumpy"] * 95 + ["smooth"] * 5, dtype=np.str_)
    calibration = Calibration.fit(forecast, actual, classes, at_least=30)
    small, large = (calibration.quantiles(np.array([10.0]), labels(name, 1)) for name in ("smooth", "lumpy"))
    assert small[1, 0] == pytest.approx(12)
    assert large[1, 0] == pytest.approx(12)


@settings(deadline=None)  # a busy machine is no failure
@given(
    forecast=hnp.arrays(np.float64, st.integers(1, 40), elements=units),
    data=st.data(),
)
def test_quantiles_are_never_negative_and_never_decrease(
    forecast: np.ndarray[tuple[int], np.dtype[np.float64]], data: st.DataObject
) -> None:
    actual = data.draw(hnp.arrays(np.float64, forecast.size, elements=units))
    classes = np.array(
        data.draw(st.lists(st.sampled_from(["new", "lumpy"]), min_size=forecast.size, max_size=forecast.size))
    )
    calibration = Calibration.fit(forecast, actual, classes, at_least=2)
    quantiles = calibration.quantiles(forecast, classes)
    assert (quantiles >= 0).all()
    assert (np.diff(quantiles, axis=0) >= 0).all()
    assert (calibration.std(forecast, classes) >= 0).all()


def test_without_a_backtest_the_residuals_are_normal_of_the_assumed_width() -> None:
    calibration = Calibration.assumed(2.0)
    quantiles = calibration.quantiles(np.array([100.0]), labels("lumpy", 1))
    width = 2.0 * float(spread(np.array([100.0]))[0])
    assert quantiles[LEVELS.index(0.5), 0] == pytest.approx(100)
    assert quantiles[LEVELS.index(0.95), 0] == pytest.approx(100 + 1.6449 * width, rel=1e-4)
    assert calibration.std(np.array([100.0]), labels("lumpy", 1))[0] == pytest.approx(width)
