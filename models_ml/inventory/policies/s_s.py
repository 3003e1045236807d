"""(s,S): at each review, if the stock position is at or below s, order up to S."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.stats import poisson  # type: ignore[import-untyped]

from models_ml.inventory.policies.checks import require_positive


@dataclass(frozen=True)
class ReorderUpTo:
    """When and up to what.

    Attributes:
        reorder_point: s.
        order_up_to: S.
        cost: Expected, a period; None from an approximation that reckons none.
    """

    reorder_point: float
    order_up_to: float
    cost: float | None


class _Renewal:
    """Costs and times between orders of Poisson demand: m(j) and M(j) of Zheng & Federgruen (1991)."""

    def __init__(self, fixed_cost: float, holding_cost: float, stockout_cost: float, mean: float) -> None:
        self.fixed_cost, self._held, self._short, self._mean = fixed_cost, holding_cost, stockout_cost, mean
        self._chances = poisson.pmf(np.arange(0, int(poisson.ppf(1 - 1e-15, mean)) + 2), mean)
        self._density = [1 / (1 - float(self._chances[0]))]
        self._times = [0.0, self._density[0]]
        self._costs: dict[int, float] = {}

    def period_cost(self, level: int) -> float:
        """g(y): the newsvendor's cost of a period that begins with y."""
        if level not in self._costs:
            mean = self._mean
            short = (mean - level) * float(poisson.sf(level, mean)) + mean * float(poisson.pmf(level, mean))
            if level < 0:
                short = mean - level
            self._costs[level] = self._held * (level - mean) + (self._held + self._short) * short
        return self._costs[level]

    def _grow(self, size: int) -> None:
        while len(self._density) < size:
            place = len(self._density)
            reach = min(place, len(self._chances) - 1)
            recent = np.array(self._density[place - reach : place][::-1])
            value = float((self._chances[1 : reach + 1] * recent).sum()) / (1 - float(self._chances[0]))
            self._density.append(value)
            self._times.append(self._times[-1] + value)

    def cost(self, low: int, high: int) -> float:
        """c(s,S) = (K + Σ_{j=0}^{S−s−1} m(j)·g(S−j)) / M(S−s)."""
        width = high - low
        self._grow(width)
        held = sum(self._density[j] * self.period_cost(high - j) for j in range(width))
        return (self.fixed_cost + held) / self._times[width]


def s_s_cost(
    reorder_point: int,
    order_up_to: int,
    *,
    fixed_cost: float,
    holding_cost: float,
    stockout_cost: float,
    demand_mean: float,
) -> float:
    """The expected cost a period of an (s,S) policy with Poisson demand that waits, delivered at once.

    For a lead time of L whole periods give costs over the demand of L + 1. Zheng & Federgruen (1991), Finding optimal
    (s,S) policies is about as simple as evaluating a single policy, Operations Research 39; Snyder & Shen (2019),
    equation 4.44.

    Raises:
        ValueError: If S is not above s, or a number is not positive.
    """
    require_positive(fixed_cost=fixed_cost, holding_cost=holding_cost, stockout_cost=stockout_cost)
    require_positive(demand_mean=demand_mean, width=order_up_to - reorder_point)
    return _Renewal(fixed_cost, holding_cost, stockout_cost, demand_mean).cost(reorder_point, order_up_to)


def s_s_exact(*, fixed_cost: float, holding_cost: float, stockout_cost: float, demand_mean: float) -> ReorderUpTo:
    """The cheapest (s,S) for Poisson demand that waits: the algorithm of Zheng & Federgruen (1991).

    Raises:
        ValueError: If a number is not positive.
    """
    require_positive(fixed_cost=fixed_cost, holding_cost=holding_cost, stockout_cost=stockout_cost)
    require_positive(demand_mean=demand_mean)
    renewal = _Renewal(fixed_cost, holding_cost, stockout_cost, demand_mean)
    best_level = int(poisson.ppf(stockout_cost / (holding_cost + stockout_cost), demand_mean))
    low = best_level - 1
    while renewal.cost(low, best_level) > renewal.period_cost(low):
        low -= 1
    best, least = best_level, renewal.cost(low, best_level)
    high = best_level + 1
    while renewal.period_cost(high) <= least:
        if renewal.cost(low, high) < least:
            best = high
            while renewal.cost(low, best) <= renewal.period_cost(low + 1):
                low += 1
            least = renewal.cost(low, best)
        high += 1
    return ReorderUpTo(low, best, least)


def s_s_power_approximation(
    *, fixed_cost: float, holding_cost: float, stockout_cost: float, demand_mean: float, demand_sd: float
) -> ReorderUpTo:
    """(s,S) from a regression on many exact ones, for any demand with this mean and deviation.

    Q = 1.30 μ^0.494 (K/h)^0.506 (1 + σ²/μ²)^0.116, z = √(Qh/(σp)), s = 0.973μ + σ(0.183/z + 1.063 − 2.192z), S = s + Q.
    Ehrhardt & Mosier (1984), A revision of the power approximation, Management Science 30; Snyder & Shen (2019), 4.4.4.
    Where Q is below 1.5 μ both authors take the newsvendor's level as a bound; that is done by the caller.

    Raises:
        ValueError: If a number is not positive.
    """
    require_positive(fixed_cost=fixed_cost, holding_cost=holding_cost, stockout_cost=stockout_cost)
    require_positive(demand_mean=demand_mean, demand_sd=demand_sd)
    quantity = 1.30 * demand_mean**0.494 * (fixed_cost / holding_cost) ** 0.506
    quantity *= (1 + (demand_sd / demand_mean) ** 2) ** 0.116
    deviate = sqrt(quantity / demand_sd * holding_cost / stockout_cost)
    point = 0.973 * demand_mean + demand_sd * (0.183 / deviate + 1.063 - 2.192 * deviate)
    return ReorderUpTo(point, point + quantity, None)
