"""As fast as Shopify allows, and never faster: queries are paid for by their cost.

A query needs its *requested* cost in the bucket and gives back what it did not use, so the bucket is followed by what
each answer says of it. https://shopify.dev/docs/api/usage/limits#graphql-admin-api-rate-limits
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from extractors.api.errors import ApiError

MOST_PER_QUERY = 1000.0
_UNKNOWN_MAXIMUM = 2000.0
_UNKNOWN_RATE = 100.0


@dataclass
class CostMeter:
    """Follows one app's bucket at one shop.

    Attributes:
        monotonic: The clock, in seconds.
        sleep: Waits so many seconds.
        waited: Seconds waited so far.
    """

    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    waited: float = 0.0

    def __post_init__(self) -> None:
        self._maximum, self._rate = _UNKNOWN_MAXIMUM, _UNKNOWN_RATE
        self._level = self._maximum
        self._at = self.monotonic()

    def available(self) -> float:
        """Points that are there by now, as far as the last answer lets us know."""
        return min(self._maximum, self._level + (self.monotonic() - self._at) * self._rate)

    def acquire(self, requested: float) -> None:
        """Waits until a query of that cost may run."""
        missing = min(requested, self._maximum) - self.available()
        if missing > 0:
            seconds = missing / self._rate
            self.sleep(seconds)
            self.waited += seconds

    def update(self, status: Mapping[str, str]) -> None:
        """Takes over what an answer says of the bucket.

        It was true when Shopify wrote it, a little before it came here, so we are never ahead of Shopify's own count.

        Args:
            status: `throttleStatus`, numbers as text.

        Raises:
            ApiError: If it does not say it.
        """
        try:
            self._maximum = float(status["maximumAvailable"])
            self._rate = max(float(status["restoreRate"]), 1.0)
            self._level = float(status["currentlyAvailable"])
        except (KeyError, TypeError, ValueError):
            raise ApiError(
                "Shopify's answer does not say how much of the query budget is left.",
                remedy="Its format has changed: the connector needs a change.",
            ) from None
        self._at = self.monotonic()
