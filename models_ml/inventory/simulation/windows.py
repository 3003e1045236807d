"""What demand of the next weeks may come to, by what it came to after every past week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from models_ml.inventory.simulation.engine import Floats, Integers

PROBABILITIES = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
_WEIGHTS = ((28, 0.5), (56, 0.3), (91, 0.2))  # how much the last four weeks, eight and thirteen say of the rate
_EDGES = np.array([0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, np.inf])
_WEEK, _WEEKS, _LEAST_WINDOWS, _ACTIVE_DAYS = 7, 26, 50, 91


@dataclass(frozen=True)
class Panel:
    """Demand by product and day.

    Attributes:
        units: Shape (products, days), from 0.
    """

    units: Integers

    def sums(self) -> Floats:
        """Shape (products, days + 1): units before each day."""
        zeros = np.zeros((len(self.units), 1))
        return np.concatenate([zeros, self.units.cumsum(axis=1, dtype=np.float64)], axis=1)


def window_quantiles(panel: Panel, day: int, *, lead_times: Sequence[tuple[int, float]], review_days: int) -> Floats:
    """Quantiles of the demand over a random lead time and the review period, as known on a day's morning.

    A product's rate is a weighted mean of its last four, eight and thirteen weeks. What demand came to in comparison
    with that rate is read off all products' windows of the last 26 weeks, those of products of like volume together,
    with as much weight for each lead time as its probability: so the quantile is that of forecast error and lead time
    together, a convolution without a form assumed for either. Errors of the past stand for those to come, as in the
    data-driven newsvendor (Levi, Perakis & Uichanco 2015, Operations Research 63).

    Args:
        panel: Demand; nothing from `day` on is looked at.
        day: The day, a column of the panel or the one after the last.
        lead_times: (days, probability).
        review_days: Days between reviews.

    Returns:
        Shape (probabilities, products); 0 for what was not sold in 91 days.
    """
    sums = panel.sums()
    rates, active = _rates(sums, day), _active(sums, day)
    result = np.zeros((len(PROBABILITIES), len(sums)))
    windows = [_windows(sums, day, lead + review_days, chance) for lead, chance in lead_times]
    rate, ratio, weight = (np.concatenate([window[part] for window in windows]) for part in range(3))
    if not active.any() or not len(rate):
        return result
    exposed = sum(lead * chance for lead, chance in lead_times) / sum(c for _, c in lead_times) + review_days
    bins, own = _bins(rate * exposed), _bins(rates * exposed)
    for volume in np.unique(own[active]):
        alike = bins == volume
        if alike.sum() < _LEAST_WINDOWS:
            alike = bins >= volume - 1
        if not alike.any():
            alike = np.ones(len(bins), bool)
        factors = weighted_quantiles(ratio[alike], weight[alike], PROBABILITIES)
        rows = active & (own == volume)
        result[:, rows] = np.maximum(factors[:, None] * (rates[rows] * exposed + 0.5) - 0.5, 0)
    return result


def _windows(sums: Floats, day: int, length: int, chance: float) -> tuple[Floats, Floats, Floats]:
    """(rate, demand in comparison with it, weight) of every active product's past windows of a length."""
    starts = range(day - length, max(_ACTIVE_DAYS, day - _WEEKS * _WEEK - length), -_WEEK)
    parts = []
    for start in starts:
        active = _active(sums, start)
        rate = _rates(sums, start)[active]
        demand = (sums[:, start + length] - sums[:, start])[active]
        parts.append((rate, (demand + 0.5) / (rate * length + 0.5)))
    if not parts:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    rates, ratios = (np.concatenate([part[place] for part in parts]) for place in range(2))
    return rates, ratios, np.full(len(rates), chance / max(len(rates), 1))


def _rates(sums: Floats, day: int) -> Floats:
    result: Floats = np.sum([w * (sums[:, day] - sums[:, max(day - n, 0)]) / n for n, w in _WEIGHTS], axis=0)
    return result


def _active(sums: Floats, day: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    active: np.ndarray[tuple[int], np.dtype[np.bool_]] = sums[:, day] - sums[:, max(day - _ACTIVE_DAYS, 0)] > 0
    return active


def _bins(units: Floats) -> Integers:
    return np.searchsorted(_EDGES, units, side="right") - 1


def weighted_quantiles(values: Floats, weights: Floats, probabilities: Sequence[float]) -> Floats:
    """The least values whose cumulative weight reaches each probability's share."""
    order = np.argsort(values, kind="stable")
    reached = weights[order].cumsum()
    places = np.searchsorted(reached, np.array(probabilities) * reached[-1] * (1 - 1e-12))
    result: Floats = values[order][np.minimum(places, len(values) - 1)]
    return result


def history_needed(lead_times: Sequence[tuple[int, float]], review_days: int) -> int:
    """Days before the first review from which windows can be read at all."""
    return _ACTIVE_DAYS + ceil(max(lead for lead, _ in lead_times)) + review_days + _WEEK
