"""Records of runs come back as they were left, and only those of runs that knew no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.runs import NODES, RUNS, NodeRecord, RunRecord, latest_records, run_frames, write_record

_DAY = datetime(2025, 3, 1, tzinfo=UTC)


def _record(day: int, *, run_id: str = "", channel: str = "core") -> RunRecord:
    return RunRecord(
        run_id=run_id or f"day-{day}",
        channel=channel,
        step="build",
        as_of=_DAY + timedelta(days=day),
        snapshot_id="one",
        loads_added=day,
        seconds=1.5,
        nodes=(NodeRecord(node_kind="model", node_name="fct_order", status="success", row_count=day, seconds=0.1),),
    )


def test_the_latest_runs_that_knew_no_more_are_read_in_order(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    for day in (3, 1, 4, 2):
        write_record(store, _record(day))
    store.put("runs/day-1/checks-core.json", b"[]")
    found = latest_records(store, as_of=_DAY + timedelta(days=3), runs=2)
    assert found == [_record(2), _record(3)]


def test_a_rerun_replaces_its_record_and_channels_are_apart(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    for channel in ("core", "core", "current"):
        write_record(store, _record(1, channel=channel))
    runs, nodes = run_frames(latest_records(store, as_of=_DAY + timedelta(days=9)))
    assert runs["channel"].to_list() == ["core", "current"]
    assert nodes.select("run_id", "node_name", "row_count").rows() == [("day-1", "fct_order", 1)] * 2
    assert runs["as_of"].to_list() == [datetime(2025, 3, 2)] * 2  # noqa: DTZ001 -- DuckDB's TIMESTAMP has no zone


def test_without_records_the_tables_are_there_and_empty(tmp_path: Path) -> None:
    runs, nodes = run_frames(latest_records(DirectoryStore(tmp_path), as_of=_DAY))
    assert (runs.schema, nodes.schema) == (RUNS, NODES)
    assert runs.height == nodes.height == 0
