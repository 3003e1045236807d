"""Calls operations: at the rate that the usage plan allows, with retries, and errors that say what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx

from extractors.amazon.errors import AccessDeniedError, InvalidInputError, NotFoundError, refusal
from extractors.amazon.operations import OPERATIONS, Operation, ask
from extractors.api.client import Http, decode_json
from extractors.api.throttle import TokenBucket

LIMIT_HEADER: Final = "x-amzn-RateLimit-Limit"


class Client:
    """The Selling Partner API of one region, for one seller.

    Args:
        http: The region's endpoint, signed by `LoginWithAmazon`.
        operations: What can be called, by name.
    """

    def __init__(self, http: Http, operations: Mapping[str, Operation] = OPERATIONS) -> None:
        self.http = http
        self._operations = operations
        self._buckets = {
            name: TokenBucket(one.rate, one.burst, monotonic=http.monotonic, sleep=http.sleep)
            for name, one in operations.items()
        }

    def call(self, operation: str, **parameters: Any) -> bytes:  # noqa: ANN401 - what the operation takes
        """The answer's body, as received.

        Args:
            operation: Amazon's name of it, such as `searchOrders`.
            parameters: By Amazon's names; `body` for a body. None: left out.

        Raises:
            IncompleteRequestError: Before sending, if a parameter of the path is empty.
            InvalidInputError, AccessDeniedError, NotFoundError: What Amazon refuses for good.
            TransientError: What it refuses for now, after all tries.
        """
        one = self._operations[operation]
        asked = ask(one, parameters)
        bucket = self._buckets[operation]
        response = self.http.request(
            asked.method,
            asked.path,
            params=asked.params,
            json_body=asked.body,
            before=bucket.acquire,
            after=_learning(operation, bucket),
        )
        return response.content

    def json(self, operation: str, **parameters: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
        """The answer's JSON, numbers as text; raises as `call`."""
        return decode_json(self.call(operation, **parameters))

    def rate(self, operation: str) -> float:
        """Requests a second that Amazon grants for an operation, as far as is known by now."""
        return self._buckets[operation].rate


def _learning(operation: str, bucket: TokenBucket) -> Callable[[httpx.Response], None]:
    """Looks at each answer: what rate it tells, whether we were too fast, and whether it is refused for good."""

    def learn(response: httpx.Response) -> None:
        told = response.headers.get(LIMIT_HEADER, "")
        try:
            rate = float(told) if told else None
        except ValueError:
            rate = None
        if rate is not None and rate > 0:
            bucket.update(rate=rate)
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            # Some 429s tell no rate. Either way Amazon's bucket is empty, so ours is: another run may share it.
            bucket.drain()
        error = refusal(operation, response)
        if isinstance(error, InvalidInputError | AccessDeniedError | NotFoundError):
            raise error

    return learn
