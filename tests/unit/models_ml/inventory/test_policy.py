from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models_ml.inventory.demand import DemandOutlook
from models_ml.inventory.policy import Terms, decide, order_units

TERMS = Terms(lead_time_days=14, review_period_days=7, service_level=0.95, minimum_order_units=1, pack_units=1)


def outlook_of(daily: list[float], surplus: list[float]) -> DemandOutlook:
    """Quantiles that rise with the probability and with time, as the forecast gives them."""
    quantiles = {}
    for days in (7, 14, 21, 28):
        base, above = sum(daily[:days]), sum(surplus[: days // 7])
        quantiles[days] = {0.5: base, 0.8: base + above, 0.9: base + 2 * above, 0.95: base + 3 * above}
    return DemandOutlook(daily, quantiles)


outlooks = st.builds(
    outlook_of,
    st.lists(st.floats(0, 500), min_size=28, max_size=28),
    st.lists(st.floats(0, 200), min_size=4, max_size=4),
)
terms = st.builds(
    Terms,
    lead_time_days=st.integers(0, 60),
    review_period_days=st.integers(1, 28),
    service_level=st.floats(0.5, 0.999),
    minimum_order_units=st.integers(1, 100),
    pack_units=st.integers(1, 48),
)
stocks = st.integers(0, 20_000)


@settings(deadline=None)  # a busy machine is no failure
@given(outlook=outlooks, on_hand=stocks, terms=terms)
def test_orders_are_whole_packs_and_fill_up_to_the_level(outlook: DemandOutlook, on_hand: int, terms: Terms) -> None:
    policy = decide(outlook, on_hand, terms)
    assert policy.order_units >= 0
    assert policy.order_units % terms.pack_units == 0
    assert 0 <= policy.reorder_point_units <= policy.order_up_to_units
    if policy.order_units:
        assert policy.order_units >= terms.minimum_order_units
        assert on_hand + policy.order_units >= policy.order_up_to_units
        most = max(policy.order_up_to_units - on_hand, terms.minimum_order_units) + terms.pack_units
        assert policy.order_units < most


@settings(deadline=None)  # a busy machine is no failure
@given(outlook=outlooks, terms=terms, more=st.integers(0, 1000))
def test_at_or_above_the_level_nothing_is_ordered(outlook: DemandOutlook, terms: Terms, more: int) -> None:
    level = decide(outlook, 0, terms).order_up_to_units
    policy = decide(outlook, level + more, terms)
    assert policy.order_units == 0
    assert policy.action in ("ok", "no_demand")


@settings(deadline=None)  # a busy machine is no failure
@given(outlook=outlooks, on_hand=stocks, terms=terms, other=st.floats(0.5, 0.999))
def test_a_higher_service_level_never_orders_less(
    outlook: DemandOutlook, on_hand: int, terms: Terms, other: float
) -> None:
    low, high = sorted((terms.service_level, other))
    less, more = (decide(outlook, on_hand, replace(terms, service_level=level)) for level in (low, high))
    assert less.order_units <= more.order_units
    assert less.reorder_point_units <= more.reorder_point_units
    assert less.safety_stock_units <= more.safety_stock_units


@settings(deadline=None)  # a busy machine is no failure
@given(outlook=outlooks, on_hand=stocks, terms=terms, other=st.integers(0, 60))
def test_a_longer_lead_time_never_orders_less(outlook: DemandOutlook, on_hand: int, terms: Terms, other: int) -> None:
    short, long = sorted((terms.lead_time_days, other))
    less, more = (decide(outlook, on_hand, replace(terms, lead_time_days=days)) for days in (short, long))
    assert less.order_units <= more.order_units
    assert less.reorder_point_units <= more.reorder_point_units


@settings(deadline=None)  # a busy machine is no failure
@given(on_hand=stocks, terms=terms)
def test_without_demand_nothing_is_ordered(on_hand: int, terms: Terms) -> None:
    for outlook in (DemandOutlook([], {}), outlook_of([0.0] * 28, [5.0] * 4)):
        policy = decide(outlook, on_hand, terms)
        assert (policy.order_units, policy.action, policy.cover_days) == (0, "no_demand", None)


@pytest.mark.parametrize(
    ("shortfall", "minimum", "pack", "expected"),
    [(0, 10, 6, 0), (-5, 10, 6, 0), (1, 1, 1, 1), (1, 1, 6, 6), (7, 1, 6, 12), (1, 10, 6, 12), (13, 12, 12, 24)],
)
def test_minimum_order_and_packs(shortfall: int, minimum: int, pack: int, expected: int) -> None:
    assert order_units(shortfall, replace(TERMS, minimum_order_units=minimum, pack_units=pack)) == expected


@pytest.mark.parametrize(
    ("on_hand", "action"),
    [
        (0, "order_now"),
        (139, "order_now"),  # gone a moment before an order of today could arrive
        (140, "order_soon"),  # lasts the lead time as expected, not to the service level
        (209, "order_soon"),  # below the level, above the reorder point
        (210, "ok"),
    ],
)
def test_urgency(on_hand: int, action: str) -> None:
    """Ten a day for certain: reorder point 140 (14 days), level 210 (21 days)."""
    outlook = outlook_of([10.0] * 28, [0.0] * 4)
    policy = decide(outlook, on_hand, TERMS)
    assert (policy.reorder_point_units, policy.order_up_to_units, policy.safety_stock_units) == (140, 210, 0)
    assert policy.action == action
    assert policy.order_units == 210 - on_hand
