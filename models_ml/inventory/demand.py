"""Demand over any number of days, from the forecast's daily path and its quantiles at a few horizons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

_STANDARD = NormalDist()
# Exponential smoothing of a product that no longer sells ends at rates such as 1e-36 a day, which means never.
_LEAST_DAILY_UNITS = 1e-6


@dataclass(frozen=True)
class DemandOutlook:
    """What a product is expected to sell from the as-of date on.

    Attributes:
        daily: Expected units of each coming day, in order.
        quantiles: Horizon in days to {probability: units}: cumulative demand; horizons and probabilities ascending.
    """

    daily: Sequence[float]
    quantiles: Mapping[int, Mapping[float, float]]

    @property
    def daily_demand(self) -> float:
        """Expected units on an average calendar day of the forecast; 0 where that is less than one in centuries."""
        mean = sum(self.daily) / len(self.daily) if self.daily else 0.0
        return mean if mean >= _LEAST_DAILY_UNITS else 0.0

    def expected(self, days: int) -> float:
        """Expected units of the first `days` days; past the forecast at its average rate."""
        within = sum(self.daily[:days])
        return within + max(0, days - len(self.daily)) * self.daily_demand

    def quantile(self, probability: float, days: int) -> float:
        """Units that demand of the first `days` days does not exceed with a probability.

        Between two horizons in proportion to the expected demand of the days between, so that closed days add
        nothing. Past the last horizon the surplus over the expected demand grows with the square root of time, as
        that of independent days does. Between two probabilities linear in the normal deviate, and so beyond the last.

        Args:
            probability: Between 0.5 and 1.
            days: Number of days, from 0 on.
        """
        if days <= 0 or not self.quantiles:
            return 0.0
        horizons = [0, *self.quantiles]
        last = horizons[-1]
        if days > last:
            at_last = self._at(last, probability)
            surplus = max(0.0, at_last - self.expected(last)) * sqrt(days / last)
            return max(at_last, self.expected(days) + surplus)
        upper = next(horizon for horizon in horizons if horizon >= days)
        lower = max((horizon for horizon in horizons if horizon < upper), default=0)
        low, high = self._at(lower, probability), self._at(upper, probability)
        between = self.expected(upper) - self.expected(lower)
        share = (self.expected(days) - self.expected(lower)) / between if between > 0 else 1.0
        return low + (high - low) * share

    def days_until(self, units: float) -> float | None:
        """Days until so many units are expected to be sold, fractions included; None if never."""
        if units <= 0:
            return 0.0 if self.daily_demand > 0 else None
        sold = 0.0
        for day, expected in enumerate(self.daily):
            if expected > 0 and sold + expected >= units:
                return day + (units - sold) / expected
            sold += expected
        return len(self.daily) + (units - sold) / self.daily_demand if self.daily_demand > 0 else None

    def _at(self, horizon: int, probability: float) -> float:
        if horizon == 0:
            return 0.0
        points = [(_STANDARD.inv_cdf(level), units) for level, units in self.quantiles[horizon].items()]
        wanted = _STANDARD.inv_cdf(probability)
        index = next((place for place, (deviate, _) in enumerate(points) if deviate >= wanted), len(points) - 1)
        (left, low), (right, high) = points[max(0, index - 1)], points[max(1, index)]
        return max(0.0, low + (high - low) * (wanted - left) / (right - left))
