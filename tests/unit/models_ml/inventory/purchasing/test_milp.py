"""The purchase plan against trying everything, and its safe failure."""

from __future__ import annotations

from itertools import product
from math import inf

import pytest

from models_ml.inventory.purchasing.milp import best_plan
from models_ml.inventory.purchasing.problem import Limits, Need, Offer, Plan


def solved(needs: list[Need], offers: list[Offer], limits: Limits) -> Plan:
    return best_plan(needs, offers, limits, time_limit=20.0, node_limit=5000)


def need(name: str, **changes: float) -> Need:
    worth = ((6.0, 3.0), (6.0, 1.5), (10.0, -0.05), (10.0, -0.2))
    return Need(name, worth, -1.0, **changes)


def score(needs: list[Need], chosen: list[tuple[Offer, int]], limits: Limits, cheapest: dict[str, float]) -> float:
    """The plan's aim, worked out anew; minus infinity where a limit is broken."""
    by_product = {one.product_id: one for one in needs}
    total = dict.fromkeys(by_product, 0)
    value = spent = space = 0.0
    by_supplier: dict[str, float] = {}
    for offer, units in chosen:
        if not units:
            continue
        if units < offer.minimum_units or total[offer.product_id]:
            return -inf
        total[offer.product_id] += units
        price = offer.price(units)
        spent += price * units
        space += units * by_product[offer.product_id].storage
        value -= (price - cheapest[offer.product_id] + offer.surcharge) * units
        by_supplier[offer.supplier_id] = by_supplier.get(offer.supplier_id, 0.0) + price * units
    for name, one in by_product.items():
        if not one.least_units <= total[name] <= one.most_units:
            return -inf
        value += one.value(total[name])
    if any(paid < limits.supplier_minimum.get(who, 0) for who, paid in by_supplier.items()):
        return -inf
    if spent > (inf if limits.budget is None else limits.budget) + 1e-9:
        return -inf
    if space > (inf if limits.storage is None else limits.storage) + 1e-9:
        return -inf
    return value - limits.order_cost * len(by_supplier)


OFFERS = [
    Offer("A", "s1", 2.0, pack_units=3, breaks=((12, 1.8),)),
    Offer("A", "s2", 1.9, pack_units=6, minimum_units=12, surcharge=0.15),
    Offer("B", "s1", 1.0, pack_units=4, surcharge=0.05),
    Offer("C", "s2", 4.0, pack_units=5, minimum_units=5),
]


@pytest.mark.parametrize(
    "limits",
    [
        Limits(),
        Limits(budget=40.0),
        Limits(storage=20.0, order_cost=2.0),
        Limits(supplier_minimum={"s1": 30.0, "s2": 45.0}, order_cost=1.0),
        Limits(budget=55.0, storage=30.0, supplier_minimum={"s2": 30.0}, order_cost=0.5),
    ],
)
@pytest.mark.parametrize("extra", [{}, {"least_units": 7.0}, {"most_units": 10.0}])
def test_no_plan_is_worth_more(limits: Limits, extra: dict[str, float]) -> None:
    needs = [need("A", **extra), need("B", storage=0.5), need("C")]
    choices = [[(offer, packs * offer.pack_units) for packs in range(24 // offer.pack_units + 1)] for offer in OFFERS]
    cheapest = {"A": 1.9, "B": 1.0, "C": 4.0}
    best = max(score(needs, list(chosen), limits, cheapest) for chosen in product(*choices))
    plan = solved(needs, OFFERS, limits)
    if best == -inf:
        assert plan.status == "greedy"
        return
    assert plan.status == "optimal"
    assert score(needs, [(line.offer, line.units) for line in plan.lines], limits, cheapest) == pytest.approx(
        best, abs=1e-2
    )


def test_pallets_are_taken_where_loose_packs_cost_more() -> None:
    offer = Offer("A", "s", 2.0, pack_units=3, pallet_units=12, loose_cost=0.4)
    (line,) = solved([need("A")], [offer], Limits()).lines
    assert line.units == 12
    loose = Offer("A", "s", 2.0, pack_units=3, pallet_units=15, loose_cost=0.001)
    (line,) = solved([need("A")], [loose], Limits()).lines
    assert line.units == 12


@pytest.mark.parametrize(
    ("limits", "changes", "named"),
    [
        (Limits(budget=5.0), {"least_units": 9.0}, ("budget",)),
        (Limits(storage=5.0), {"least_units": 9.0}, ("storage",)),
        (Limits(), {"least_units": 9.0, "most_units": 5.0}, ("shelf_life",)),
    ],
)
def test_what_cannot_be_is_named_and_a_greedy_plan_given(
    limits: Limits, changes: dict[str, float], named: tuple[str, ...]
) -> None:
    others = [need("B")]
    plan = solved([need("A", **changes), *others], [OFFERS[0], OFFERS[2]], limits)
    assert (plan.status, plan.conflicts) == ("greedy", named)
    assert named[0] in plan.reason
    assert plan.value <= (limits.budget or inf)
    assert all(line.units <= changes.get("most_units", inf) for line in plan.lines if line.offer.product_id == "A")


def test_the_clock_gives_the_greedy_plan() -> None:
    needs = [Need(f"P{number:03}", ((5.0 + number % 3, 2.0 + number % 7), (9.0, -0.1)), -1.0) for number in range(60)]
    offers = [
        Offer(one.product_id, f"s{place % 3}", 1.0 + place % 5, pack_units=2 + place % 4, breaks=((8, 0.9),))
        for place, one in enumerate(needs)
    ]
    plan = best_plan(
        needs, offers, Limits(budget=333.0, supplier_minimum={"s0": 90.0}), time_limit=0.0, node_limit=10**6
    )
    assert (plan.status, plan.reason) == ("greedy", "time limit")
    assert 0 < plan.value <= 333.0


def test_nothing_wanted_is_nothing_ordered() -> None:
    assert list(solved([], OFFERS, Limits()).lines) == []
    assert list(solved([need("Z")], OFFERS, Limits()).lines) == []
    assert list(solved([Need("A", (), -1.0)], OFFERS, Limits()).lines) == []
