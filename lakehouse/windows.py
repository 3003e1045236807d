"""Windows of time: half-open, in UTC, always explicit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lakehouse.errors import WindowError

_STAMP = "%Y%m%dT%H%M%SZ"
_KEY = re.compile(r"(\d{8}T\d{6}Z)--(\d{8}T\d{6}Z)", re.ASCII)


def parse_instant(text: str) -> datetime:
    """Reads an ISO 8601 date or timestamp as an instant in UTC.

    A bare date is its midnight in UTC. A timestamp without an offset is refused: guessing a zone
    is how an hour of sales ends up on the wrong day.

    Raises:
        WindowError: If the text is no ISO 8601 instant.
    """
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise WindowError(
            f"{text!r} is not a date or timestamp.", remedy="Write 2011-12-01 or 2011-12-01T08:00:00Z."
        ) from error
    if instant.tzinfo is None:
        raise WindowError(f"{text!r} names no time zone.", remedy="Add Z or an offset such as +01:00.")
    return instant.astimezone(UTC)


def zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name.

    Raises:
        WindowError: If there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise WindowError(
            f"There is no time zone {name!r}.", remedy="Use an IANA name such as Europe/London."
        ) from error


@dataclass(frozen=True, order=True)
class Window:
    """A half-open stretch of time ``[start, end)`` in UTC, to the second.

    Attributes:
        start: First instant inside.
        end: First instant after it.

    Raises:
        WindowError: If a bound has no zone or a fraction of a second, or the window is empty.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        for bound in (self.start, self.end):
            if bound.tzinfo is None:
                raise WindowError(f"Window bound {bound} names no time zone.", remedy="Pass aware datetimes.")
            if bound.microsecond:
                raise WindowError(f"Window bound {bound} has a fraction of a second.", remedy="Round it.")
        object.__setattr__(self, "start", _plain(self.start))
        object.__setattr__(self, "end", _plain(self.end))
        if self.start >= self.end:
            raise WindowError(
                f"The window {self.start.isoformat()} to {self.end.isoformat()} is empty.",
                remedy="The end must come after the start; a day is [midnight, next midnight).",
            )

    @classmethod
    def parse(cls, start: str, end: str) -> Self:
        """A window from two ISO 8601 texts (see `parse_instant`)."""
        return cls(parse_instant(start), parse_instant(end))

    @classmethod
    def local_day(cls, day: date, tz: str = "UTC") -> Self:
        """The civil day of a time zone: 23 to 25 hours long where clocks change."""
        return cls.local_days(day, day, tz)

    @classmethod
    def local_days(cls, first: date, last: date, tz: str = "UTC") -> Self:
        """The civil days from `first` to `last`, both included, in a time zone."""
        info = zone(tz)
        start = datetime(first.year, first.month, first.day, tzinfo=info)
        after = last + timedelta(days=1)
        return cls(start, datetime(after.year, after.month, after.day, tzinfo=info))

    @classmethod
    def from_key(cls, key: str) -> Self:
        """The window that `key` wrote.

        Raises:
            WindowError: If the text is not such a key.
        """
        try:
            match = _KEY.fullmatch(key)
            start, end = (
                datetime.strptime(part, _STAMP).replace(tzinfo=UTC) for part in (match.groups() if match else ())
            )
        except ValueError as error:  # no match, or digits that are no date
            raise WindowError(
                f"{key!r} is not a window key.", remedy="Keys look like 20111201T000000Z--20111202T000000Z."
            ) from error
        return cls(start, end)

    @property
    def key(self) -> str:
        """The window as a path segment; keys sort in time."""
        return f"{self.start:{_STAMP}}--{self.end:{_STAMP}}"

    def contains(self, instant: datetime) -> bool:
        """Whether the instant lies inside."""
        return self.start <= instant < self.end

    def days(self, tz: str = "UTC") -> Iterator[date]:
        """The civil dates of a time zone that the window touches, in order."""
        info = zone(tz)
        day = self.start.astimezone(info).date()
        last = (self.end - timedelta(microseconds=1)).astimezone(info).date()
        while day <= last:
            yield day
            day += timedelta(days=1)

    def __str__(self) -> str:
        """The window in interval notation."""
        return f"[{self.start.isoformat()}, {self.end.isoformat()})"


def window_between(start: str, end: str, tz: str) -> Window:
    """The window between two texts that a person wrote: bare dates are midnights of a time zone.

    Raises:
        WindowError: If a text is no date or timestamp, or the window is empty.
    """
    return Window(_local_instant(start, tz), _local_instant(end, tz))


def _local_instant(text: str, tz: str) -> datetime:
    try:
        return Window.local_day(date.fromisoformat(text), tz).start
    except ValueError:
        return parse_instant(text)


def resolve(
    *,
    explicit: tuple[str | None, str | None] = (None, None),
    partition_key: str | None = None,
    data_interval: tuple[datetime | None, datetime | None] = (None, None),
) -> Window:
    """The one place that decides which window a task works on.

    An explicit pair of parameters wins over a partition key, which wins over the scheduler's data
    interval. Nothing falls back to the present moment.

    Raises:
        WindowError: If only half a window was given, or none at all.
    """
    start, end = explicit
    if start and end:
        return Window.parse(start, end)
    if start or end:
        raise WindowError("Only one end of the window was given.", remedy="Give both start and end, or neither.")
    if partition_key:
        return Window.from_key(partition_key) if "--" in partition_key else _day_of(partition_key)
    interval_start, interval_end = data_interval
    if interval_start and interval_end and interval_start < interval_end:
        return Window(interval_start.replace(microsecond=0), interval_end.replace(microsecond=0))
    raise WindowError(
        "This run has no window: it was started by hand or by an asset, and such runs have no data interval.",
        remedy='Start it with {"start": "2011-12-01", "end": "2011-12-02"}, or use a backfill.',
    )


def _day_of(partition_key: str) -> Window:
    instant = parse_instant(partition_key)
    return Window(instant, instant + timedelta(days=1))


def _plain(instant: datetime) -> datetime:
    """A datetime of the standard library: a scheduler's subclass of it (pendulum's) loses UTC when added to."""
    return datetime.fromtimestamp(int(instant.timestamp()), UTC)
