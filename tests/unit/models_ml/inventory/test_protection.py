"""Stock against forecast error and lead time together."""

from __future__ import annotations

import numpy as np
import pytest

from models_ml.inventory.demand import DemandOutlook
from models_ml.inventory.protection import Protected, lead_time_chances

FLAT = DemandOutlook(
    [2.0] * 28,
    {days: {0.5: 2.0 * days, 0.8: 2.6 * days, 0.9: 3.0 * days, 0.95: 3.4 * days} for days in (7, 14, 21, 28)},
)


def test_a_certain_lead_time_is_the_forecasts_own_quantile() -> None:
    assert lead_time_chances(13.2, None) == ((14, 1.0),)
    protected = Protected(FLAT, ((14, 1.0),), 7)
    assert protected.quantile(0.9) == FLAT.quantile(0.9, 21)
    assert protected.expected == FLAT.expected(21)


def test_the_quantile_is_that_of_draws_of_both() -> None:
    chances = ((7, 0.25), (14, 0.5), (21, 0.25))
    protected = Protected(FLAT, chances, 7)
    random = np.random.default_rng(5)
    lead_times = random.choice([7, 14, 21], size=40_000, p=[0.25, 0.5, 0.25])
    levels = random.random(40_000)
    grid = np.linspace(0.0005, 0.9995, 2000)
    draws = np.zeros(40_000)
    for days in (7, 14, 21):
        table = [FLAT.quantile(float(level), days + 7) for level in grid]
        draws = np.where(lead_times == days, np.interp(levels, grid, table), draws)
    for level in (0.6, 0.8, 0.9, 0.95):
        assert protected.quantile(level) == pytest.approx(float(np.quantile(draws, level)), rel=0.02)
    stock = protected.quantile(0.8)
    assert protected.chance_of_enough(stock) == pytest.approx(0.8, abs=1e-6)
    assert protected.expected_short(stock) == pytest.approx(float(np.maximum(draws - stock, 0).mean()), rel=0.06)


def test_a_longer_or_less_certain_lead_time_never_needs_less() -> None:
    levels = [Protected(FLAT, lead_time_chances(days, 3), 7).quantile(0.95) for days in (5, 10, 15, 20)]
    assert levels == sorted(levels)
    spread = [Protected(FLAT, lead_time_chances(14, sd), 7).quantile(0.95) for sd in (0, 2, 5, 9)]
    assert spread == sorted(spread)


def test_lead_times_keep_their_mean_and_spread() -> None:
    chances = lead_time_chances(20, 6)
    mean = sum(days * chance for days, chance in chances)
    assert sum(chance for _, chance in chances) == pytest.approx(1)
    assert mean == pytest.approx(20, abs=1)
    assert 4 < sum((days - mean) ** 2 * chance for days, chance in chances) ** 0.5 < 7


def test_nothing_sold_needs_nothing() -> None:
    nothing = Protected(
        DemandOutlook([0.0] * 28, {7: {0.5: 0.0, 0.8: 0.0, 0.9: 0.0, 0.95: 0.0}}), ((5, 0.5), (9, 0.5)), 7
    )
    assert nothing.quantile(0.95) == 0
    assert nothing.expected_short(0) == 0
    assert nothing.chance_of_enough(0) == 1
