"""Tiny warehouse files, for what needs a warehouse and not its contents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from lakehouse.warehouse import CORE, Candidate, Snapshot, Warehouse

DAY_ONE = datetime(2011, 12, 2, tzinfo=UTC)


def file(path: Path, value: int = 1, rows: int = 3) -> Path:
    """A closed DuckDB file whose marts.t holds one value, over and over."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as con:
        con.execute("create schema marts; create schema raw; create schema staging")
        con.execute(f"create table marts.t as select {value} as a, i as b, 'run' as run_id from range({rows}) r(i)")
    return path


def sealed(
    warehouse: Warehouse,
    folder: Path,
    number: int = 0,
    *,
    channel: str = CORE,
    base: Snapshot | None = None,
    rows: int = 3,
) -> Candidate:
    """A candidate as of so many days after the first, holding that number."""
    return warehouse.seal(
        file(folder / f"{channel}-{number}.duckdb", number, rows),
        channel=channel,
        as_of=DAY_ONE + timedelta(days=number),
        run_id=f"run-{number}",
        digest="0123456789ab",
        base=base,
    )


def published(warehouse: Warehouse, folder: Path, number: int = 0, *, channel: str = CORE, rows: int = 3) -> Snapshot:
    """The same, audited and published."""
    return warehouse.publish(warehouse.mark_audited(sealed(warehouse, folder, number, channel=channel, rows=rows)))
