"""The bucket is never faster than the vendor allows, and hardly slower, by a clock that only waiting moves."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.api.throttle import TokenBucket

EPSILON = 1e-5


class Clock:
    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


def bucket(rate: float, burst: float, clock: Clock) -> TokenBucket:
    return TokenBucket(rate, burst, monotonic=clock, sleep=clock.sleep)


RATES = st.sampled_from([0.0056, 0.0167, 0.5, 2.0, 50.0])
BURSTS = st.integers(1, 40)
STARTS = st.sampled_from([0.0, 1.5, 1e6, 1.7e9])  # a clock's floats are coarse when it is far from 0


@settings(max_examples=40)
@given(RATES, BURSTS, STARTS, st.lists(st.tuples(st.integers(1, 5), st.floats(0, 20)), min_size=1, max_size=40))
def test_never_above_the_rate_in_any_interval(
    rate: float, burst: int, start: float, asked: list[tuple[int, float]]
) -> None:
    clock = Clock(start)
    one, taken = bucket(rate, burst, clock), []
    for cost, pause in asked:
        clock.now += pause
        cost = min(cost, burst)
        one.acquire(cost)
        taken.append((clock.now, cost))
    for first, last in itertools.combinations_with_replacement(range(len(taken)), 2):
        within = sum(cost for _, cost in taken[first : last + 1])
        time = taken[last][0] - taken[first][0]
        assert within <= rate * time + burst + EPSILON * (1 + rate * start * 1e-6)


@settings(max_examples=40)
@given(RATES, BURSTS, STARTS)
def test_at_least_95_percent_of_the_allowed_rate(rate: float, burst: int, start: float) -> None:
    clock = Clock(start)
    one, count = bucket(rate, burst, clock), 200
    for _ in range(count):
        one.acquire()
    allowed = rate * (clock.now - start) + burst
    assert count >= 0.95 * allowed


def test_waiting_is_told() -> None:
    clock = Clock()
    one = bucket(2, 3, clock)
    assert [one.acquire() for _ in range(4)] == [0, 0, 0, 0.5]
    assert clock.now == 0.5


def test_what_costs_more_than_the_bucket_holds_is_taken_from_a_full_one_and_owed() -> None:
    clock = Clock()
    one = bucket(1, 10, clock)
    one.acquire(25)
    assert clock.now == 0
    one.acquire(1)
    assert clock.now == pytest.approx(16)


def test_an_answer_that_says_less_is_believed_and_one_that_says_more_is_not() -> None:
    clock = Clock()
    one = bucket(1, 10, clock)
    one.update(available=2)
    one.acquire(3)
    assert clock.now == pytest.approx(1)
    one.update(available=10)
    one.acquire(1)
    assert clock.now == pytest.approx(2)


def test_a_new_rate_holds_from_now_on() -> None:
    clock = Clock()
    one = bucket(1, 1, clock)
    one.acquire()
    one.update(rate=10)
    one.acquire()
    assert clock.now == pytest.approx(0.1)
    one.update(rate=0)  # what a broken header says
    one.acquire()
    assert clock.now == pytest.approx(0.2)


def test_a_drained_bucket_waits_for_its_next_token() -> None:
    clock = Clock()
    one = bucket(0.5, 20, clock)
    one.drain()
    assert one.acquire() == pytest.approx(2)


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (1, 0), (float("nan"), 1)])
def test_a_bucket_that_never_fills_is_refused(rate: float, burst: float) -> None:
    with pytest.raises(ValueError, match="never has anything"):
        TokenBucket(rate, burst)
