"""Order quantities under price breaks: on all units of an order, or on those past the break."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, sqrt

from models_ml.inventory.policies.checks import require_not_negative, require_positive


@dataclass(frozen=True)
class DiscountPlan:
    """An order quantity with its price region.

    Attributes:
        order_quantity: Units an order.
        region: Place of the price in the list, from 0.
        cost: Goods, ordering and holding a unit of time.
    """

    order_quantity: float
    region: int
    cost: float


def all_units_discount(
    *,
    fixed_cost: float,
    holding_cost_rate: float,
    demand_rate: float,
    breakpoints: Sequence[float],
    unit_costs: Sequence[float],
) -> DiscountPlan:
    """The cheapest order where the price of the region that a quantity falls into holds for all of it.

    In each region the cost cλ + Kλ/Q + icQ/2 is least at its own EOQ, or at the region's nearer end. Ties go to the
    smaller order. Snyder & Shen (2019), section 3.3.2, where the same is found by going down from the last region.

    Args:
        fixed_cost: Of an order.
        holding_cost_rate: Holding cost of a unit's price a unit of time.
        demand_rate: Units a unit of time.
        breakpoints: Where regions begin, rising from 0.
        unit_costs: The price in each region, falling.

    Raises:
        ValueError: If the breaks don't rise from 0, the prices don't fall, or a number is out of range.
    """
    _require_tiers(fixed_cost, holding_cost_rate, demand_rate, breakpoints, unit_costs)
    ends = [*breakpoints[1:], inf]
    plans = []
    for region, (low, high, price) in enumerate(zip(breakpoints, ends, unit_costs, strict=True)):
        held = holding_cost_rate * price
        quantity = max(low, sqrt(2 * fixed_cost * demand_rate / held))
        if quantity >= high or quantity == 0:
            continue  # cheaper at the next break, which the next region has
        cost = price * demand_rate + fixed_cost * demand_rate / quantity + held * quantity / 2
        plans.append(DiscountPlan(quantity, region, cost))
    return min(plans, key=lambda plan: (plan.cost, plan.order_quantity), default=DiscountPlan(0.0, 0, 0.0))


def incremental_discount(
    *,
    fixed_cost: float,
    holding_cost_rate: float,
    demand_rate: float,
    breakpoints: Sequence[float],
    unit_costs: Sequence[float],
) -> DiscountPlan:
    """The cheapest order where each unit costs the price of the region that it falls into itself.

    What earlier units cost above the region's price, c̄_j = Σ c_i(b_{i+1} − b_i) − c_j b_j, comes with every order as
    a fixed cost does: Q_j = √(2(K + c̄_j)λ/(i c_j)), cost c_jλ + i c̄_j/2 + √(2(K + c̄_j)λ i c_j). Snyder & Shen (2019),
    section 3.3.3.

    Args:
        fixed_cost: Of an order.
        holding_cost_rate: Holding cost of a unit's price a unit of time.
        demand_rate: Units a unit of time.
        breakpoints: Where regions begin, rising from 0.
        unit_costs: The price in each region, falling.

    Raises:
        ValueError: If the breaks don't rise from 0, the prices don't fall, or a number is out of range.
    """
    _require_tiers(fixed_cost, holding_cost_rate, demand_rate, breakpoints, unit_costs)
    ends = [*breakpoints[1:], inf]
    plans, paid = [], 0.0
    for region, (low, high, price) in enumerate(zip(breakpoints, ends, unit_costs, strict=True)):
        extra = paid - price * low
        held = holding_cost_rate * price
        quantity = sqrt(2 * (fixed_cost + extra) * demand_rate / held)
        if low <= quantity < high and quantity > 0:
            cost = price * demand_rate + holding_cost_rate * extra / 2
            cost += sqrt(2 * (fixed_cost + extra) * demand_rate * held)
            plans.append(DiscountPlan(quantity, region, cost))
        paid += price * (high - low)
    return min(plans, key=lambda plan: (plan.cost, plan.order_quantity), default=DiscountPlan(0.0, 0, 0.0))


def _require_tiers(
    fixed_cost: float,
    holding_cost_rate: float,
    demand_rate: float,
    breakpoints: Sequence[float],
    unit_costs: Sequence[float],
) -> None:
    require_positive(fixed_cost=fixed_cost, holding_cost_rate=holding_cost_rate)
    require_not_negative(demand_rate=demand_rate)
    if not breakpoints or len(breakpoints) != len(unit_costs) or breakpoints[0] != 0:
        raise ValueError("breakpoints must begin with 0 and there must be one unit cost for each")
    if any(low >= high for low, high in pairwise(breakpoints)):
        raise ValueError("breakpoints must rise")
    if any(low <= high for low, high in pairwise(unit_costs)) or unit_costs[-1] <= 0:
        raise ValueError("unit costs must fall from break to break and be positive")
