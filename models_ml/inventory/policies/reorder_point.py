"""(r,Q): whenever the stock position falls to r, order Q; reviewed all the time."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from scipy.optimize import brentq, minimize_scalar  # type: ignore[import-untyped]
from scipy.stats import norm, poisson  # type: ignore[import-untyped]

from models_ml.inventory.policies.checks import require_not_negative, require_positive
from models_ml.inventory.policies.eoq import economic_order_quantity, economic_order_quantity_with_backorders

_REACH = 12.0  # standard deviations beyond which nothing is expected
_TOLERANCE = 1e-10
_ROUNDS = 500


@dataclass(frozen=True)
class ReorderPolicy:
    """When and how much.

    Attributes:
        reorder_point: Stock position at which to order.
        order_quantity: Units an order.
        cost: Ordering, holding and waiting a unit of time; of an approximation, as the approximation reckons.
    """

    reorder_point: float
    order_quantity: float
    cost: float


@dataclass(frozen=True)
class _LeadTimeDemand:
    mean: float
    sd: float

    def loss(self, level: float) -> float:
        """E(D − level)⁺ = σ(φ(z) − z(1 − Φ(z))): Snyder & Shen (2019), equation C.31."""
        deviate = (level - self.mean) / self.sd
        return self.sd * float(norm.pdf(deviate) - deviate * norm.sf(deviate))

    def second_loss(self, level: float) -> float:
        """½E((D − level)⁺)² = ½σ²((z² + 1)(1 − Φ(z)) − zφ(z)): Snyder & Shen (2019), equation C.32."""
        deviate = (level - self.mean) / self.sd
        return self.sd**2 / 2 * float((deviate**2 + 1) * norm.sf(deviate) - deviate * norm.pdf(deviate))


def _lead_time_demand(demand_mean: float, demand_sd: float, lead_time: float) -> _LeadTimeDemand:
    require_positive(demand_mean=demand_mean, demand_sd=demand_sd, lead_time=lead_time)
    return _LeadTimeDemand(demand_mean * lead_time, demand_sd * sqrt(lead_time))


def r_q_cost_normal(
    reorder_point: float,
    order_quantity: float,
    *,
    fixed_cost: float,
    holding_cost: float,
    stockout_cost: float,
    demand_mean: float,
    demand_sd: float,
    lead_time: float,
) -> float:
    """The expected cost of an (r,Q) policy a unit of time, where demand is normal and waits.

    (Kλ + ∫_r^{r+Q} g(y) dy) / Q with g(y) = h(y − μ) + (h + p)·n(y) over the lead time's demand: the stock position is
    spread evenly over (r, r+Q]. The integral of n is the difference of the second-order loss function, so it is exact.
    Zheng, Y.-S. (1992), On properties of stochastic inventory systems, Management Science 38; Snyder & Shen (2019),
    equation 5.7.

    Raises:
        ValueError: If a number is not positive.
    """
    require_positive(fixed_cost=fixed_cost, holding_cost=holding_cost, stockout_cost=stockout_cost)
    require_positive(order_quantity=order_quantity)
    demand = _lead_time_demand(demand_mean, demand_sd, lead_time)
    held = holding_cost * order_quantity * (reorder_point + order_quantity / 2 - demand.mean)
    short = demand.second_loss(reorder_point) - demand.second_loss(reorder_point + order_quantity)
    return (fixed_cost * demand_mean + held + (holding_cost + stockout_cost) * short) / order_quantity


def _best_point(order_quantity: float, demand: _LeadTimeDemand, holding_cost: float, stockout_cost: float) -> float:
    """The r at which g(r) = g(r+Q): cost falls before it and rises after it (Zheng 1992, lemma 1)."""

    def difference(point: float) -> float:
        upper = point + order_quantity
        both = holding_cost + stockout_cost
        return holding_cost * order_quantity + both * (demand.loss(upper) - demand.loss(point))

    low = demand.mean - order_quantity - _REACH * demand.sd
    return float(brentq(difference, low, demand.mean + _REACH * demand.sd, xtol=_TOLERANCE))


def r_q_exact_normal(
    *,
    fixed_cost: float,
    holding_cost: float,
    stockout_cost: float,
    demand_mean: float,
    demand_sd: float,
    lead_time: float,
) -> ReorderPolicy:
    """The cheapest (r,Q) for normal demand that waits: over Q, with each Q's best r. Sources as `r_q_cost_normal`.

    Raises:
        ValueError: If a number is not positive.
    """
    demand = _lead_time_demand(demand_mean, demand_sd, lead_time)
    terms = {"fixed_cost": fixed_cost, "holding_cost": holding_cost, "stockout_cost": stockout_cost}
    least = economic_order_quantity_with_backorders(**terms, demand_rate=demand_mean).order_quantity

    def cost(quantity: float) -> float:
        point = _best_point(quantity, demand, holding_cost, stockout_cost)
        return r_q_cost_normal(
            point, quantity, **terms, demand_mean=demand_mean, demand_sd=demand_sd, lead_time=lead_time
        )

    # Q is never below the EOQ with backorders, and the cost is convex in it (Zheng 1992, theorem 3).
    found = minimize_scalar(cost, bounds=(least, 3 * least + _REACH * demand.sd), method="bounded")
    quantity = float(found.x)
    return ReorderPolicy(_best_point(quantity, demand, holding_cost, stockout_cost), quantity, float(found.fun))


def r_q_eil(
    *,
    fixed_cost: float,
    holding_cost: float,
    stockout_cost: float,
    demand_mean: float,
    demand_sd: float,
    lead_time: float,
) -> ReorderPolicy:
    """The expected-inventory-level approximation: p is for a unit that waits, however long.

    In turns r = F⁻¹(1 − Qh/(pλ)) and Q = √(2λ(K + p·n(r))/h) until neither moves. Whitin (1953); Hadley & Whitin
    (1963); Snyder & Shen (2019), section 5.2.1.

    Raises:
        ValueError: If a number is not positive, or an order would cost more to hold than p is worth.
    """
    demand = _lead_time_demand(demand_mean, demand_sd, lead_time)
    quantity = economic_order_quantity(
        fixed_cost=fixed_cost, holding_cost=holding_cost, demand_rate=demand_mean
    ).order_quantity
    point, before = 0.0, (float("inf"), float("inf"))
    for _ in range(_ROUNDS):
        if abs(quantity - before[0]) <= _TOLERANCE and abs(point - before[1]) <= _TOLERANCE:
            break
        before = (quantity, point)
        share = 1 - quantity * holding_cost / (stockout_cost * demand_mean)
        if not 0 < share < 1:
            raise ValueError("holding an order costs more than all that could be short: nothing should be stocked")
        point = float(norm.ppf(share, demand.mean, demand.sd))
        quantity = sqrt(2 * demand_mean * (fixed_cost + stockout_cost * demand.loss(point)) / holding_cost)
    cost = holding_cost * (point - demand.mean + quantity / 2) + fixed_cost * demand_mean / quantity
    cost += stockout_cost * demand_mean * demand.loss(point) / quantity
    return ReorderPolicy(point, quantity, cost)


def r_q_eoqb(
    *,
    fixed_cost: float,
    holding_cost: float,
    stockout_cost: float,
    demand_mean: float,
    demand_sd: float,
    lead_time: float,
) -> ReorderPolicy:
    """The EOQ with backorders as Q, and its best r: at most 1/8 dearer than the best policy, as Zheng (1992) shows.

    Raises:
        ValueError: If a number is not positive.
    """
    terms = {"fixed_cost": fixed_cost, "holding_cost": holding_cost, "stockout_cost": stockout_cost}
    demand = _lead_time_demand(demand_mean, demand_sd, lead_time)
    quantity = economic_order_quantity_with_backorders(**terms, demand_rate=demand_mean).order_quantity
    point = _best_point(quantity, demand, holding_cost, stockout_cost)
    cost = r_q_cost_normal(point, quantity, **terms, demand_mean=demand_mean, demand_sd=demand_sd, lead_time=lead_time)
    return ReorderPolicy(point, quantity, cost)


def r_q_eoq_safety_stock(
    *,
    fixed_cost: float,
    holding_cost: float,
    stockout_cost: float,
    demand_mean: float,
    demand_sd: float,
    lead_time: float,
) -> ReorderPolicy:
    """The EOQ as Q, and the newsvendor's level over the lead time as r. Snyder & Shen (2019), section 5.2.2.

    Raises:
        ValueError: If a number is not positive.
    """
    terms = {"fixed_cost": fixed_cost, "holding_cost": holding_cost, "stockout_cost": stockout_cost}
    demand = _lead_time_demand(demand_mean, demand_sd, lead_time)
    quantity = economic_order_quantity(
        fixed_cost=fixed_cost, holding_cost=holding_cost, demand_rate=demand_mean
    ).order_quantity
    point = float(norm.ppf(stockout_cost / (holding_cost + stockout_cost), demand.mean, demand.sd))
    cost = r_q_cost_normal(point, quantity, **terms, demand_mean=demand_mean, demand_sd=demand_sd, lead_time=lead_time)
    return ReorderPolicy(point, quantity, cost)


def r_q_loss_function(
    *,
    fixed_cost: float,
    holding_cost: float,
    stockout_cost: float,
    demand_mean: float,
    demand_sd: float,
    lead_time: float,
) -> ReorderPolicy:
    """The loss-function approximation: n(r) = hQ/(h+p) and Q = √(2(Kλ + (h+p)·n²(r))/h) in turns.

    Hadley & Whitin (1963); Snyder & Shen (2019), section 5.2.4.

    Raises:
        ValueError: If a number is not positive.
    """
    terms = {"fixed_cost": fixed_cost, "holding_cost": holding_cost, "stockout_cost": stockout_cost}
    demand = _lead_time_demand(demand_mean, demand_sd, lead_time)
    quantity = economic_order_quantity(
        fixed_cost=fixed_cost, holding_cost=holding_cost, demand_rate=demand_mean
    ).order_quantity
    both = holding_cost + stockout_cost
    point, before = 0.0, (float("inf"), float("inf"))
    for _ in range(_ROUNDS):
        if abs(quantity - before[0]) <= _TOLERANCE and abs(point - before[1]) <= _TOLERANCE:
            break
        before = (quantity, point)
        wanted = holding_cost * quantity / both
        low = demand.mean - wanted - _REACH * demand.sd
        point = float(
            brentq(
                lambda y, wanted=wanted: demand.loss(y) - wanted,
                low,
                demand.mean + _REACH * demand.sd,
                xtol=_TOLERANCE,
            )
        )
        quantity = sqrt(2 * (fixed_cost * demand_mean + both * demand.second_loss(point)) / holding_cost)
    cost = r_q_cost_normal(point, quantity, **terms, demand_mean=demand_mean, demand_sd=demand_sd, lead_time=lead_time)
    return ReorderPolicy(point, quantity, cost)


def r_q_exact_poisson(
    *,
    fixed_cost: float,
    holding_cost: float,
    stockout_cost: float,
    demand_mean: float,
    lead_time: float,
) -> ReorderPolicy:
    """The cheapest (r,Q) of whole units for Poisson demand that waits.

    The cost is (Kλ + Σ_{y=r+1}^{r+Q} g(y))/Q with g the newsvendor's cost over the lead time: so the best Q levels are
    those of least g, and one more is added as long as its g is below the average. Federgruen & Zheng (1992), An
    efficient algorithm for computing an optimal (r,Q) policy, Operations Research 40.

    Raises:
        ValueError: If a number is not positive.
    """
    require_positive(fixed_cost=fixed_cost, holding_cost=holding_cost, stockout_cost=stockout_cost)
    require_positive(demand_mean=demand_mean, lead_time=lead_time)
    mean = demand_mean * lead_time

    def single(level: int) -> float:
        short = (mean - level) * float(poisson.sf(level, mean)) + mean * float(poisson.pmf(level, mean))
        return holding_cost * (level - mean) + (holding_cost + stockout_cost) * short

    top = int(poisson.ppf(stockout_cost / (holding_cost + stockout_cost), mean))
    low, quantity = top - 1, 1
    total = fixed_cost * demand_mean + single(top)
    while min(single(low), single(top + 1)) < total / quantity:
        if single(low) <= single(top + 1):
            total, low = total + single(low), low - 1
        else:
            total, top = total + single(top + 1), top + 1
        quantity += 1
    require_not_negative(cost=total)
    return ReorderPolicy(low, quantity, total / quantity)
