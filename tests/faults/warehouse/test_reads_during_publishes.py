"""Readers who open while others publish: never torn, never refused, never back in time."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.settings import Settings
from lakehouse.warehouse import CURRENT, Warehouse
from tests.support import tiny
from tests.support.reading import read_all_the_time

_READS = 100
_ROWS = 20_000


@pytest.mark.parametrize("keep", [1, 3])
def test_a_hundred_reads_during_publishes(settings: Settings, store: DirectoryStore, tmp_path: Path, keep: int) -> None:
    """Also where only one snapshot is kept: the one that a reader is about to open may be gone by then."""
    few = settings.model_copy(update={"keep_snapshots": keep})
    warehouse = Warehouse(few, store)
    tiny.published(warehouse, tmp_path, 0, channel=CURRENT, rows=_ROWS)
    context = multiprocessing.get_context("spawn")
    started, results = context.Event(), context.Queue()
    reader = context.Process(target=read_all_the_time, args=(few, _READS, started, results), daemon=True)
    reader.start()
    assert started.wait(timeout=120)

    number = 0
    while reader.is_alive() and results.empty():
        number += 1
        tiny.published(warehouse, tmp_path, number, channel=CURRENT, rows=_ROWS)
        warehouse.expire()
        (tmp_path / f"{CURRENT}-{number}.duckdb").unlink(missing_ok=True)

    found = results.get(timeout=60)
    reader.join(timeout=60)
    assert reader.exitcode == 0
    assert len(found) == _READS
    assert {(low == high == again, rows) for low, high, rows, again in found} == {(True, _ROWS)}
    values = [low for low, *_ in found]
    assert values == sorted(values)
    assert len(set(values)) > 5, "hardly anything was published meanwhile"
