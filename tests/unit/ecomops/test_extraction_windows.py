"""Which windows a scheduled extraction lands: days stated again are whole days, also where clocks change."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import cast

from ecomops.extraction import Account, windows_of
from lakehouse.windows import Window


def account(lookback: int) -> Account:
    kind = SimpleNamespace(resources={"daily": SimpleNamespace(lookback=lookback)})
    return cast("Account", SimpleNamespace(api=SimpleNamespace(kind=kind, time_zone="Europe/London")))


def test_days_before_a_change_of_clocks_are_whole_local_days() -> None:
    """On 29 March 2026 London's day has 23 hours."""
    days = [Window.local_day(date(2026, 3, day), "Europe/London") for day in (28, 29, 30)]
    assert [day.end - day.start for day in days] == [timedelta(hours=hours) for hours in (24, 23, 24)]
    assert windows_of(account(2), "daily", days[2]) == days
    assert windows_of(account(1), "daily", days[1]) == days[:2]
    assert windows_of(account(0), "daily", days[0]) == days[:1]


def test_other_windows_go_back_by_their_length() -> None:
    hour = Window.parse("2026-03-29T02:00:00Z", "2026-03-29T03:00:00Z")
    assert windows_of(account(1), "daily", hour) == [Window.parse("2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"), hour]
