"""An extraction that dies anywhere leaves nothing half visible, and the next run comes to the undisturbed result."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest

from lakehouse.errors import StoreUnavailableError
from tests.support.vendor import (
    DAILY,
    Killed,
    MemoryStore,
    MortalStore,
    Vendor,
    job,
    manifests,
    newest,
    order,
    run,
    table,
)

TABLES = ("orders", "order_lines")
BAD = order(4, 4, lines=(("A", "many", "10.00"),))


def vendor(*, as_file: bool = False) -> Vendor:
    made = Vendor.of([order(1, 1), order(2, 2), order(3, 3), BAD, order(5, 5)])
    made.as_file = as_file
    return made


@cache
def undisturbed() -> tuple[dict[str, bytes], int, dict[str, pl.DataFrame]]:
    """The objects of a run without faults, how often it called the store, and its tables."""
    with TemporaryDirectory() as folder:
        memory = MemoryStore(Path(folder))
        counting = MortalStore(memory)
        run(vendor(), counting, Path(folder) / "scratch")  # type: ignore[arg-type]  # it has the store's methods
        tables = {name: newest(memory, name) for name in TABLES}
        return dict(memory.objects), len(counting.calls), tables


@pytest.fixture
def memory(tmp_path: Path) -> MemoryStore:
    folder = tmp_path / "objects"
    folder.mkdir()
    return MemoryStore(folder)


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("lives", range(40))
def test_a_killed_extraction_is_invisible_and_the_next_one_lands_the_same(
    memory: MemoryStore, tmp_path: Path, lives: int, *, after_effect: bool
) -> None:
    expected, calls, tables = undisturbed()
    assert calls <= 40, "more calls of the store than this test kills at"
    if lives >= calls:
        return
    dying = MortalStore(memory, lives, after_effect=after_effect)
    with pytest.raises(Killed):
        run(vendor(), dying, tmp_path / "scratch")  # type: ignore[arg-type]  # it has the store's methods
    is_visible = any(
        "_manifest.json" in call and call.startswith("put") for call in dying.calls[: lives + after_effect]
    )
    assert bool(manifests(memory)) == is_visible

    run(vendor(), memory, tmp_path / "scratch")
    assert memory.objects == expected
    assert all(newest(memory, name).equals(tables[name]) for name in TABLES)


def test_what_is_killed_again_and_again_gets_further_each_time(memory: MemoryStore, tmp_path: Path) -> None:
    """Each run lives for six calls of the store: one page's worth. It arrives all the same."""
    one, runs = vendor(), 0
    while not manifests(memory):
        runs += 1
        assert runs < 20
        # what reads the pages is one piece of work: that one may finish
        lives = float("inf") if len(one.requests) >= 3 else 6
        try:
            run(one, MortalStore(memory, lives), tmp_path / "scratch")  # type: ignore[arg-type]  # as above
        except Killed:
            continue
    assert runs > 1
    assert newest(memory).equals(undisturbed()[2]["orders"])


@pytest.mark.parametrize("lives", range(0, 40, 4))
def test_a_store_that_is_down_fails_the_run_and_the_next_one_goes_on(
    memory: MemoryStore, tmp_path: Path, lives: int
) -> None:
    class Down(MortalStore):
        def __getattr__(self, name: str) -> object:
            method = super().__getattr__(name)
            assert callable(method)

            def call(*args: object, **kwargs: object) -> object:
                try:
                    return method(*args, **kwargs)
                except Killed:
                    raise StoreUnavailableError("The store is full.") from None

            return call

    expected, calls, _ = undisturbed()
    if lives >= calls:
        return
    with pytest.raises(StoreUnavailableError):
        run(vendor(), Down(memory, lives), tmp_path / "scratch")  # type: ignore[arg-type]  # as above
    run(vendor(), memory, tmp_path / "scratch")
    assert memory.objects == expected


@pytest.mark.parametrize("place", [0, 2, 4])
@pytest.mark.parametrize("as_file", [False, True])
def test_a_run_killed_between_pages_asks_for_no_page_twice_that_was_stored(
    memory: MemoryStore, tmp_path: Path, place: int, *, as_file: bool
) -> None:
    one = vendor(as_file=as_file)

    def die(at: int) -> None:
        if at == place:
            raise Killed

    one.before_page = die
    with pytest.raises(Killed):
        run(one, memory, tmp_path / "scratch")
    one.before_page = lambda _: None
    done = run(one, memory, tmp_path / "scratch")

    assert sorted({*one.requests}) == [0, 2, 4]
    assert len(one.requests) == 4  # the page before which it died, twice
    assert done.resumed_after == place // 2
    assert newest(memory).equals(undisturbed()[2]["orders"])


def test_a_run_killed_behind_the_last_page_asks_for_nothing_more(memory: MemoryStore, tmp_path: Path) -> None:
    one = vendor()
    calls = MortalStore(memory)
    run(one, calls, tmp_path / "scratch")  # type: ignore[arg-type]  # as above
    puts = [number for number, call in enumerate(calls.calls) if call.startswith("put checkpoints/")]
    memory.objects.clear()

    again = vendor()
    with pytest.raises(Killed):  # the last page's checkpoint is written, the word that it was the last is not
        run(again, MortalStore(memory, puts[-1]), tmp_path / "scratch")  # type: ignore[arg-type]  # as above
    run(again, memory, tmp_path / "scratch")
    assert again.requests == [0, 2, 4]


def test_a_kill_while_a_quarantined_day_is_stated_again_keeps_the_day_before(
    memory: MemoryStore, tmp_path: Path
) -> None:
    run(vendor(), memory, tmp_path / "scratch", job(DAILY))
    before = manifests(memory, DAILY)
    later = job(DAILY, known_at=before[0].known_at.replace(hour=12))
    restated = Vendor.of([order(1, 1, total="7.00")])
    calls = MortalStore(MemoryStore(tmp_path / "objects"))
    run(restated, calls, tmp_path / "scratch", later)  # type: ignore[arg-type]  # as above
    for lives in range(len(calls.calls) - 2):
        with pytest.raises(Killed):
            run(restated, MortalStore(memory, lives), tmp_path / "scratch", later)  # type: ignore[arg-type]  # as above
        held = manifests(memory, DAILY)
        if len(held) > 1:  # resumed runs need fewer calls: it is through
            break
        assert held == before
        assert table(memory, held[0], "orders").height == 4
    run(restated, memory, tmp_path / "scratch", later)
    assert [one.counts.received for one in manifests(memory, DAILY)] == [5, 1]
