"""The business clock of a sandbox: what time it is for the merchant, whatever the real time is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """Tells a server what time it is for its merchant. It stands still until it is moved.

    Args:
        instant: The time it starts at; must have a zone.
        ticking: A source of seconds, such as `time.monotonic`; with one the clock also runs by itself.

    Raises:
        ValueError: If the instant has no zone.
    """

    def __init__(self, instant: datetime, *, ticking: Callable[[], float] | None = None) -> None:
        self._seconds = ticking or (lambda: 0.0)
        self.set(instant)

    def now(self) -> datetime:
        """The merchant's time, in UTC."""
        return self._instant + timedelta(seconds=self._seconds() - self._since)

    def set(self, instant: datetime) -> None:
        """Moves the clock to an instant, forth or back.

        Raises:
            ValueError: If the instant has no zone.
        """
        if instant.tzinfo is None:
            raise ValueError(f"{instant.isoformat()} names no time zone")
        self._instant = instant.astimezone(UTC)
        self._since = self._seconds()

    def advance(self, step: timedelta) -> None:
        """Moves the clock on by a step."""
        self.set(self.now() + step)
