"""The economic order quantity and its two nearest relatives."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from models_ml.inventory.policies.checks import require_not_negative, require_positive


@dataclass(frozen=True)
class EconomicOrder:
    """A steady order.

    Attributes:
        order_quantity: Units an order.
        cost: Ordering, holding and stock-out cost a unit of time, without the goods themselves.
        backorder_share: Share of demand that waits for the next delivery.
    """

    order_quantity: float
    cost: float
    backorder_share: float = 0.0


def economic_order_quantity(*, fixed_cost: float, holding_cost: float, demand_rate: float) -> EconomicOrder:
    """The quantity at which ordering and holding cost the same: Q = √(2Kλ/h), cost √(2Kλh).

    After Harris, F.W. (1913), How many parts to make at once, Factory 10; Snyder & Shen (2019), Fundamentals of Supply
    Chain Theory, 2nd ed., equations 3.4 and 3.5. A product that nobody wants is not ordered.

    Raises:
        ValueError: If a cost is not positive, or the demand negative.
    """
    require_positive(fixed_cost=fixed_cost, holding_cost=holding_cost)
    require_not_negative(demand_rate=demand_rate)
    quantity = sqrt(2 * fixed_cost * demand_rate / holding_cost)
    return EconomicOrder(quantity, sqrt(2 * fixed_cost * demand_rate * holding_cost))


def economic_order_quantity_with_backorders(
    *, fixed_cost: float, holding_cost: float, stockout_cost: float, demand_rate: float
) -> EconomicOrder:
    """The order quantity where customers wait at a cost p a unit and unit of time.

    Q = √(2Kλ(h+p)/(hp)), of which the share h/(h+p) is owed when it arrives; cost √(2Kλhp/(h+p)). Snyder & Shen (2019),
    theorem 3.4.

    Raises:
        ValueError: If a cost is not positive, or the demand negative.
    """
    require_positive(fixed_cost=fixed_cost, holding_cost=holding_cost, stockout_cost=stockout_cost)
    require_not_negative(demand_rate=demand_rate)
    both = holding_cost + stockout_cost
    quantity = sqrt(2 * fixed_cost * demand_rate * both / (holding_cost * stockout_cost))
    cost = sqrt(2 * fixed_cost * demand_rate * holding_cost * stockout_cost / both)
    return EconomicOrder(quantity, cost, holding_cost / both)


def economic_production_quantity(
    *, fixed_cost: float, holding_cost: float, demand_rate: float, production_rate: float
) -> EconomicOrder:
    """The batch of what arrives at a rate μ rather than at once: h becomes h(1 − λ/μ). Snyder & Shen
    (2019), section 3.4.

    Raises:
        ValueError: If a cost is not positive, or production not faster than demand.
    """
    require_positive(production_rate=production_rate)
    if demand_rate >= production_rate:
        raise ValueError(f"production_rate must exceed demand_rate {demand_rate!r}, not {production_rate!r}")
    effective = holding_cost * (1 - demand_rate / production_rate)
    return economic_order_quantity(fixed_cost=fixed_cost, holding_cost=effective, demand_rate=demand_rate)
