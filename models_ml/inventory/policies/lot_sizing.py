"""When to order what, where each period's demand is known and differs: Wagner and Whitin's dynamic programme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models_ml.inventory.policies.checks import require_not_negative


@dataclass(frozen=True)
class LotSizes:
    """A plan.

    Attributes:
        order_quantities: Units ordered in each period.
        cost: Of the whole plan.
        cost_to_go: Least cost from each period to the end; one more than periods, the last is 0.
    """

    order_quantities: tuple[float, ...]
    cost: float
    cost_to_go: tuple[float, ...]


def wagner_whitin(
    *,
    demand: Sequence[float],
    fixed_cost: float | Sequence[float],
    holding_cost: float | Sequence[float],
    unit_cost: float | Sequence[float] = 0.0,
) -> LotSizes:
    """The cheapest plan that meets every period's demand from an order of that period or an earlier one.

    θ_t = min over s > t of K_t + c_t·d(t..s−1) + Σ h·(units carried) + θ_s. Wagner & Whitin (1958), Dynamic version of
    the economic lot size model, Management Science 5; Snyder & Shen (2019), algorithm 3.2. A tie goes to the longer
    order, as buyers prefer fewer; a period without demand until the next order costs nothing to skip.

    Args:
        demand: Units of each period.
        fixed_cost: Of an order, for all periods or one each.
        holding_cost: Of a unit carried from a period to the next, for all periods or one each.
        unit_cost: Of a unit bought, for all periods or one each.

    Raises:
        ValueError: If a number is negative, or a list has another length than the demand.
    """
    units = np.asarray(demand, dtype=np.float64)
    periods = len(units)
    fixed, held, price = (_each(values, periods) for values in (fixed_cost, holding_cost, unit_cost))
    for values in (units, fixed, held, price):
        require_not_negative(**{f"period {place}": float(value) for place, value in enumerate(values)})
    carried = np.concatenate([[0.0], held.cumsum()])  # holding a unit from t to s costs carried[s] - carried[t]
    to_go, until = np.zeros(periods + 1), np.arange(1, periods + 2)
    for first in range(periods - 1, -1, -1):
        wanted = units[first:]
        goods = (wanted * (price[first] + carried[first:periods] - carried[first])).cumsum()
        ordered = np.where(wanted.cumsum() > 0, fixed[first], 0.0)
        totals = ordered + goods + to_go[first + 1 :]
        best = len(totals) - 1 - int(np.argmin(totals[::-1]))
        to_go[first], until[first] = totals[best], first + 1 + best
    quantities, period = np.zeros(periods), 0
    while period < periods:
        quantities[period] = units[period : until[period]].sum()
        period = int(until[period])
    return LotSizes(tuple(quantities.tolist()), float(to_go[0]), tuple(to_go.tolist()))


def _each(values: float | Sequence[float], periods: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    if len(array) not in (1, periods):
        raise ValueError(f"one value or {periods} are needed, not {len(array)}")
    result: np.ndarray[tuple[int], np.dtype[np.float64]] = np.broadcast_to(array, (periods,)).astype(np.float64)
    return result
