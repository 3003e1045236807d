"""What the calendar does to demand: months, weekdays, holidays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from typing import Final

import holidays
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Words = npt.NDArray[np.object_]

# January to December; each about 1 on average.
CURVES: Final[dict[str, tuple[float, ...]]] = {
    "flat": (1.00, 0.92, 0.95, 0.96, 0.97, 0.94, 0.96, 0.98, 1.02, 1.04, 1.16, 1.10),
    "winter": (1.12, 1.02, 0.90, 0.80, 0.74, 0.70, 0.70, 0.78, 1.00, 1.20, 1.52, 1.52),
    "summer": (0.62, 0.68, 0.85, 1.05, 1.32, 1.52, 1.50, 1.28, 0.92, 0.76, 0.76, 0.74),
    "spring": (0.62, 0.84, 1.38, 1.62, 1.50, 1.18, 0.96, 0.86, 0.84, 0.76, 0.74, 0.70),
    "school": (1.14, 0.86, 0.82, 0.82, 0.82, 0.86, 1.05, 1.48, 1.36, 0.94, 0.94, 0.91),
    "gift": (0.70, 0.92, 0.94, 0.82, 0.86, 0.84, 0.78, 0.80, 0.88, 1.04, 1.70, 1.72),
    "christmas": (0.14, 0.06, 0.05, 0.05, 0.06, 0.08, 0.12, 0.30, 0.90, 2.20, 4.30, 3.74),
    "lunar": (3.60, 2.20, 0.55, 0.45, 0.45, 0.50, 0.50, 0.60, 0.90, 0.65, 0.60, 1.00),
}
# Monday to Sunday, by market: web shops sell on Sundays and Mondays, Japan at the weekend.
_WEEKDAYS: Final = np.array(
    [
        [1.08, 1.02, 0.99, 0.98, 0.90, 0.90, 1.13],
        [1.10, 1.03, 1.00, 0.97, 0.88, 0.84, 1.18],
        [1.06, 1.03, 1.02, 1.00, 0.94, 0.90, 1.05],
        [0.97, 0.94, 0.96, 0.96, 0.98, 1.08, 1.11],
    ]
)
_GROWTH: Final = np.array([0.16, 0.22, 0.12, 0.30])  # a year, by market


@cache
def _chinese_new_years(first: int, last: int) -> frozenset[date]:
    found = holidays.country_holidays("CN", years=range(first, last + 1))
    return frozenset(day for day, name in found.items() if name.startswith("Chinese New Year (Spring"))


def black_friday(year: int) -> date:
    """The day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


def _event_factor(day: date) -> list[float]:
    """What holidays do to the orders of one day: Shopify, WooCommerce, Amazon UK, Amazon Japan."""
    friday = (day - black_friday(day.year)).days
    if 0 <= friday <= 3:
        return [(2.9, 2.5, 2.4, 1.5), (1.9, 1.8, 1.7, 1.4), (1.8, 1.7, 1.6, 1.4), (2.4, 2.2, 2.1, 1.5)][friday]  # type: ignore[return-value]
    if -4 <= friday < 0:
        return [1.25, 1.20, 1.30, 1.2]
    if (day.month, day.day) == (11, 11):
        return [1.35, 1.55, 1.30, 1.90]  # Singles' Day
    if day.month == 12 and day.day >= 18:
        return _around_christmas(day.day)
    if day.month == 1 and day.day == 1:
        return [0.65, 0.60, 0.70, 0.45]
    if any(0 <= (found - day).days <= 12 for found in _chinese_new_years(day.year, day.year)):
        return [1.06, 1.06, 1.05, 1.12]
    return [1.0, 1.0, 1.0, 1.0]


def _around_christmas(day: int) -> list[float]:
    """After the last posting day, orders fall; Boxing Day brings them back; Japan buys until the 24th."""
    if day <= 20:
        return [1.05, 0.95, 1.25, 1.2]
    if day <= 23:
        return [0.60, 0.55, 0.95, 1.3]
    if day <= 25:
        return [0.38, 0.35, 0.50, 1.1]
    return [1.30, 0.85, 1.15, 0.95] if day == 26 else [0.90, 0.80, 0.90, 0.95]


def day_factors(days: Sequence[date]) -> Floats:
    """Orders of a day in comparison with a mean day of the first year: shape (days, markets), without months."""
    weekday = _WEEKDAYS[:, [day.weekday() for day in days]].T
    events = np.array([_event_factor(day) for day in days])
    years = np.arange(len(days))[:, None] / 365.0
    result: Floats = weekday * events * (1 + _GROWTH * years)
    return result
