"""When the shop trades: learnt from the days on which it did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from models_ml.forecasting.config import ForecastAssumptions

Floats = NDArray[np.float64]
_WEEK = range(7)
YEAR = timedelta(days=364)  # 52 whole weeks: the same weekday a year ago


def days(start: date, count: int) -> list[date]:
    """`count` consecutive dates from `start` on."""
    return [start + timedelta(days=step) for step in range(count)]


@dataclass(frozen=True)
class TradingCalendar:
    """What is known at one moment about the days on which the shop trades.

    Attributes:
        totals: Shop-wide demand units of each day with demand, the known past.
        known_until: The last known day.
        open_weekdays: Weekdays (Monday 0) on which the shop ordinarily trades.
        holidays: Public holidays, past and to come, on which it is taken to be closed.
        closures: Runs of ordinary trading weekdays without any demand, as (first, last) day.
    """

    totals: dict[date, float]
    known_until: date
    open_weekdays: frozenset[int]
    holidays: frozenset[date]
    closures: tuple[tuple[date, date], ...]

    @classmethod
    def learn(cls, totals: dict[date, float], known_until: date, rules: ForecastAssumptions) -> TradingCalendar:
        """Learns the calendar from daily totals up to and including `known_until`; later ones are not looked at."""
        known = {day: units for day, units in totals.items() if day <= known_until and units > 0}
        if not known:
            return cls({}, known_until, frozenset(_WEEK), frozenset(), ())
        first = min(known)
        recent = max(first, known_until - timedelta(days=rules.profile_days - 1))
        weekdays = _open_weekdays(known, recent, known_until, rules.open_weekday_share)
        holidays = _closed_holidays(known, first, known_until, weekdays, rules)
        closures = _closures(known, first, known_until, weekdays, holidays, rules.closure_min_days)
        return cls(known, known_until, weekdays, holidays, closures)

    def trades(self, day: date) -> bool:
        """Whether the shop traded on a past day, or is expected to on a day to come."""
        if day <= self.known_until:
            return day in self.totals
        if day.weekday() not in self.open_weekdays or day in self.holidays:
            return False
        return not any(start <= day <= end for start, end in self.coming_closures())

    def coming_closures(self) -> list[tuple[date, date]]:
        """The long closures of the past year, on the same dates of the year to come."""
        spans = [(_next_year(start), _next_year(end)) for start, end in self.closures]
        return [(start, end) for start, end in spans if end > self.known_until]

    def weekday_profile(self, rules: ForecastAssumptions) -> Floats:
        """Demand by weekday relative to the average trading day: seven factors, 0 on closed weekdays.

        Each whole week weighs the same in it, so that a week of the high season does not decide it.
        """
        start = self.known_until - timedelta(days=rules.profile_days - 1)
        weeks: dict[tuple[int, int], list[date]] = {}
        for day in sorted(self.totals):
            if day >= start:
                weeks.setdefault(day.isocalendar()[:2], []).append(day)
        sums, counts = np.zeros(7), np.zeros(7)
        # A week that the window or a holiday cuts short has another mean than a whole one.
        whole = [members for members in weeks.values() if len(members) >= len(self.open_weekdays)]
        for members in whole or weeks.values():
            mean = sum(self.totals[day] for day in members) / len(members)
            for day in members:
                sums[day.weekday()] += self.totals[day] / mean
                counts[day.weekday()] += 1
        return _normalised(sums, counts, self.open_weekdays)

    def day_weights(self, dates: Sequence[date], profile: Floats, rules: ForecastAssumptions) -> Floats:
        """How much of an average trading day's demand each date is expected to see.

        The weekday's factor, 0 when closed, times last year's pattern near a yearly closure.
        """
        return np.array(
            [
                profile[day.weekday()] * self.closure_index(day, profile, rules) if self.trades(day) else 0.0
                for day in dates
            ]
        )

    def closure_index(self, day: date, profile: Floats, rules: ForecastAssumptions) -> float:
        """Last year's demand in the same week relative to last year's level at this time of knowledge.

        Only within `closure_window_days` of a yearly closure, and only to the extent that last year is known: 1
        otherwise. One year gives one observation of a Christmas: this is an assumption, not a fitted effect, and
        no backtest inside the first year can judge it.
        """
        margin = timedelta(days=rules.closure_window_days)
        near = any(start - margin <= day <= end + margin for start, end in self.coming_closures())
        if not near:
            return 1.0
        reference = self._level(days(self.known_until - YEAR - timedelta(days=27), 28), profile)
        week = self._level(days(day - YEAR - timedelta(days=3), 7), profile)
        if reference is None or week is None or reference[1] < rules.closure_min_reference:
            return 1.0
        low, high = rules.closure_index_bounds
        return float(np.clip(week[0] / reference[0], low, high))

    def _level(self, dates: Iterable[date], profile: Floats) -> tuple[float, int] | None:
        traded = [day for day in dates if day in self.totals and profile[day.weekday()] > 0]
        if not traded:
            return None
        return sum(self.totals[day] for day in traded) / sum(profile[day.weekday()] for day in traded), len(traded)


def _open_weekdays(known: dict[date, float], start: date, end: date, share: float) -> frozenset[int]:
    span = days(start, (end - start).days + 1)
    seen = {weekday: [day in known for day in span if day.weekday() == weekday] for weekday in _WEEK}
    # A weekday that the short history has not come to yet may well be open.
    return frozenset(weekday for weekday, hits in seen.items() if not hits or sum(hits) / len(hits) > share)


def _closed_holidays(
    known: dict[date, float], first: date, last: date, weekdays: frozenset[int], rules: ForecastAssumptions
) -> frozenset[date]:
    import holidays

    calendar = holidays.country_holidays(
        rules.holiday_country, subdiv=rules.holiday_subdivision, years=range(first.year, last.year + 3)
    )
    past = [day for day in calendar if first <= day <= last and day.weekday() in weekdays]
    # Where no holiday has been seen yet, a shop that keeps a weekly day of rest is taken to keep holidays too.
    kept = sum(day not in known for day in past) * 2 > len(past) if past else len(weekdays) < len(_WEEK)
    return frozenset(calendar) if kept else frozenset()


def _closures(
    known: dict[date, float],
    first: date,
    last: date,
    weekdays: frozenset[int],
    holidays: frozenset[date],
    at_least: int,
) -> tuple[tuple[date, date], ...]:
    found: list[tuple[date, date]] = []
    run: list[date] = []
    for day in days(max(first, last - timedelta(days=365)), min((last - first).days, 365) + 1):
        if day.weekday() not in weekdays:
            continue
        if day not in known:
            run.append(day)
            continue
        # Easter is closed too, but on other dates each year: public holidays don't make a closure long.
        if sum(closed not in holidays for closed in run) >= at_least:
            found.append((run[0], run[-1]))
        run = []
    return tuple(found)


def _next_year(day: date) -> date:
    return day.replace(year=day.year + 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + 1)


def _normalised(sums: Floats, counts: Floats, weekdays: frozenset[int]) -> Floats:
    profile = np.where(counts > 0, sums / np.maximum(counts, 1), 1.0)
    profile[[weekday not in weekdays for weekday in _WEEK]] = 0.0
    mean = profile[profile > 0].mean() if (profile > 0).any() else 1.0
    return np.asarray(profile / mean, dtype=np.float64)
