"""Usage plans: how often each operation may be called, and what a caller hears who calls more often."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.responses import JSONResponse, Response

HEADER: Final = "x-amzn-RateLimit-Limit"


@dataclass(frozen=True)
class Rate:
    """A usage plan.

    Attributes:
        per_second: Requests that are granted anew each second.
        burst: Requests that can be saved up.
    """

    per_second: float
    burst: int


USAGE_PLANS: Final[Mapping[str, Rate]] = {
    "searchOrders": Rate(0.0056, 20),
    "getOrder": Rate(0.5, 30),
    "createReport": Rate(0.0167, 15),
    "getReports": Rate(0.0222, 10),
    "getReport": Rate(2, 15),
    "getReportDocument": Rate(0.0167, 15),
    "cancelReport": Rate(0.0222, 10),
    "getInventorySummaries": Rate(2, 2),
    "searchCatalogItems": Rate(2, 2),
    "getCatalogItem": Rate(2, 2),
    "listTransactions": Rate(0.5, 10),
    "getOrderMetrics": Rate(0.5, 15),
}


class Limits:
    """A token bucket an operation, as the models document them.

    Args:
        plans: Usage plan by operation.
        monotonic: A source of seconds, by which buckets fill.
    """

    def __init__(self, plans: Mapping[str, Rate], monotonic: Callable[[], float]) -> None:
        self._plans = plans
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._filled = {name: (float(plan.burst), monotonic()) for name, plan in plans.items()}
        self._refusals = 0

    def header(self, operation: str) -> dict[str, str]:
        """The header that tells the plan's rate."""
        return {HEADER: str(self._plans[operation].per_second)}

    def refusal(self, operation: str) -> Response | None:
        """Takes one request from the bucket; a 429 where it holds none.

        Every other 429 lacks the rate header, as some of Amazon's do.
        """
        plan = self._plans[operation]
        with self._lock:
            held, since = self._filled[operation]
            now = self._monotonic()
            held = min(plan.burst, held + (now - since) * plan.per_second)
            # A caller that waits the exact time must not fail for a rounding of the clock.
            granted = held >= 1 - 1e-9
            self._filled[operation] = (held - 1 if granted else held, now)
            self._refusals += not granted
            told = self.header(operation) if self._refusals % 2 else {}
        return None if granted else _quota_exceeded(told)


def _quota_exceeded(headers: dict[str, str]) -> Response:
    error = {
        "code": "QuotaExceeded",
        "message": "You exceeded your quota for the requested resource.",
        "details": "",
    }
    return JSONResponse({"errors": [error]}, status_code=429, headers=headers)
