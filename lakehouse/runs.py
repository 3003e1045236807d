"""What runs did: each build and audit leaves a record in object storage, and the report build takes in the latest.

runs/<run id>/<step>-<channel>-<as of>.json
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict

from lakehouse.objectstore import ObjectStore
from lakehouse.results import check_run_id

Step = Literal["build", "audit"]
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_KEY: Final = re.compile(r"^runs/(?P<run>[^/]+)/(?:build|audit)-[a-z]+-(?P<stamp>\d{8}T\d{6}Z)\.json$")
_RUNS_KEPT: Final = 30  # in a snapshot; in object storage all of them are
_INSTANT: Final = pl.Datetime("us")
_Columns = dict[str, pl.DataType | type[pl.DataType]]
_RUN_COLUMNS: Final[_Columns] = {
    "run_id": pl.String, "channel": pl.String, "step": pl.String, "snapshot_id": pl.String,
    "base_snapshot_id": pl.String, "loads_added": pl.Int64, "loads_removed": pl.Int64, "loads_unchanged": pl.Int64,
    "seconds": pl.Float64, "as_of": _INSTANT,
}  # fmt: skip
_NODE_COLUMNS: Final[_Columns] = {
    "run_id": pl.String, "channel": pl.String, "step": pl.String, "node_kind": pl.String, "node_name": pl.String,
    "title": pl.String, "status": pl.String, "detail": pl.String, "row_count": pl.Int64,
    "failure_count": pl.Int64, "seconds": pl.Float64, "as_of": _INSTANT,
}  # fmt: skip
RUNS: Final = pl.Schema(_RUN_COLUMNS)
NODES: Final = pl.Schema(_NODE_COLUMNS)


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NodeRecord(_Model):
    """One thing that a run made or tested.

    Attributes:
        node_kind: model, seed, test, expectation, or result for a table of models_ml.
        node_name: Its name.
        title: For people, of a check.
        status: success, pass, warn, fail, error or skipped.
        detail: What was seen, of a check that did not pass.
        row_count: Rows of the table, where it is one.
        failure_count: Failing rows, of a test.
        seconds: How long it took, where that is known.
    """

    node_kind: str
    node_name: str
    title: str = ""
    status: str
    detail: str = ""
    row_count: int | None = None
    failure_count: int = 0
    seconds: float | None = None


class RunRecord(_Model):
    """A run's build or audit of one channel.

    Attributes:
        run_id: The run.
        channel: core or current.
        step: build or audit.
        as_of: The knowledge time.
        snapshot_id: What was built or audited.
        base_snapshot_id: What the build extended; None: it began from nothing.
        loads_added: Loads that the build took in, of a core build.
        loads_removed: Loads that it took out.
        loads_unchanged: Loads that were as they are.
        seconds: How long all of it took.
        nodes: What it made or tested.
    """

    run_id: str
    channel: str
    step: Step
    as_of: datetime
    snapshot_id: str
    base_snapshot_id: str | None = None
    loads_added: int | None = None
    loads_removed: int | None = None
    loads_unchanged: int | None = None
    seconds: float
    nodes: tuple[NodeRecord, ...] = ()


def write_record(store: ObjectStore, record: RunRecord) -> None:
    """Stores a record; a rerun of the same run replaces it."""
    name = f"{record.step}-{record.channel}-{record.as_of:{_STAMP}}"
    key = f"runs/{check_run_id(record.run_id)}/{name}.json"
    store.put(key, record.model_dump_json(indent=1, exclude_defaults=True).encode())


def latest_records(store: ObjectStore, *, as_of: datetime, runs: int = _RUNS_KEPT) -> list[RunRecord]:
    """The records of the latest runs whose knowledge is not later than a moment, the oldest first.

    Args:
        store: Where they are.
        as_of: The moment.
        runs: Of how many runs at most.
    """
    stamp = f"{as_of:{_STAMP}}"
    found = [(match["stamp"], match["run"], match[0]) for match in _keys(store) if match["stamp"] <= stamp]
    newest = sorted({(at, run) for at, run, _ in found})[-runs:]
    chosen = [key for at, run, key in sorted(found) if (at, run) in set(newest)]
    with ThreadPoolExecutor(max_workers=8) as pool:
        return [RunRecord.model_validate_json(data) for data in pool.map(store.get, chosen)]


def run_frames(records: Sequence[RunRecord]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Records as two tables: the runs, and what each of them made or tested."""
    runs = [{**record.model_dump(exclude={"nodes"}), "as_of": _naive(record)} for record in records]
    nodes = [{**_of(record), **node.model_dump()} for record in records for node in record.nodes]
    return _frame(runs, RUNS), _frame(nodes, NODES)


def _keys(store: ObjectStore) -> Iterable[re.Match[str]]:
    return (match for info in store.list("runs/") if (match := _KEY.match(info.key)))


def _of(record: RunRecord) -> dict[str, object]:
    return {"run_id": record.run_id, "channel": record.channel, "step": record.step, "as_of": _naive(record)}


def _naive(record: RunRecord) -> datetime:
    return record.as_of.replace(tzinfo=None)


def _frame(rows: Sequence[dict[str, object]], schema: pl.Schema) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=schema, orient="row")
