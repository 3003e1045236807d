"""The clock, and the counting of faults."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from sandbox.serving import Fault, Faults, SandboxClock

JUNE = datetime(2025, 6, 1, tzinfo=UTC)


def test_clock_stands_still_until_it_is_moved() -> None:
    clock = SandboxClock(JUNE)
    assert clock.now() == JUNE
    clock.advance(timedelta(hours=2))
    assert clock.now() == JUNE + timedelta(hours=2)
    clock.set(datetime(2025, 1, 1, 8, tzinfo=timezone(timedelta(hours=8))))
    assert clock.now().isoformat() == "2025-01-01T00:00:00+00:00"


def test_clock_ticks_by_a_given_source() -> None:
    seconds = 100.0
    clock = SandboxClock(JUNE, ticking=lambda: seconds)
    seconds = 103.5
    assert clock.now() == JUNE + timedelta(seconds=3.5)
    clock.set(JUNE)
    seconds = 104.5
    assert clock.now() == JUNE + timedelta(seconds=1)


def test_clock_refuses_an_instant_without_a_zone() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        SandboxClock(datetime(2025, 6, 1))  # noqa: DTZ001  what is tested


def test_faults_strike_the_numbered_requests_of_their_path() -> None:
    faults = Faults([Fault("duplicate", path=r"/orders$", at=(2, 3))])
    asked = ["/orders", "/orders/1", "/orders", "/orders", "/orders"]
    assert [faults.strike("duplicate", path) for path in asked] == [False, False, True, True, False]
    assert faults.counts() == [{"kind": "duplicate", "path": "/orders$", "seen": 4, "struck": 2}]


def test_faults_of_other_kinds_do_not_count_the_request() -> None:
    faults = Faults([Fault("duplicate", at=(1,))])
    assert not faults.strike("reorder", "/orders")
    assert faults.strike("duplicate", "/orders")


def test_chance_is_the_same_for_the_same_seed() -> None:
    def drawn(seed: int) -> list[bool]:
        faults = Faults([Fault("reorder", probability=0.3, seed=seed)])
        return [faults.strike("reorder", "/") for _ in range(200)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert 30 < sum(drawn(1)) < 90


def test_times_limits_how_often_it_strikes() -> None:
    faults = Faults([Fault("reorder", probability=1.0, times=2)])
    assert [faults.strike("reorder", "/") for _ in range(4)] == [True, True, False, False]


def test_replacing_begins_the_counts_again() -> None:
    faults = Faults([Fault("drop", at=(1,))])
    assert faults.strike("drop", "/")
    faults.replace([Fault("drop", at=(1,))])
    assert faults.strike("drop", "/")


@pytest.mark.parametrize(
    ("described", "said"),
    [
        ({"kind": "typo", "at": [1]}, "no fault is called 'typo'"),
        ({"kind": "drop"}, "needs request numbers"),
        ({"kind": "drop", "probability": 2}, "needs request numbers"),
        ({"kind": "drop", "at": [1], "when": 3}, r"\['when'\]"),
        ({"at": [1]}, "has a kind"),
    ],
)
def test_a_fault_that_is_none_is_refused(described: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Fault.of(described)
