"""The oracle sees every difference that matters, and none that does not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from lakehouse.warehouse import Reader, Snapshot
from lakehouse.warehouse.duck import open_locked
from lakehouse.warehouse.oracle import Fingerprint, fingerprints
from tests.support import tiny

ROWS = [(1, "a", 1.5), (2, "b", None), (3, None, 0.0), (3, None, 0.0)]


def prints(folder: Path, rows: Sequence[tuple[object, ...]], run_id: str = "run") -> dict[str, Fingerprint]:
    folder.mkdir(exist_ok=True)
    path = folder / f"{len(list(folder.iterdir()))}.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create schema marts; create schema raw; create table raw.t as select 1 as a")
        con.execute("create table marts.t (n int, s varchar, d double, run_id varchar, load_id varchar)")
        con.execute("create table marts.empty (n int)")
        con.executemany("insert into marts.t values (?, ?, ?, ?, ?)", [[*row, run_id, run_id] for row in rows])
    snapshot = Snapshot(
        snapshot_id="s", as_of=tiny.DAY_ONE, run_id="r", digest="d", base_id=None, sha256="", size=0
    )  # fmt: skip
    con = open_locked(path)
    try:
        return fingerprints(Reader(con, snapshot))
    finally:
        con.close()


def test_every_table_of_the_schema_is_seen(tmp_path: Path) -> None:
    found = prints(tmp_path, ROWS)
    assert found.keys() == {"marts.t", "marts.empty"}
    assert found["marts.t"].row_count == len(ROWS)
    assert found["marts.empty"] == Fingerprint(0, 0)


def test_order_and_names_of_runs_do_not_matter(tmp_path: Path) -> None:
    assert prints(tmp_path, ROWS, "one") == prints(tmp_path, ROWS[::-1], "other")


@pytest.mark.parametrize(
    "rows",
    [
        ROWS[:-1],  # one fewer
        [*ROWS, (9, "z", 1.0)],  # one more
        [*ROWS[:2], (4, "c", 1.0), (4, "c", 1.0)],  # another pair: a xor of hashes would not see it
        [(1, "b", 1.5), (2, "a", None), *ROWS[2:]],  # values changed places
        [(1, None, 1.5), *ROWS[1:]],  # a value lost
        [(1, "a", 1.5000001), *ROWS[1:]],
    ],
)
def test_what_differs_is_seen(tmp_path: Path, rows: list[tuple[object, ...]]) -> None:
    assert prints(tmp_path, ROWS)["marts.t"] != prints(tmp_path, rows)["marts.t"]
