"""What stock must last for: demand over a lead time that is itself uncertain, and the review period after it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from statistics import NormalDist

import numpy as np
from scipy.stats import gamma  # type: ignore[import-untyped]

from models_ml.inventory.demand import DemandOutlook

_NORMAL = NormalDist()
_LEVELS = (0.5, 0.8, 0.9, 0.95)
_DEVIATES = tuple(_NORMAL.inv_cdf(level) for level in _LEVELS)
_ROUNDS = 60
_PARTS = 7
LeadTimes = tuple[tuple[int, float], ...]


def lead_time_chances(mean_days: float, sd_days: float | None) -> LeadTimes:
    """A lead time's distribution in whole days: (days, probability), at most seven, of equal probability.

    Gamma with this mean and deviation, as is usual for lead times (Burgin, The gamma distribution and inventory
    control, Operational Research Quarterly 26, 1975), cut into seven parts of the same probability; each stands for
    its median. Without a deviation it is certain.

    Args:
        mean_days: From the order to the shelf.
        sd_days: Standard deviation; None or 0 for a certain one.
    """
    if not sd_days or mean_days <= 0:
        return ((max(0, ceil(mean_days - 1e-9)), 1.0),)
    shape, scale = (mean_days / sd_days) ** 2, sd_days**2 / mean_days
    medians = gamma.ppf((np.arange(_PARTS) + 0.5) / _PARTS, shape, scale=scale)
    chances: dict[int, float] = {}
    for days in np.ceil(medians - 1e-9).astype(int).tolist():
        chances[max(0, days)] = chances.get(max(0, days), 0.0) + 1 / _PARTS
    return tuple(sorted(chances.items()))


@dataclass(frozen=True)
class Protected:
    """Demand over the lead time and `review_days` days more.

    Attributes:
        outlook: Expected demand and its quantiles.
        lead_times: (days, probability), independent of demand.
        review_days: Days until the next decision; 0 for the lead time alone.
    """

    outlook: DemandOutlook
    lead_times: LeadTimes
    review_days: int

    @property
    def expected(self) -> float:
        """Expected units."""
        return sum(chance * self.outlook.expected(days + self.review_days) for days, chance in self.lead_times)

    def quantile(self, probability: float) -> float:
        """Units that suffice with a probability: the quantile of the convolution of forecast error and lead time.

        The distribution is the mixture Σ P(L = l)·F_{l+R} of the forecast's own for each lead time, and its quantile is
        found by bisection: exact for the distributions given, nothing drawn and no normal form assumed for the sum. Of
        a certain lead time it is the forecast's quantile itself.

        Args:
            probability: From 0.5 to below 1.
        """
        if len(self.lead_times) == 1:
            return self.outlook.quantile(probability, self.lead_times[0][0] + self.review_days)
        parts = self._parts
        each = [self.outlook.quantile(probability, days + self.review_days) for days, _ in self.lead_times]
        low, high = min(each), max(each)
        for _ in range(_ROUNDS):
            middle = (low + high) / 2
            if self._chance(parts, middle) < probability:
                low = middle
            else:
                high = middle
        return high

    def chance_of_enough(self, units: float) -> float:
        """The probability that demand does not exceed so many units."""
        return self._chance(self._parts, units)

    def expected_short(self, units: float, *, steps: int = 64) -> float:
        """Expected units beyond a stock: the integral of the chance of more, E(D − x)⁺ = ∫ₓ P(D > u) du."""
        top = max(self.quantile(0.9995), units)
        if top <= units:
            return 0.0
        parts, width = self._parts, (top - units) / steps
        return sum(1 - self._chance(parts, units + (step + 0.5) * width) for step in range(steps)) * width

    @cached_property
    def _parts(self) -> list[tuple[float, list[float]]]:
        return [
            (chance, [self.outlook.quantile(level, days + self.review_days) for level in _LEVELS])
            for days, chance in self.lead_times
        ]

    @staticmethod
    def _chance(parts: Sequence[tuple[float, list[float]]], units: float) -> float:
        return sum(chance * _below(points, units) for chance, points in parts)


def _below(points: list[float], units: float) -> float:
    """P(D ≤ units) of a distribution whose deviate is linear between its points, and beyond them."""
    if units < 0:
        return 0.0
    upper = min(max(bisect_right(points, units), 1), len(points) - 1)
    low, high = points[upper - 1], points[upper]
    if high <= low:  # a jump: all of it at one number of units
        return 1.0 if units >= high else 0.0
    slope = (_DEVIATES[upper] - _DEVIATES[upper - 1]) / (high - low)
    return _NORMAL.cdf(_DEVIATES[upper - 1] + (units - low) * slope)
