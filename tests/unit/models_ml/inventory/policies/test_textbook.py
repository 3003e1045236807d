"""Every worked example and problem of Snyder & Shen (2019) that stockpyl holds and that concerns these policies.

Each is compared with stockpyl, and where the book or stockpyl's own documentation prints a number, with that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import lognorm, norm  # type: ignore[import-untyped]
from stockpyl import eoq, newsvendor, rq, ss, wagner_whitin  # type: ignore[import-untyped]
from stockpyl.instances import load_instance  # type: ignore[import-untyped]

from models_ml.inventory import policies

FIVE_DIGITS = 5e-6
Policy = Callable[..., Any]


def near(value: float) -> object:
    return pytest.approx(value, rel=FIVE_DIGITS)


@pytest.mark.parametrize("name", ["example_3_1", "problem_3_1"])
def test_economic_order_quantity(name: str) -> None:
    terms = load_instance(name)
    ours = policies.economic_order_quantity(**terms)
    assert (ours.order_quantity, ours.cost) == tuple(map(near, eoq.economic_order_quantity(**terms)))


def test_published_economic_order_quantity() -> None:
    ours = policies.economic_order_quantity(fixed_cost=8, holding_cost=0.225, demand_rate=1300)
    assert (ours.order_quantity, ours.cost) == (near(304.0467800264368), near(68.41052550594829))


@pytest.mark.parametrize("name", ["example_3_8", "problem_3_2b"])
def test_backorders(name: str) -> None:
    terms = load_instance(name)
    ours = policies.economic_order_quantity_with_backorders(**terms)
    theirs = eoq.economic_order_quantity_with_backorders(**terms)
    assert (ours.order_quantity, ours.backorder_share, ours.cost) == tuple(map(near, theirs))
    if name == "example_3_8":
        assert theirs == (near(310.81255515896464), near(0.0430622009569378), near(66.92136355097325))


def test_production() -> None:
    terms = load_instance("problem_3_22")
    ours = policies.economic_production_quantity(**terms)
    assert (ours.order_quantity, ours.cost) == tuple(map(near, eoq.economic_production_quantity(**terms)))
    published = policies.economic_production_quantity(
        fixed_cost=8, holding_cost=0.225, demand_rate=1300, production_rate=1700
    )
    assert (published.order_quantity, published.cost) == (near(626.8084945889684), near(33.183979125298336))


DOCUMENTED_ALL_UNITS = {
    "fixed_cost": 200, "holding_cost_rate": 0.20, "demand_rate": 1000,
    "breakpoints": [0, 200, 500], "unit_costs": [500, 475, 450],
}  # fmt: skip
DOCUMENTED_INCREMENTAL = {
    "fixed_cost": 150, "holding_cost_rate": 0.25, "demand_rate": 2400,
    "breakpoints": [0, 300, 600], "unit_costs": [100, 90, 80],
}  # fmt: skip


@pytest.mark.parametrize("name", ["example_3_5", "problem_3_12", None])
@pytest.mark.parametrize("kind", ["all_units", "incremental"])
def test_quantity_discounts(name: str | None, kind: str) -> None:
    terms = load_instance(name) if name else (DOCUMENTED_ALL_UNITS if kind == "all_units" else DOCUMENTED_INCREMENTAL)
    ours = getattr(policies, f"{kind}_discount")(**terms)
    theirs = getattr(eoq, f"economic_order_quantity_with_{kind}_discounts")(**terms)
    assert (ours.order_quantity, ours.region, ours.cost) == (near(theirs[0]), theirs[1], near(theirs[2]))


def test_published_quantity_discounts() -> None:
    whole = policies.all_units_discount(**DOCUMENTED_ALL_UNITS)  # type: ignore[arg-type]  # numbers and lists of them
    assert (whole.order_quantity, whole.region, whole.cost) == (near(500), 2, near(472900.0))
    parts = policies.incremental_discount(**DOCUMENTED_INCREMENTAL)  # type: ignore[arg-type]  # numbers and lists of them
    assert (parts.order_quantity, parts.region, parts.cost) == (near(1481.8906842274164), 2, near(222762.8136845483))


@pytest.mark.parametrize("name", ["example_4_1", "example_4_3", "problem_4_1", "example_4_4"])
def test_normal_newsvendor(name: str) -> None:
    terms = load_instance("example_4_1" if name == "example_4_4" else name)
    periods = 5 if name == "example_4_4" else 1  # a lead time of four periods and the one at hand
    ours = policies.newsvendor_normal(**terms, periods=periods)
    theirs = newsvendor.newsvendor_normal(**terms, lead_time=periods - 1)
    assert (ours.order_up_to, ours.cost) == tuple(map(near, theirs))
    if name == "example_4_1":
        assert theirs == (near(56.60395592743389), near(1.9976051931766445))


@pytest.mark.parametrize("name", ["example_4_2", "problem_4_3b"])
def test_newsvendor_from_prices(name: str) -> None:
    terms = load_instance(name)
    level, profit = newsvendor.newsvendor_normal_explicit(**terms)
    margin, loss = terms["revenue"] - terms["purchase_cost"], terms["purchase_cost"] - terms["salvage_value"]
    ours = policies.newsvendor_normal(
        holding_cost=loss, stockout_cost=margin, demand_mean=terms["demand_mean"], demand_sd=terms["demand_sd"]
    )
    assert (ours.order_up_to, margin * terms["demand_mean"] - ours.cost) == (near(level), near(profit))
    if name == "example_4_2":
        assert (level, profit) == (near(56.60395592743389), near(33.002394806823354))


@pytest.mark.parametrize("name", ["problem_4_8a", None])
def test_poisson_newsvendor(name: str | None) -> None:
    terms = load_instance(name) if name else {"holding_cost": 0.18, "stockout_cost": 0.70, "demand_mean": 50}
    ours, theirs = policies.newsvendor_poisson(**terms), newsvendor.newsvendor_poisson(**terms)
    assert (ours.order_up_to, ours.cost) == tuple(map(near, theirs))
    if name is None:
        assert theirs == (near(56), near(1.797235211809178))
        explicit = newsvendor.newsvendor_poisson_explicit(1, 0.3, 0.12, 50)
        assert (ours.order_up_to, 0.7 * 50 - ours.cost) == tuple(map(near, explicit)) == (56, near(33.20276478819082))


def test_discrete_newsvendor() -> None:
    terms = load_instance("problem_4_7b")
    chances = {float(units): chance for units, chance in terms.pop("demand_pmf").items()}
    ours = policies.newsvendor_discrete(**terms, probabilities=chances)
    theirs = newsvendor.newsvendor_discrete(**terms, demand_pmf=chances)
    assert (ours.order_up_to, ours.cost) == tuple(map(near, theirs))


def test_empirical_newsvendor_is_the_discrete_one_of_what_was_seen() -> None:
    """The distribution of problem 4.7(b), as twenty seasons that had it."""
    terms = load_instance("problem_4_7b")
    chances = {float(units): chance for units, chance in terms.pop("demand_pmf").items()}
    seasons = [units for units, chance in chances.items() for _ in range(round(chance * 20))]
    assert len(seasons) == 20
    ours = policies.newsvendor_empirical(**terms, seasons=seasons)
    theirs = newsvendor.newsvendor_discrete(**terms, demand_pmf=chances)
    assert (ours.order_up_to, ours.cost) == tuple(map(near, theirs))


def test_empirical_newsvendor_finds_the_published_lognormal_level() -> None:
    """Problem 4.8(b), 295.627: from its own quantiles as seasons."""
    terms = load_instance("problem_4_8b")
    seasons = lognorm(terms["sigma"], 0, np.exp(terms["mu"])).ppf((np.arange(400_000) + 0.5) / 400_000)
    ours = policies.newsvendor_empirical(
        holding_cost=terms["holding_cost"], stockout_cost=terms["stockout_cost"], seasons=seasons
    )
    assert ours.order_up_to == pytest.approx(295.6266448071368, rel=2e-5)
    assert ours.cost == pytest.approx(29.44254351324322, rel=2e-5)


@pytest.mark.parametrize("name", ["example_5_1", "problem_5_1", "problem_5_3"])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (policies.r_q_eil, rq.r_q_eil_approximation),
        (policies.r_q_eoqb, rq.r_q_eoqb_approximation),
        (policies.r_q_eoq_safety_stock, rq.r_q_eoqss_approximation),
        (policies.r_q_loss_function, rq.r_q_loss_function_approximation),
    ],
)
def test_reorder_point(name: str, ours: Policy, theirs: Policy) -> None:
    terms = load_instance(name)
    mine, reference = ours(**terms), theirs(**terms)
    # stockpyl stops its searches at 1e-6 units
    assert (mine.reorder_point, mine.order_quantity) == (near(reference[0]), near(reference[1]))
    assert len(reference) == 2 or mine.cost == near(reference[2])


@pytest.mark.parametrize(
    ("policy", "point", "quantity"),
    [
        (policies.r_q_eil, 213.97044213580244, 318.5901810768729),
        (policies.r_q_eoqb, 128.63781442427097, 308.5737801203754),
        (policies.r_q_eoq_safety_stock, 190.3369965715624, 304.0467800264368),
        (policies.r_q_loss_function, 126.8670634479628, 328.4491421980451),
    ],
)
def test_published_reorder_points(policy: Policy, point: float, quantity: float) -> None:
    found = policy(**load_instance("example_5_1"))
    assert (found.reorder_point, found.order_quantity) == (near(point), near(quantity))


def test_published_cost_of_a_reorder_point_and_the_best_one() -> None:
    terms = load_instance("example_5_1")
    assert policies.r_q_cost_normal(126.8, 328.5, **terms) == near(78.07116250928294)
    best = policies.r_q_exact_normal(**terms)
    around = [
        policies.r_q_cost_normal(best.reorder_point + r, best.order_quantity + q, **terms)
        for r in (-1, 0, 1)
        for q in (-1, 0, 1)
        if r or q
    ]
    assert best.cost < min(around)
    assert best.cost < policies.r_q_eoqb(**terms).cost


def test_best_point_for_a_quantity_is_the_published_one() -> None:
    terms = load_instance("example_5_1")
    point = rq.r_q_optimal_r_for_q(300, 0.225, 7.5, 1300, 150, 1 / 12)
    assert point == near(129.4272799263067)
    nearby = [policies.r_q_cost_normal(point + step, 300, **terms) for step in (-0.5, 0.0, 0.5)]
    assert nearby[1] == min(nearby)


@pytest.mark.parametrize("name", ["problem_5_2", "example_5_8"])
def test_poisson_reorder_point(name: str) -> None:
    terms = load_instance(name)
    ours, theirs = policies.r_q_exact_poisson(**terms), rq.r_q_poisson_exact(**terms)
    assert (ours.reorder_point, ours.order_quantity, ours.cost) == (theirs[0], theirs[1], near(theirs[2]))
    if name == "example_5_8":
        assert theirs == (3, 5, near(107.92358063314975))


@pytest.mark.parametrize("name", ["example_4_7", "problem_4_31"])
def test_reorder_up_to(name: str) -> None:
    terms = load_instance(name)
    ours = policies.s_s_exact(**terms)
    reference = {
        "holding_cost": terms["holding_cost"],
        "stockout_cost": terms["stockout_cost"],
        "fixed_cost": terms["fixed_cost"],
        "use_poisson": True,
        "demand_mean": terms["demand_mean"],
    }
    theirs = ss.s_s_discrete_exact(**reference)
    assert (ours.reorder_point, ours.order_up_to, ours.cost) == (theirs[0], theirs[1], near(theirs[2]))
    if name == "example_4_7":
        assert theirs == (4, 10, near(8.034111561471642))
        assert policies.s_s_cost(4, 10, **terms) == near(8.034111561471642)
    for low, high in ((2, 9), (5, 13), (0, 1)):
        assert policies.s_s_cost(low, high, **terms) == near(ss.s_s_cost_discrete(low, high, **reference))


@pytest.mark.parametrize("name", ["example_4_8", "problem_4_32"])
def test_power_approximation(name: str) -> None:
    terms = load_instance(name)
    ours = policies.s_s_power_approximation(**terms)
    assert (ours.reorder_point, ours.order_up_to) == tuple(map(near, ss.s_s_power_approximation(**terms)))
    if name == "example_4_8":
        assert (ours.reorder_point, ours.order_up_to) == (near(40.19461695647407), near(74.29017010980579))


@pytest.mark.parametrize("name", ["example_3_9", "problem_3_27", "problem_3_29", "scmo_ww_hw_c"])
def test_lot_sizes(name: str) -> None:
    terms = load_instance(name)
    ours = policies.wagner_whitin(
        demand=terms["demand"],
        fixed_cost=terms["fixed_cost"],
        holding_cost=terms["holding_cost"],
        unit_cost=terms.get("purchase_cost", 0),
    )
    quantities, cost, to_go, _ = wagner_whitin.wagner_whitin(**terms)
    assert list(ours.order_quantities) == quantities[1:]
    assert ours.cost == near(cost)
    assert list(ours.cost_to_go) == [near(value) for value in to_go[1:]]
    if name == "example_3_9":
        assert (list(ours.order_quantities), ours.cost) == ([210, 0, 150, 0], near(1380.0))
        assert list(ours.cost_to_go) == [1380, 940, 640, 500, 0]


def test_periodic_review_is_the_newsvendor_over_its_exposure() -> None:
    """Chopra & Meindl, periodic review: 2,500 a week, deviation 500, two weeks' lead time, four weeks' review, 90 %."""
    level = policies.periodic_review_normal(
        service_level=0.9, review_period=4, lead_time=2, demand_mean=2500, demand_sd=500
    )
    assert (round(level.order_up_to), round(level.safety_stock)) == (16570, 1570)


def test_random_lead_times_need_more_stock() -> None:
    """Chopra & Meindl on random lead times: 2,500 a day, deviation 500, seven days with a deviation of seven."""
    found = policies.periodic_review_normal(
        service_level=0.9, review_period=1e-9, lead_time=7, demand_mean=2500, demand_sd=500, lead_time_sd=7
    )
    by_hand = norm.ppf(0.9) * np.sqrt(7 * 500**2 + 2500**2 * 7**2)
    assert found.safety_stock == near(by_hand)
    assert round(np.sqrt(7 * 500**2 + 2500**2 * 49)) == 17550  # as printed there


@pytest.mark.parametrize(
    "call",
    [
        lambda: policies.economic_order_quantity(fixed_cost=0, holding_cost=1, demand_rate=1),
        lambda: policies.newsvendor_normal(holding_cost=1, stockout_cost=-1, demand_mean=1, demand_sd=1),
        lambda: policies.newsvendor_empirical(holding_cost=1, stockout_cost=1, seasons=[]),
        lambda: policies.newsvendor_discrete(holding_cost=1, stockout_cost=1, probabilities={1.0: 0.4}),
        lambda: policies.wagner_whitin(demand=[1, -1], fixed_cost=1, holding_cost=1),
        lambda: policies.wagner_whitin(demand=[1, 1], fixed_cost=[1, 2, 3], holding_cost=1),
        lambda: policies.all_units_discount(
            fixed_cost=1, holding_cost_rate=1, demand_rate=1, breakpoints=[0, 5], unit_costs=[1, 2]
        ),
        lambda: policies.s_s_cost(5, 5, fixed_cost=1, holding_cost=1, stockout_cost=1, demand_mean=1),
    ],
)
def test_what_makes_no_sense_is_refused(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"must|needed|positive"):
        call()


def test_nothing_wanted_is_nothing_ordered() -> None:
    assert policies.economic_order_quantity(fixed_cost=1, holding_cost=1, demand_rate=0).order_quantity == 0
    assert policies.newsvendor_poisson(holding_cost=1, stockout_cost=1, demand_mean=0).order_up_to == 0
    assert policies.wagner_whitin(demand=[0, 0], fixed_cost=9, holding_cost=1).cost == 0
