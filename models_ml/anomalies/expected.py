"""What a day was to be, from the days before it, and how far such days usually are from that.

A day's expectation is the mean of the seven days before it, which holds each weekday once, plus the median distance of
the same weekday from its own such mean. Counts are looked at as 2·√(x + 3/8), which makes the noise of a Poisson count
one whatever its size (Anscombe 1948, "The transformation of Poisson, binomial and negative-binomial data"); amounts as
logarithms, so that a deviation is a factor. The usual deviation is the median absolute one-step error times 1.4826
(Rousseeuw & Croux 1993), at least that of Poisson noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models_ml.anomalies.config import AnomalyAssumptions

Matrix = NDArray[np.float64]
_WEEK = 7
_MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True)
class Scale:
    """How series of different kinds are made comparable.

    Attributes:
        is_count: Shape (series,): counts; the others are amounts.
        typical: Shape (series, 1): median of an amount's days that have any; 1 for a series without.
        offset: What is added to amounts over their median.
    """

    is_count: NDArray[np.bool_]
    typical: Matrix
    offset: float

    @classmethod
    def of(cls, values: Matrix, is_count: NDArray[np.bool_], offset: float) -> Scale:
        """The scale of series.

        Args:
            values: Shape (series, days), not negative.
            is_count: Shape (series,).
            offset: See above.
        """
        typical = np.ones((len(values), 1))
        for number, row in enumerate(values):
            if np.any(row > 0):
                typical[number] = np.median(row[row > 0])
        return cls(is_count, typical, offset)

    def to(self, values: Matrix) -> Matrix:
        """Values as they are compared, shape (series, days)."""
        return np.where(
            self.is_count[:, None], 2 * np.sqrt(values + 0.375), np.log(values / self.typical + self.offset)
        )

    def back(self, compared: Matrix) -> Matrix:
        """The values again, none below zero."""
        counts = np.maximum(compared, 0) ** 2 / 4 - 0.375
        amounts = self.typical * (np.exp(compared) - self.offset)
        return np.maximum(np.where(self.is_count[:, None], counts, amounts), 0)


@dataclass(frozen=True)
class Judged:
    """What came of each day; all of shape (series, days), expectation and spread null (nan) where nothing is known.

    Attributes:
        expected: What the day was to be, in compared values.
        spread: The usual deviation, in the same.
        direction: 1 where the day is unusually high, -1 where unusually low, else 0.
    """

    expected: Matrix
    spread: Matrix
    direction: NDArray[np.int64]


def judge(values: Matrix, special: NDArray[np.bool_], scale: Scale, rules: AnomalyAssumptions) -> Judged:
    """Judges each day by those before it, day after day: what is known of a day never depends on a later one.

    Args:
        values: Shape (series, days), consecutive days, not negative.
        special: Shape (days,): holidays and events, which are never told and leave no trace in what is usual.
        scale: Of these series.
        rules: The assumptions.
    """
    compared = scale.to(values)
    usual = compared.copy()  # the days as they count for later ones
    level, expected, spread, error = (np.full_like(compared, np.nan) for _ in range(4))
    direction = np.zeros(compared.shape, dtype=np.int64)
    in_a_row = np.zeros(len(compared), dtype=np.int64)
    least = np.where(scale.is_count, 1.0, rules.least_log_spread)
    for day in range(_WEEK, compared.shape[1]):
        level[:, day] = usual[:, day - _WEEK : day].mean(axis=1)
        weeks = [day - _WEEK * week for week in range(1, rules.weekday_weeks + 1) if day - _WEEK * week >= _WEEK]
        if len(weeks) < 2:  # a median of one is none
            continue
        expected[:, day] = level[:, day] + np.median(usual[:, weeks] - level[:, weeks], axis=1)
        error[:, day] = compared[:, day] - expected[:, day]
        known = error[:, max(0, day - rules.spread_days) : day]
        known = known[:, ~np.isnan(known[0])]
        if known.shape[1] >= _WEEK:
            spread[:, day] = np.maximum(_MAD_TO_SIGMA * np.median(np.abs(known), axis=1), least)
        if special[day]:
            usual[:, day] = expected[:, day]
            error[:, day] = np.nan
            in_a_row[:] = 0
        elif known.shape[1] >= _WEEK:
            is_judged = known.shape[1] >= min(rules.min_history_days, rules.spread_days)
            is_far = np.abs(error[:, day]) >= rules.score_threshold * spread[:, day]
            before = scale.back(expected[:, [day]])[:, 0]
            is_much = np.abs(values[:, day] - before) >= rules.least_change * before
            direction[:, day] = np.where(is_judged & is_far & is_much, np.sign(error[:, day]), 0)
            same = (direction[:, day] != 0) & (direction[:, day] == direction[:, day - 1])
            in_a_row = np.where(same, in_a_row + 1, np.abs(direction[:, day]))
            far = rules.clip_score * spread[:, day]
            usual[:, day] = np.clip(compared[:, day], expected[:, day] - far, expected[:, day] + far)
            shifted = in_a_row >= rules.shift_days
            here = slice(day - rules.shift_days + 1, day + 1)
            usual[shifted, here] = compared[shifted, here]
    return Judged(expected, spread, direction)
