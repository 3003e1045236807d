"""The simulator: an example by hand, its books, and policies that differ as they must."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from models_ml.inventory.service import critical_ratios
from models_ml.inventory.simulation.engine import Levels, World, draw_lead_times, simulate
from models_ml.inventory.simulation.measures import Prices, measure, stock_at_fill
from models_ml.inventory.simulation.rivals import last_month_levels, min_max_levels
from models_ml.inventory.simulation.run import comparison
from models_ml.inventory.simulation.windows import PROBABILITIES, Panel, weighted_quantiles, window_quantiles


def whole(*rows: list[int]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.array(rows, np.int64)


def test_a_course_by_hand() -> None:
    """Up to 5 on days 0 and 3, packs of two, two days' delivery: 5, lost on day 2, 4 and 2 more come."""
    world = World(whole([3, 1, 4, 0, 0, 5, 1]), np.full((1, 7), 2), whole([2])[0], whole([2])[0])
    course = simulate(world, Levels([0, 3], whole([4], [4]), whole([5], [5])))
    assert course.ordered.tolist() == [[0, 0, 0, 6, 0, 0, 0]]
    assert course.sold.tolist() == [[3, 1, 1, 0, 0, 5, 1]]
    assert course.lost.tolist() == [[0, 0, 3, 0, 0, 0, 0]]
    assert course.on_hand.tolist() == [[2, 1, 0, 0, 0, 1, 0]]


def test_the_books_balance_and_draws_repeat() -> None:
    random = np.random.default_rng(1)
    demand = random.poisson(3, (40, 60))
    lead_times = draw_lead_times([(3, 0.5), (9, 0.5)], (40, 60), seed=4)
    assert (lead_times == draw_lead_times([(3, 0.5), (9, 0.5)], (40, 60), seed=4)).all()
    days = range(0, 60, 7)
    level = np.full((len(days), 40), 30)
    world = World(demand, lead_times, np.full(40, 6), np.full(40, 12))
    course = simulate(world, Levels(days, level - 1, level))
    assert (course.sold + course.lost == demand).all()
    assert (course.on_hand >= 0).all()
    arrived = np.zeros_like(demand)
    for product, day in zip(*np.nonzero(course.ordered), strict=True):
        if day + lead_times[product, day] < 60:
            arrived[product, day + lead_times[product, day]] += course.ordered[product, day]
    assert (30 + arrived.cumsum(axis=1) - course.sold.cumsum(axis=1) == course.on_hand).all()
    assert set(np.unique(course.ordered % 6)) == {0}
    assert course.ordered[course.ordered > 0].min() >= 12


def test_measures_by_hand() -> None:
    world = World(whole([3, 1, 4, 0, 0, 5, 1]), np.full((1, 7), 2), whole([2])[0], whole([2])[0])
    course = simulate(world, Levels([0, 3], whole([4], [4]), whole([5], [5])))
    prices = Prices(np.array([10.0]), np.array([4.0]), 0.365, 1.5)
    found = measure("x", 1.0, course, prices, from_day=1)
    assert (found.demand_units, found.lost_units, found.order_lines) == (11, 3, 1)
    assert found.fill_rate == pytest.approx(8 / 11)
    assert found.stock_value == pytest.approx(4.0 * (1 + 1) / 6)
    assert found.lost_margin == 18
    assert found.total_cost == pytest.approx(18 + 8 * 0.365 / 365 + 1.5)


def test_rivals_look_back_only() -> None:
    history, demand = np.full((1, 91), 2), np.zeros((1, 100), np.int64)
    later = demand.copy()
    later[:, 50:] = 9
    days = [0, 7, 49]
    for seen in (demand, later):
        month = last_month_levels(history, seen, days, exposed_days=21, factor=1.0)
        assert month.order_up_to[:, 0].tolist() == [42, 33, 0]
        quarter = min_max_levels(history, seen, days, lead_days=14, review_days=7, factor=1.0)
        assert quarter.order_up_to[:, 0].tolist() == [98] * 3
    assert last_month_levels(history, demand, days, exposed_days=21, factor=1.0).order_up_to[:, 0].tolist() == [
        42,
        33,
        0,
    ]
    fixed = min_max_levels(history, demand, days, lead_days=14, review_days=7, factor=1.0)
    assert (fixed.reorder_points[:, 0].tolist(), fixed.order_up_to[:, 0].tolist()) == ([42] * 3, [98] * 3)


def test_window_quantiles_are_calibrated_and_look_back_only() -> None:
    units = np.random.default_rng(2).negative_binomial(2, 0.4, (300, 260))
    found = window_quantiles(Panel(units), 230, lead_times=[(7, 0.5), (14, 0.5)], review_days=7)
    changed = units.copy()
    changed[:, 230:] = 99
    assert (found == window_quantiles(Panel(changed), 230, lead_times=[(7, 0.5), (14, 0.5)], review_days=7)).all()
    sums = Panel(units).sums()
    short, long = sums[:, 244] - sums[:, 230], sums[:, 251] - sums[:, 230]
    for place, level in enumerate(PROBABILITIES):
        covered = ((short <= found[place]).mean() + (long <= found[place]).mean()) / 2
        assert covered == pytest.approx(level, abs=0.06)


def test_weighted_quantiles_of_equal_weights_are_order_statistics() -> None:
    assert weighted_quantiles(np.array([3.0, 1.0, 2.0, 4.0]), np.ones(4), [0.25, 0.5, 1.0]).tolist() == [1, 2, 4]


def test_the_ratio_is_the_newsvendors() -> None:
    assert critical_ratios(7.0, np.array([1.0, 7.0, 1e9, 0.0])).tolist() == [0.875, 0.5, 0.05, 0.995]


def test_a_comparison_of_made_up_sales() -> None:
    """Cheap and dear goods: at equal service, protecting the cheap ones more takes less money than the rivals do."""
    random = np.random.default_rng(3)
    first, on = date(2024, 1, 1), date(2025, 1, 1)
    rows = [
        (f"P{product:03}", first + timedelta(days=day), int(units))
        for product in range(120)
        for day, units in enumerate(random.negative_binomial(1, 1 / (1 + 0.2 + product % 5), 366))
        if units
    ]
    demand = pl.DataFrame(rows, schema=["product_id", "sales_date", "demand_units"], orient="row")
    items = pl.DataFrame(
        {
            "product_id": [f"P{product:03}" for product in range(120)],
            "price": [4.0 * 3.0 ** (product % 4) for product in range(120)],
            "unit_cost": [2.0 * 3.0 ** (product % 4) for product in range(120)],
            "pack_units": [1] * 120,
            "minimum_units": [1] * 120,
        }
    )
    terms = {"on": on, "lead_times": ((7, 0.3), (14, 0.7)), "review_days": 7, "holding_rate": 0.25}
    table = comparison(demand, items, order_line_cost=0.1, **terms)  # type: ignore[arg-type]  # terms by name
    assert table.equals(comparison(demand, items, order_line_cost=0.1, **terms))  # type: ignore[arg-type]  # the same
    ours = table.filter((pl.col("policy") == "fill_rate") & pl.col("fill_rate_pct").is_between(88, 98))
    assert ours["stock_vs_rival_pct"].drop_nulls().len() > 2
    assert ours.filter(pl.col("rival") == "last_30_days")["stock_vs_rival_pct"].drop_nulls().max() < -10  # type: ignore[operator]  # numbers
    for _, curve in table.filter(~pl.col("is_rival")).group_by("policy"):
        assert curve.sort("setting")["stock_value_shop"].is_sorted()
    short = demand.filter(pl.col("sales_date") > date(2024, 10, 1))
    assert comparison(short, items, order_line_cost=0.1, **terms).is_empty()  # type: ignore[arg-type]  # terms by name
    assert comparison(demand.clear(), items, order_line_cost=0.1, **terms).is_empty()  # type: ignore[arg-type]  # the same


def test_between_settings_curves_are_straight() -> None:
    world = World(whole([2] * 30), np.full((1, 30), 3), whole([1])[0], whole([1])[0])
    prices = Prices(np.array([2.0]), np.array([1.0]), 0.25, 0.0)
    days = range(0, 30, 5)
    curve = []
    for level in (2, 6, 10):
        levels = Levels(days, np.full((6, 1), level - 1), np.full((6, 1), level))
        curve.append(measure("x", level, simulate(world, levels), prices, from_day=0))
    middle = (curve[0].fill_rate + curve[1].fill_rate) / 2
    assert stock_at_fill(curve, middle) == pytest.approx((curve[0].stock_value + curve[1].stock_value) / 2)
    assert stock_at_fill(curve, 1.01) is None
