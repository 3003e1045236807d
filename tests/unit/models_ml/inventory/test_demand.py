from __future__ import annotations

from statistics import NormalDist

import pytest

from models_ml.inventory.demand import DemandOutlook

LEVELS = (0.5, 0.8, 0.9, 0.95)


def normal_outlook(mean: float, deviation: float, horizons: tuple[int, ...] = (7, 14, 21, 28)) -> DemandOutlook:
    """Independent normal days of a mean and a standard deviation."""
    quantiles = {
        days: {level: NormalDist(mean * days, deviation * days**0.5).inv_cdf(level) for level in LEVELS}
        for days in horizons
    }
    return DemandOutlook([mean] * max(horizons), quantiles)


def test_a_textbook_s_periodic_review_level() -> None:
    """Chopra & Meindl, Supply Chain Management, chapter on safety inventory, periodic review: Legos at a Walmart store.

    Weekly demand normal with mean 2,500 and standard deviation 500, lead time two weeks, review every four weeks,
    cycle service level 90 %: order-up-to level 16,570, of which safety inventory 1,570. (Six weeks: past the forecast.)
    """
    outlook = normal_outlook(2500 / 7, 500 / 7**0.5)
    level = outlook.quantile(0.9, 42)
    assert round(level) == 16_570
    assert round(level - outlook.expected(42)) == 1_570


def test_quantiles_at_the_forecast_s_own_points_are_the_forecast_s() -> None:
    outlook = normal_outlook(10, 4)
    assert outlook.quantile(0.9, 14) == pytest.approx(outlook.quantiles[14][0.9])


def test_between_probabilities_the_normal_deviate_is_linear() -> None:
    outlook = normal_outlook(10, 4)
    for level in (0.6, 0.85, 0.93, 0.99):
        assert outlook.quantile(level, 28) == pytest.approx(NormalDist(280, 4 * 28**0.5).inv_cdf(level))


def test_closed_days_between_two_horizons_add_nothing() -> None:
    daily = [10.0] * 7 + [10.0] * 3 + [0.0] * 4
    outlook = DemandOutlook(daily, {7: {0.8: 90.0, 0.9: 100.0}, 14: {0.8: 130.0, 0.9: 150.0}})
    assert outlook.quantile(0.9, 10) == outlook.quantile(0.9, 14) == 150
    assert outlook.quantile(0.9, 8) == pytest.approx(100 + 50 / 3)


def test_no_days_need_nothing_and_no_quantiles_give_nothing() -> None:
    assert normal_outlook(10, 4).quantile(0.95, 0) == 0
    assert DemandOutlook([], {}).quantile(0.95, 14) == 0
    assert DemandOutlook([], {}).expected(30) == 0


def test_days_until_sold_out_follow_the_path_and_then_its_average() -> None:
    outlook = DemandOutlook([0.0, 10.0, 0.0, 10.0], {})
    assert outlook.days_until(0) == 0
    assert outlook.days_until(5) == pytest.approx(1.5)
    assert outlook.days_until(10) == pytest.approx(2)
    assert outlook.days_until(15) == pytest.approx(3.5)
    assert outlook.days_until(40) == pytest.approx(4 + 20 / 5)
    assert DemandOutlook([0.0, 0.0], {}).days_until(5) is None


def test_a_demand_that_has_died_away_never_sells_what_is_there() -> None:
    outlook = DemandOutlook(daily=[1e-36] * 28, quantiles={})
    assert outlook.daily_demand == 0
    assert outlook.days_until(37) is None


def test_a_rare_demand_is_still_one() -> None:
    assert DemandOutlook(daily=[0.001] * 28, quantiles={}).days_until(1) == pytest.approx(1000)
