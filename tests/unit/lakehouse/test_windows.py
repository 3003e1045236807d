"""Windows are half-open, in UTC, explicit; civil days follow their zone through every change of clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lakehouse.errors import WindowError
from lakehouse.windows import Window, parse_instant, resolve, zone

# Zone, a day on which its clocks changed, and that day's hours, from the IANA database's own history.
TRANSITIONS = [
    ("Europe/London", date(2011, 3, 27), 23),
    ("Europe/London", date(2011, 10, 30), 25),
    ("America/New_York", date(2011, 3, 13), 23),
    ("America/New_York", date(2011, 11, 6), 25),
    ("America/Sao_Paulo", date(2011, 10, 16), 23),  # at midnight: the day begins at 01:00
    ("America/Sao_Paulo", date(2012, 2, 25), 25),
    ("Australia/Lord_Howe", date(2011, 10, 2), 23.5),  # half an hour
    ("Australia/Lord_Howe", date(2012, 4, 1), 24.5),
    ("Asia/Beirut", date(2011, 3, 27), 23),  # at midnight
    ("Asia/Beirut", date(2011, 10, 29), 25),  # at the midnight after: 23:00 comes twice
    ("Africa/Casablanca", date(2011, 4, 3), 23),
    ("Africa/Casablanca", date(2011, 7, 30), 25),
    ("Asia/Shanghai", date(2011, 3, 27), 24),  # no change: the control
    ("Asia/Kolkata", date(2011, 10, 30), 24),
    ("America/St_Johns", date(2011, 11, 5), 24),  # at 00:01 of the 6th
    ("America/St_Johns", date(2011, 11, 6), 25),
]
ZONES = sorted({name for name, _, _ in TRANSITIONS})

_EPOCH = datetime(1990, 1, 1, tzinfo=UTC)
_instants = st.integers(0, 50 * 365 * 86_400).map(lambda seconds: _EPOCH + timedelta(seconds=seconds))
_lengths = st.integers(1, 400 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
_windows = st.builds(lambda start, length: Window(start, start + length), _instants, _lengths)
_days = st.dates(min_value=date(1995, 1, 1), max_value=date(2035, 12, 31))


@pytest.mark.parametrize(("name", "day", "hours"), TRANSITIONS)
def test_a_day_is_as_long_as_its_clocks_make_it(name: str, day: date, hours: float) -> None:
    window = Window.local_day(day, name)

    assert window.end - window.start == timedelta(hours=hours)
    assert list(window.days(name)) == [day]


@given(_days, st.sampled_from(ZONES))
@example(date(2011, 10, 15), "America/Sao_Paulo")
@example(date(2011, 12, 30), "Asia/Shanghai")
def test_days_meet_and_neither_overlap_nor_leave_a_gap(day: date, name: str) -> None:
    today = Window.local_day(day, name)
    tomorrow = Window.local_day(day + timedelta(days=1), name)

    assert today.end == tomorrow.start
    assert today.contains(today.start)
    assert not today.contains(today.end)
    assert today.contains(today.end - timedelta(seconds=1))
    assert list(today.days(name)) == [day]


@given(_days, st.integers(0, 40), st.sampled_from(ZONES))
def test_a_stretch_of_days_is_the_days_one_after_another(first: date, more: int, name: str) -> None:
    last = first + timedelta(days=more)
    window = Window.local_days(first, last, name)

    assert list(window.days(name)) == [first + timedelta(days=number) for number in range(more + 1)]
    assert window.start == Window.local_day(first, name).start
    assert window.end == Window.local_day(last, name).end


@given(_windows, st.sampled_from(ZONES))
def test_days_are_those_that_the_window_touches(window: Window, name: str) -> None:
    days = list(window.days(name))

    assert days[0] == window.start.astimezone(zone(name)).date()
    assert days == sorted(set(days))
    covering = Window.local_days(days[0], days[-1], name)
    assert covering.start <= window.start < window.end <= covering.end


@given(_windows)
def test_a_key_says_the_window(window: Window) -> None:
    assert Window.from_key(window.key) == window
    assert Window.parse(window.start.isoformat(), window.end.isoformat()) == window
    assert resolve(partition_key=window.key) == window


@given(_windows, _windows)
def test_keys_sort_as_windows_do(one: Window, other: Window) -> None:
    assert (one < other) == (one.key < other.key)


@given(_instants, st.integers(-14 * 60, 14 * 60))
def test_an_instant_keeps_its_moment_whatever_its_offset(instant: datetime, minutes: int) -> None:
    elsewhere = instant.astimezone(timezone(timedelta(minutes=minutes)))

    assert parse_instant(elsewhere.isoformat()) == instant
    assert Window(elsewhere, elsewhere + timedelta(1)) == Window(instant, instant + timedelta(1))
    assert Window(elsewhere, elsewhere + timedelta(1)).key == Window(instant, instant + timedelta(1)).key


@given(st.text(alphabet="0123456789TZ-:+. \n", max_size=35))
@example("20111201T000000Z--20111202T000000Z\n")
@example("20119901T000000Z--20111202T000000Z")
@example("٢٠١١١٢٠١T000000Z--20111202T000000Z")
@example("2011-12-01\n")
def test_other_text_is_refused_with_a_window_error(text: str) -> None:
    for read in (Window.from_key, parse_instant):
        try:
            read(text)
        except WindowError as error:
            assert error.remedy  # noqa: PT017 - most texts are refused, some are right
        else:
            assert text == text.strip()


def test_a_bare_date_is_midnight_in_utc() -> None:
    assert parse_instant("2011-12-01") == datetime(2011, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("2011-12-01T08:00:00", "2011-12-02", "names no time zone"),
        ("2011-12-02", "2011-12-02", "is empty"),
        ("2011-12-02", "2011-12-01", "is empty"),
        ("2011-12-01T00:00:00.5Z", "2011-12-02", "fraction of a second"),
        ("yesterday", "2011-12-02", "not a date or timestamp"),
        ("2011-02-30", "2011-12-02", "not a date or timestamp"),
    ],
)
def test_unusable_bounds(start: str, end: str, message: str) -> None:
    with pytest.raises(WindowError, match=message) as raised:
        Window.parse(start, end)
    assert raised.value.remedy


def test_a_window_wants_aware_bounds() -> None:
    with pytest.raises(WindowError, match="names no time zone"):
        Window(datetime(2011, 12, 1), datetime(2011, 12, 2, tzinfo=UTC))  # noqa: DTZ001 - the case


def test_an_unknown_zone_is_named() -> None:
    with pytest.raises(WindowError, match="no time zone 'Europe/Lundon'"):
        Window.local_day(date(2011, 12, 1), "Europe/Lundon")
    with pytest.raises(WindowError, match="no time zone"):
        zone("../etc/passwd")


class TestResolve:
    """Explicit parameters, then the partition key, then the data interval; never the clock."""

    explicit = ("2011-12-01", "2011-12-02")
    interval = (datetime(2012, 1, 1, tzinfo=UTC), datetime(2012, 1, 2, tzinfo=UTC))

    def test_explicit_wins(self) -> None:
        window = resolve(explicit=self.explicit, partition_key="2013-01-01", data_interval=self.interval)
        assert window == Window.parse(*self.explicit)

    def test_then_the_partition_key(self) -> None:
        window = resolve(partition_key="2013-01-01", data_interval=self.interval)
        assert window == Window.parse("2013-01-01", "2013-01-02")

    def test_then_the_data_interval(self) -> None:
        assert resolve(data_interval=self.interval) == Window(*self.interval)

    def test_a_fraction_of_a_second_in_the_schedule_is_cut(self) -> None:
        start, end = self.interval
        assert resolve(data_interval=(start.replace(microsecond=7), end)) == Window(start, end)

    @pytest.mark.parametrize("explicit", [("2011-12-01", None), (None, "2011-12-01"), ("2011-12-01", "")])
    def test_half_a_window_is_an_error(self, explicit: tuple[str | None, str | None]) -> None:
        with pytest.raises(WindowError, match="Only one end"):
            resolve(explicit=explicit, data_interval=self.interval)

    @pytest.mark.parametrize("interval", [(None, None), (interval[0], interval[0])])
    def test_none_and_the_zero_width_interval_of_a_cron_string_are_errors(
        self, interval: tuple[datetime | None, datetime | None]
    ) -> None:
        with pytest.raises(WindowError, match="has no window"):
            resolve(data_interval=interval)


def test_bounds_are_plain_datetimes_whatever_a_scheduler_passes() -> None:
    pendulum = pytest.importorskip("pendulum")
    start, end = (pendulum.datetime(2011, 6, day, tz="Europe/London") for day in (1, 2))
    window = Window(start, end)
    assert {type(window.start), type(window.end)} == {datetime}
    assert window == Window.local_day(date(2011, 6, 1), "Europe/London")
    assert (window.end + timedelta(hours=6)).tzinfo is UTC  # pendulum's own would have lost it
