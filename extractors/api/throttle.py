"""Staying as fast as a vendor allows, and never faster."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_SHORTEST = 1e-6  # seconds: a shorter wait might not move a clock that is far from 0
_CLOSE = 1e-6  # of a token: below that, a clock's floats can no longer tell waiting from having waited


class TokenBucket:
    """A bucket that fills at a rate and is emptied by requests (ITU-T I.371's leaky bucket, as a meter).

    Args:
        rate: Tokens a second, greater than 0.
        burst: Tokens that the bucket holds, greater than 0; it is full at first.
        monotonic: The clock, in seconds.
        sleep: Waits so many seconds.

    Raises:
        ValueError: If the rate or the burst is not greater than 0: nothing could ever be taken.
    """

    def __init__(
        self,
        rate: float,
        burst: float,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not (rate > 0 and burst > 0):
            raise ValueError(f"a bucket of {burst} that fills at {rate} a second never has anything to take")
        self.rate = rate
        self.burst = burst
        self._monotonic = monotonic
        self._sleep = sleep
        self._tokens = float(burst)
        self._at = monotonic()
        self._lock = threading.Lock()

    def acquire(self, cost: float = 1) -> float:
        """Takes tokens, waiting until they are there; returns how long it waited, in seconds.

        A cost above the burst is taken once the bucket is full, and leaves it in debt.
        """
        waited = 0.0
        while True:
            with self._lock:
                self._fill()
                needed = min(cost, self.burst) - self._tokens
                if needed <= _CLOSE:
                    self._tokens -= cost
                    return waited
                delay = max(needed / self.rate, _SHORTEST)
            self._sleep(delay)
            waited += delay

    def update(self, *, rate: float | None = None, burst: float | None = None, available: float | None = None) -> None:
        """Takes over what the vendor says of its own bucket.

        What it says is available is believed only where it is less: its answer is older than our last request.
        """
        with self._lock:
            self._fill()
            self.rate = rate if rate else self.rate
            self.burst = burst if burst else self.burst
            known = self._tokens if available is None else min(self._tokens, available)
            self._tokens = min(known, self.burst)

    def drain(self) -> None:
        """Empties the bucket: the vendor said that we were too fast."""
        with self._lock:
            self._fill()
            self._tokens = min(self._tokens, 0.0)

    def _fill(self) -> None:
        now = self._monotonic()
        self._tokens = min(self.burst, self._tokens + max(now - self._at, 0.0) * self.rate)
        self._at = now
