"""The rules that shops use, as levels: what a better policy has to beat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models_ml.inventory.simulation.engine import Floats, Integers, Levels

MONTH_DAYS = 30
QUARTER_DAYS = 91


def last_month_levels(
    history: Integers, demand: Integers, days: Sequence[int], *, exposed_days: float, factor: float
) -> Levels:
    """ "Last 30 days times lead time": up to the daily mean of the last 30 days for the time until the next delivery.

    It sees what was wanted, lost sales included: better than a shop sees it.

    Args:
        history: Shape (products, past days): units wanted before day 0, at least 30 days.
        demand: Shape (products, days): units wanted from day 0 on; only days before a review are seen.
        days: The reviews' days.
        exposed_days: Lead time and review period.
        factor: How many times that much: 1 is the rule itself, more is a careful buyer's.
    """
    rates = _rates(history, demand, days, MONTH_DAYS)
    level = whole(rates * exposed_days * factor)
    return Levels(days, np.maximum(level - 1, 0), level)


def min_max_levels(
    history: Integers, demand: Integers, days: Sequence[int], *, lead_days: float, review_days: int, factor: float
) -> Levels:
    """Min/Max: below the minimum order up to the maximum; both set every 13 weeks from the 13 weeks before.

    Minimum: the daily mean for the lead time and one review. Maximum: four weeks more.

    Args:
        history: Shape (products, past days): units wanted before day 0, at least 91 days.
        demand: Shape (products, days): units wanted from day 0 on; only days before a review are seen.
        days: The reviews' days.
        lead_days: Mean lead time.
        review_days: Days between reviews.
        factor: How many times that much.
    """
    anchors = [day - day % QUARTER_DAYS for day in days]
    rates = _rates(history, demand, anchors, QUARTER_DAYS)
    minimum = whole(rates * (lead_days + review_days) * factor)
    maximum = whole(rates * (lead_days + review_days + 28) * factor)
    # a product without demand in the quarter has no minimum, and nothing is ordered at 0
    return Levels(days, np.where(maximum > 0, minimum, -1), maximum)


def _rates(history: Integers, demand: Integers, days: Sequence[int], window: int) -> Floats:
    """Shape (reviews, products): mean units a day of the days before each review."""
    seen = np.concatenate([history[:, -window:], demand], axis=1)
    if history.shape[1] < window:
        raise ValueError(f"{window} days of history are needed, there are {history.shape[1]}")
    sums = np.concatenate([np.zeros((len(seen), 1)), seen.cumsum(axis=1)], axis=1)
    return np.stack([(sums[:, day + window] - sums[:, day]) / window for day in days])


def whole(units: Floats) -> Integers:
    """Units rounded up; the rounding of floats adds none."""
    result: Integers = np.ceil(np.maximum(units, 0) - 1e-9).astype(np.int64)
    return result
