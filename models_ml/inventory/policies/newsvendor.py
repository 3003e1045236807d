"""The newsvendor: one order for one season, too much of it or too little."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from scipy.stats import norm, poisson  # type: ignore[import-untyped]

from models_ml.inventory.policies.checks import require_not_negative, require_positive

_NEAR = 1e-12  # a sum of probabilities that should be the ratio falls short of it by rounding


@dataclass(frozen=True)
class Newsvendor:
    """What to have at the season's beginning.

    Attributes:
        order_up_to: Units.
        cost: Expected cost of the season, of too much and too little.
        critical_ratio: The probability of selling out that is just right is one less this.
    """

    order_up_to: float
    cost: float
    critical_ratio: float


def critical_ratio(*, holding_cost: float, stockout_cost: float) -> float:
    """The probability that stock should suffice: p/(p+h).

    Args:
        holding_cost: Of a unit left over: cost less salvage.
        stockout_cost: Of a unit wanted and missing: the margin it would have earned, and what else is lost with it.

    Raises:
        ValueError: If a cost is not positive.
    """
    require_positive(holding_cost=holding_cost, stockout_cost=stockout_cost)
    return stockout_cost / (holding_cost + stockout_cost)


def newsvendor_normal(
    *,
    holding_cost: float,
    stockout_cost: float,
    demand_mean: float,
    demand_sd: float,
    periods: float = 1.0,
) -> Newsvendor:
    """The season of normal demand: μ + zσ at the critical ratio's deviate z, cost (h+p)σφ(z).

    With `periods` the level covers so many periods (a lead time and one period more), as an order-up-to policy's does:
    mean and variance add up. Snyder & Shen (2019), theorem 4.2 and section 4.3.4.

    Raises:
        ValueError: If a cost, the deviation or the number of periods is not positive, or the mean negative.
    """
    ratio = critical_ratio(holding_cost=holding_cost, stockout_cost=stockout_cost)
    require_positive(demand_sd=demand_sd, periods=periods)
    require_not_negative(demand_mean=demand_mean)
    deviate, spread = float(norm.ppf(ratio)), demand_sd * sqrt(periods)
    cost = (holding_cost + stockout_cost) * spread * float(norm.pdf(deviate))
    return Newsvendor(demand_mean * periods + deviate * spread, cost, ratio)


def newsvendor_poisson(*, holding_cost: float, stockout_cost: float, demand_mean: float) -> Newsvendor:
    """The season of Poisson demand: the least whole number that suffices with the critical ratio.

    Cost (h+p)·n(S) + h(S − μ), n(S) = E(D−S)⁺ = (μ − S)(1 − F(S)) + μf(S). Snyder & Shen (2019), section 4.3.2.7 and
    equation C.41.

    Raises:
        ValueError: If a cost is not positive, or the mean negative.
    """
    ratio = critical_ratio(holding_cost=holding_cost, stockout_cost=stockout_cost)
    require_not_negative(demand_mean=demand_mean)
    level = max(0.0, float(poisson.ppf(ratio - _NEAR, demand_mean)))
    short = (demand_mean - level) * float(poisson.sf(level, demand_mean))
    short += demand_mean * float(poisson.pmf(level, demand_mean))
    return Newsvendor(level, holding_cost * (level - demand_mean) + (holding_cost + stockout_cost) * short, ratio)


def newsvendor_discrete(
    *, holding_cost: float, stockout_cost: float, probabilities: Mapping[float, float]
) -> Newsvendor:
    """The season of a demand given value by value: the least value that suffices with the critical ratio.

    Args:
        holding_cost: Of a unit left over.
        stockout_cost: Of a unit missing.
        probabilities: Units to probability, in sum 1.

    Raises:
        ValueError: If a cost is not positive, or the probabilities are no distribution.
    """
    ratio = critical_ratio(holding_cost=holding_cost, stockout_cost=stockout_cost)
    values = np.array(sorted(probabilities), dtype=np.float64)
    chances = np.array([probabilities[value] for value in sorted(probabilities)], dtype=np.float64)
    if not len(values) or (chances < 0).any() or abs(float(chances.sum()) - 1) > 1e-9:
        raise ValueError("probabilities must be a distribution: from 0 on, and in sum 1")
    level = float(values[min(int(np.searchsorted(chances.cumsum(), ratio - _NEAR)), len(values) - 1)])
    over = float((chances * np.maximum(level - values, 0)).sum())
    under = float((chances * np.maximum(values - level, 0)).sum())
    return Newsvendor(level, holding_cost * over + stockout_cost * under, ratio)


def newsvendor_empirical(*, holding_cost: float, stockout_cost: float, seasons: Sequence[float]) -> Newsvendor:
    """The season as those before it were: the ⌈n·ratio⌉-th smallest of n demands, each as likely as the others.

    The sample average approximation; for how many seasons it takes see Levi, Perakis & Uichanco (2015), The data-driven
    newsvendor problem, Operations Research 63.

    Args:
        holding_cost: Of a unit left over.
        stockout_cost: Of a unit missing.
        seasons: Demand of each past season, at least one.

    Raises:
        ValueError: If a cost is not positive, or there is no season.
    """
    ratio = critical_ratio(holding_cost=holding_cost, stockout_cost=stockout_cost)
    past = np.sort(np.asarray(seasons, dtype=np.float64))
    if not len(past):
        raise ValueError("seasons must hold at least one demand")
    level = float(past[max(ceil(len(past) * (ratio - _NEAR)), 1) - 1])
    over, under = float(np.maximum(level - past, 0).mean()), float(np.maximum(past - level, 0).mean())
    return Newsvendor(level, holding_cost * over + stockout_cost * under, ratio)
