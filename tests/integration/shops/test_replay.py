"""Incremental equals full refresh in every mart, whatever arrives late, twice, restated or taken back, of any source.

The demo's merchant's history is landed again day by day; the warehouse is built by the difference, and from nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import pytest

from ecomops.pipeline import declared_sources
from lakehouse.objectstore import open_store
from lakehouse.settings import Settings
from lakehouse.streams import STREAMS
from lakehouse.warehouse import BuildRequest, Candidate, Warehouse, build_core, open_candidate
from lakehouse.warehouse.oracle import Fingerprint, fingerprints
from tests.integration.shops.conftest import LAST_DAY
from tests.support import newest, replay
from tests.support.replay import Piece

_Prints = dict[str, Fingerprint]
_DAYS = 40  # of which 30 are made again
_EARLY, _LATE = LAST_DAY - timedelta(days=4), LAST_DAY - timedelta(days=2)


def _end_of(day: object) -> datetime:
    return datetime.combine(day, time(), UTC) + timedelta(days=1, hours=12)  # type: ignore[arg-type] # a date


@dataclass(frozen=True)
class Step:
    """A build's tables, made by the difference and from nothing."""

    incremental: _Prints
    full: _Prints
    wrongly_marked: dict[str, int]


class Replay:
    """A second warehouse on the merchant's records."""

    def __init__(self, settings: Settings, whole: list[Piece]) -> None:
        self.settings = settings
        self.store = open_store(settings)
        self.sources = declared_sources(settings)
        self.whole = whole
        self.rng = random.Random(20251214)  # noqa: S311 -- data, not secrets

    def land(self, chosen: Iterable[Piece], known_at: datetime | None = None) -> None:
        for piece in chosen:
            replay.land(self.store, piece, known_at or replay.known(piece))

    def sample(self, among: Iterable[Piece], share: float) -> list[Piece]:
        return [piece for piece in among if self.rng.random() < share]

    def step(self, as_of: datetime, *, both: bool = True) -> Step:
        """Builds by the difference and, if both ways, from nothing; publishes what came of the difference."""
        warehouse = Warehouse(self.settings, self.store)
        candidate = self._build(as_of, full_refresh=False)
        full = incremental = self._prints(candidate)
        with open_candidate(self.settings, candidate) as reader:
            counted = {name: reader.rows(newest.wrongly_marked(stream))[0][0] for name, stream in STREAMS.items()}
        wrongly_marked = {name: count for name, count in counted.items() if count}
        if both and candidate.base_id is not None:
            from_nothing = self._build(as_of, full_refresh=True)
            full = self._prints(from_nothing)
            warehouse.discard(from_nothing)
        warehouse.publish(warehouse.mark_audited(candidate))
        return Step(incremental, full, wrongly_marked)

    def _build(self, as_of: datetime, *, full_refresh: bool) -> Candidate:
        request = BuildRequest(as_of=as_of, run_id="replay", sources=self.sources, full_refresh=full_refresh)
        return build_core(self.settings, request)

    def _prints(self, candidate: Candidate) -> _Prints:
        with open_candidate(self.settings, candidate) as reader:
            found = fingerprints(reader, schemas=("marts", "intermediate"))
        # what a build changed is not what it holds
        return {table: value for table, value in found.items() if "int_changes__" not in table}


@pytest.fixture(scope="module")
def steps(made: Settings, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Step]:
    settings = made.model_copy(update={"var_dir": tmp_path_factory.mktemp("replay") / "var", "keep_snapshots": 10})
    whole = replay.pieces(open_store(made), declared_sources(made))
    merchant = Replay(settings, whole)
    past = [piece for piece in whole if piece.day <= _EARLY]
    held_back = merchant.sample((piece for piece in past if piece.day > _EARLY - timedelta(days=14)), 0.15)
    late = {id(piece) for piece in held_back}
    merchant.land(piece for piece in past if id(piece) not in late)
    made_of = {"from nothing": merchant.step(_end_of(_EARLY))}

    merchant.land(piece for piece in whole if _EARLY < piece.day <= _LATE)
    merchant.land(held_back, _end_of(_LATE) - timedelta(hours=2))
    again = merchant.sample((piece for piece in past if piece.day > _EARLY - timedelta(days=5)), 0.1)
    merchant.land(again, _end_of(_LATE) - timedelta(hours=1))
    made_of["two more days, late ones, and some twice"] = merchant.step(_end_of(_LATE))

    merchant.land(piece for piece in whole if piece.day > _LATE)
    recent = [piece for piece in whole if _LATE - timedelta(days=20) < piece.day <= _LATE]
    merchant.land(
        (piece.restated(1) for piece in merchant.sample(recent, 0.12)), _end_of(LAST_DAY) - timedelta(hours=2)
    )
    gone = merchant.sample((piece for piece in recent if piece.source.mode.value == "window"), 0.04)
    merchant.land((piece.taken_back() for piece in gone), _end_of(LAST_DAY) - timedelta(hours=1))
    made_of["the rest, days restated and taken back"] = merchant.step(_end_of(LAST_DAY))

    made_of["back to the first, as of then"] = merchant.step(_end_of(_EARLY), both=False)
    return made_of


@pytest.mark.parametrize("number", [1, 2])
def test_incremental_equals_full_refresh(steps: dict[str, Step], number: int) -> None:
    step = list(steps.values())[number]
    differing = sorted(table for table in step.full if step.incremental.get(table) != step.full[table])
    assert differing == []
    assert step.full["marts.fct_order_line"].row_count > 100


def test_the_rows_that_count_are_marked(steps: dict[str, Step]) -> None:
    assert [step.wrongly_marked for step in steps.values()] == [{}] * len(steps)


def test_as_of_a_past_day_the_marts_are_what_that_days_run_published(steps: dict[str, Step]) -> None:
    then, *between, again = steps.values()
    differing = sorted(table for table in then.full if then.full[table] != again.incremental.get(table))
    assert differing == []
    assert all(step.full != then.full for step in between)


def test_any_past_day_comes_again(
    made: Settings, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> None:
    """Every day's run publishes; then, of random days, the marts are made again from what was known by then."""
    if not pytestconfig.getoption("--all-cases"):
        pytest.skip("some hundred builds take half an hour: pass --all-cases (one day is tried above)")
    settings = made.model_copy(update={"var_dir": tmp_path_factory.mktemp("days") / "var", "keep_snapshots": 3})
    whole = replay.pieces(open_store(made), declared_sources(made))
    merchant = Replay(settings, whole)
    days = [LAST_DAY - timedelta(days=number) for number in range(_DAYS)][::-1]
    merchant.land(piece for piece in whole if piece.day < days[0])
    published = {}
    for day in days:
        merchant.land(piece for piece in whole if piece.day == day)
        earlier = [piece for piece in whole if day - timedelta(days=9) < piece.day < day]
        late = _end_of(day) - timedelta(hours=1)
        merchant.land((piece.restated(day.toordinal()) for piece in merchant.sample(earlier, 0.01)), late)
        published[day] = merchant.step(_end_of(day), both=False).incremental
    differing = {}
    for day in merchant.rng.sample(days, 30):
        again = merchant.step(_end_of(day), both=False).incremental
        tables = sorted(table for table in again if again[table] != published[day].get(table))
        differing.update({day: tables} if tables else {})
    assert differing == {}
