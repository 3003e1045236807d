"""Throttled extraction uses what Shopify allows, and never more: a simulated clock against the sandbox's own bucket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest

from extractors.api.client import Http
from extractors.api.errors import TransientError
from extractors.shopify.client import Client
from extractors.shopify.meter import CostMeter
from sandbox.shopify.cost import Bucket

_QUERIES = 150
_QUERY = "query Q($first: Int!) { shop { name } }"


@dataclass
class Time:
    """Seconds that pass only when somebody waits."""

    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.waits.append(seconds)
        self.now += seconds


class Throttling:
    """Answers as Shopify does: by the bucket, with status 200."""

    def __init__(self, time: Time, bucket: Bucket, requested: float, costs: Iterator[float], latency: float) -> None:
        self._time, self._bucket, self._requested, self._costs = time, bucket, requested, costs
        self._latency = latency
        self.throttled = 0

    def __call__(self, _request: httpx.Request) -> httpx.Response:
        self._time.now += self._latency
        told = {"requestedQueryCost": self._requested, "actualQueryCost": None}
        if not self._bucket.holds(self._requested):
            self.throttled += 1
            extensions = {"cost": {**told, "throttleStatus": self._bucket.status()}}
            errors = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
            return httpx.Response(200, json={"errors": errors, "extensions": extensions})
        self._bucket.take(next(self._costs))
        answer = {
            "data": {"shop": {"name": "x"}},
            "extensions": {"cost": {**told, "throttleStatus": self._bucket.status()}},
        }
        self._time.now += self._latency
        return httpx.Response(200, json=answer)


def _client(time: Time, answering: Throttling) -> Client:
    transport = httpx.MockTransport(answering)
    return Client(Http("http://shop", transport=transport, sleep=time.sleep, monotonic=time.monotonic))


@pytest.mark.parametrize(("maximum", "rate"), [(1000, 50), (2000, 100), (20_000, 1000)])
@pytest.mark.parametrize("requested", [310, 900])
@pytest.mark.parametrize("share", [1.0, 0.15])
def test_throttled_extraction_reaches_95_percent_of_the_rate_and_is_never_refused(
    maximum: float, rate: float, requested: float, share: float
) -> None:
    time = Time()
    bucket = Bucket(maximum, rate, time.monotonic)
    answering = Throttling(time, bucket, requested, iter(lambda: requested * share, None), latency=0.02)
    client = _client(time, answering)
    for _ in range(_QUERIES):
        client.ask(_QUERY, {"first": 5})
    allowed = maximum + rate * time.now
    assert bucket.spent <= allowed
    assert answering.throttled == 0
    # What it may spend is what the bucket gave, less what has to stay in it so that the next query may begin.
    assert bucket.spent >= min(_QUERIES * requested * share, 0.95 * (allowed - requested))


def test_another_app_that_empties_the_bucket_is_waited_for() -> None:
    time = Time()
    bucket = Bucket(1000, 50, time.monotonic)
    bucket.take(1000)
    answering = Throttling(time, bucket, 400, iter(lambda: 400.0, None), latency=0.0)
    client = _client(time, answering)
    client.ask(_QUERY, {"first": 5})
    assert answering.throttled == 1
    assert time.waits == [pytest.approx(400 / 50)]


def test_a_bucket_that_never_fills_is_given_up() -> None:
    time = Time()
    bucket = Bucket(1000, 50, lambda: 0.0)
    bucket.take(1000)
    client = _client(time, Throttling(time, bucket, 400, iter(lambda: 400.0, None), latency=0.0))
    with pytest.raises(TransientError, match="throttling"):
        client.ask(_QUERY, {"first": 5})


def test_waits_just_as_long_as_what_is_missing_takes() -> None:
    time = Time()
    meter = CostMeter(time.monotonic, time.sleep)
    meter.update({"maximumAvailable": "2000", "restoreRate": "100", "currentlyAvailable": "150"})
    time.now += 1
    meter.acquire(600)
    assert time.waits == [pytest.approx((600 - 250) / 100)]
