from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from models_ml.forecasting.calendar import TradingCalendar, days
from models_ml.forecasting.config import default_assumptions

RULES = default_assumptions()
SATURDAY = 5
CHRISTMAS = (date(2010, 12, 24), date(2011, 1, 3))
EASTER = {date(2011, 4, 22), date(2011, 4, 24), date(2011, 4, 25)}
BANK_HOLIDAYS = {date(2011, 4, 29), date(2011, 5, 2), date(2011, 5, 30), date(2011, 8, 29)}


def british_year(level: float = 100.0) -> dict[date, float]:
    """A year of a shop like Online Retail: no Saturdays, no bank holidays, closed over Christmas."""
    return {
        day: level
        for day in days(date(2010, 12, 1), 374)
        if day.weekday() != SATURDAY and not CHRISTMAS[0] <= day <= CHRISTMAS[1] and day not in EASTER | BANK_HOLIDAYS
    }


@pytest.fixture(scope="module")
def december() -> TradingCalendar:
    return TradingCalendar.learn(british_year(), date(2011, 12, 9), RULES)


def test_a_weekday_without_trade_stays_closed(december: TradingCalendar) -> None:
    assert december.open_weekdays == {0, 1, 2, 3, 4, 6}
    assert not december.trades(date(2011, 12, 10))
    assert december.trades(date(2011, 12, 11))


def test_the_christmas_closure_comes_again_and_easter_does_not_become_one(december: TradingCalendar) -> None:
    assert december.closures == (CHRISTMAS,)
    assert december.coming_closures() == [(date(2011, 12, 24), date(2012, 1, 3))]
    assert not any(december.trades(day) for day in days(date(2011, 12, 24), 11))
    assert december.trades(date(2012, 1, 4))
    assert december.trades(date(2012, 4, 24))


def test_public_holidays_are_closed_where_past_ones_were(december: TradingCalendar) -> None:
    assert not december.trades(date(2012, 4, 6))  # Good Friday, on another date than last year's


def test_public_holidays_are_open_where_most_past_ones_were() -> None:
    every_day = dict.fromkeys(days(date(2010, 12, 1), 374), 10.0)
    calendar = TradingCalendar.learn(every_day, date(2011, 12, 9), RULES)
    assert calendar.trades(date(2011, 12, 26))
    assert calendar.trades(date(2012, 4, 6))


def test_the_past_is_what_it_was(december: TradingCalendar) -> None:
    assert not december.trades(date(2011, 4, 29))
    assert december.trades(date(2011, 4, 28))


def test_nothing_after_the_last_known_day_is_looked_at() -> None:
    totals = british_year()
    origin = date(2011, 6, 10)
    spoiled = totals | dict.fromkeys(days(origin + timedelta(days=1), 60), 1000000000.0)
    honest, tempted = (TradingCalendar.learn(source, origin, RULES) for source in (totals, spoiled))
    ahead = days(origin + timedelta(days=1), 28)
    assert honest == tempted
    profile = honest.weekday_profile(RULES)
    assert np.array_equal(
        honest.day_weights(ahead, profile, RULES), tempted.day_weights(ahead, tempted.weekday_profile(RULES), RULES)
    )


def test_the_weekday_profile_averages_one_over_open_weekdays_and_knows_quiet_sundays() -> None:
    totals = {day: 40.0 if day.weekday() == 6 else 100.0 for day in british_year()}
    profile = TradingCalendar.learn(totals, date(2011, 12, 9), RULES).weekday_profile(RULES)
    assert profile[SATURDAY] == 0
    assert profile[profile > 0].mean() == pytest.approx(1)
    assert profile[6] / profile[0] == pytest.approx(0.4, rel=0.01)


def test_near_the_closure_last_year_s_pattern_counts() -> None:
    totals = british_year()
    totals |= {day: 30.0 for day in totals if date(2010, 12, 18) <= day <= date(2010, 12, 23)}
    calendar = TradingCalendar.learn(totals, date(2011, 12, 9), RULES)
    profile = calendar.weekday_profile(RULES)
    assert calendar.closure_index(date(2011, 12, 11), profile, RULES) == pytest.approx(1, abs=0.15)
    assert calendar.closure_index(date(2011, 12, 21), profile, RULES) == pytest.approx(0.3, abs=0.1)


def test_far_from_a_closure_and_in_the_first_year_the_pattern_is_flat(december: TradingCalendar) -> None:
    profile = december.weekday_profile(RULES)
    assert december.closure_index(date(2012, 3, 1), profile, RULES) == 1
    first_year = TradingCalendar.learn(british_year(), date(2011, 9, 1), RULES)
    # The closure itself is near, but its reference weeks of a year ago lie before the data.
    assert first_year.closure_index(date(2011, 12, 22), first_year.weekday_profile(RULES), RULES) == 1


def test_without_any_day_every_weekday_is_open() -> None:
    calendar = TradingCalendar.learn({}, date(2011, 1, 1), RULES)
    assert calendar.open_weekdays == frozenset(range(7))
    assert calendar.weekday_profile(RULES).tolist() == [1.0] * 7


def test_a_single_day_says_nothing_about_the_weekdays_it_has_not_seen() -> None:
    calendar = TradingCalendar.learn({date(2011, 6, 1): 5.0}, date(2011, 6, 1), RULES)
    assert calendar.open_weekdays == frozenset(range(7))
    assert calendar.weekday_profile(RULES).tolist() == [1.0] * 7


def test_a_leap_day_closure_falls_on_the_28th_next_year() -> None:
    totals = dict.fromkeys(days(date(2024, 1, 1), 120), 1.0)
    for day in days(date(2024, 2, 26), 4):
        totals.pop(day)
    calendar = TradingCalendar.learn(totals, date(2024, 4, 29), RULES)
    assert calendar.coming_closures() == [(date(2025, 2, 26), date(2025, 2, 28))]


def test_with_no_holiday_seen_yet_a_weekly_day_of_rest_decides() -> None:
    every_day = dict.fromkeys(days(date(2011, 1, 10), 100), 1.0)
    six_days = {day: units for day, units in every_day.items() if day.weekday() != SATURDAY}
    good_friday, last = date(2011, 4, 22), date(2011, 4, 19)
    assert TradingCalendar.learn(every_day, last, RULES).trades(good_friday)
    assert not TradingCalendar.learn(six_days, last, RULES).trades(good_friday)
