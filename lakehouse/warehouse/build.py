"""Build, audit, publish: a new file each time, beside the one that people read."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from lakehouse.errors import WindowError
from lakehouse.files import copy_file
from lakehouse.objectstore import open_store
from lakehouse.pseudonyms import key_fingerprint
from lakehouse.results import check_run_id
from lakehouse.runs import NodeRecord, RunRecord, latest_records, run_frames, write_record
from lakehouse.warehouse.duck import checkpoint_and_close, open_builder
from lakehouse.warehouse.loading import load_raw
from lakehouse.warehouse.snapshots import CORE, CURRENT, Candidate, Snapshot, Warehouse
from lakehouse.warehouse.transform import NodeResult, project_digest, require_success, run_dbt

if TYPE_CHECKING:
    from lakehouse.settings import Settings
    from lakehouse.sources import Source

log = logging.getLogger(__name__)

# One name for every build, of which there is one at a time: dbt keeps what it understood of the project, and begins
# anew, which takes longer than most builds' work, wherever its connection is told otherwise.
_FILE = "build.duckdb"
_LAYOUT = "4"  # raise it when the loader's tables change: every snapshot is then built from nothing


@dataclass(frozen=True)
class BuildRequest:
    """What to build.

    Attributes:
        as_of: The knowledge time: loads known later are not seen.
        run_id: The run, for people and for the `run_id` columns.
        sources: The declared sources.
        full_refresh: Build from nothing even where the last snapshot could be extended.

    Raises:
        WindowError: If `as_of` has no zone.
    """

    as_of: datetime
    run_id: str
    sources: Sequence[Source]
    full_refresh: bool = False

    def __post_init__(self) -> None:
        if self.as_of.tzinfo is None:
            raise WindowError(f"The knowledge time {self.as_of} names no time zone.", remedy="Pass an aware datetime.")
        object.__setattr__(self, "as_of", self.as_of.astimezone(UTC).replace(microsecond=0))


def build_core(settings: Settings, request: BuildRequest) -> Candidate:
    """Builds the sales marts as of a moment, extending the last snapshot where that is possible.

    Returns:
        The sealed candidate for the channel `core`; nothing that people read has changed.

    Raises:
        BuildError: If another build is running or a model failed.
        ContractError: If a load has no parse under its source's present mapping.
        ObjectCorruptError: If an object is not what its manifest says.
    """
    store = open_store(settings)
    warehouse = Warehouse(settings, store)
    key = settings.pseudonym_secret()
    digest = _digest(settings, key)
    check_run_id(request.run_id)
    began = time.monotonic()
    with warehouse.build_lock() as folder:
        base = None if request.full_refresh else _extendable(warehouse, digest)
        file = _stage(warehouse, folder, base)
        con = open_builder(file, settings)
        try:
            delta = load_raw(con, store, request.sources, as_of=request.as_of, key=key)
            _describe(con, request, settings)
        finally:
            checkpoint_and_close(con)
        log.info("raw tables: %d loads added, %d removed, %d as they were", delta.added, delta.removed, delta.unchanged)
        # views hold no data: those of the base, which the same project made, are as good as new ones
        unchanged = ["--exclude", "tag:report", "config.materialized:view"]
        selection = ["run", *unchanged] if base else ["build", "--exclude-resource-type", "test"]
        if not base:
            selection += ["--exclude-resource-type", "unit_test", "--exclude", "tag:report"]
        results = require_success(run_dbt(selection, file, settings, made_before=base is not None))
        nodes = _node_records(file, settings, results)
        sealed = warehouse.seal(
            file, channel=CORE, as_of=request.as_of, run_id=request.run_id, digest=digest, base=base
        )
    write_record(
        store,
        _built(sealed, nodes, time.monotonic() - began).model_copy(
            update={
                "loads_added": delta.added,
                "loads_removed": delta.removed,
                "loads_unchanged": delta.unchanged,
            }
        ),
    )
    return sealed


def build_reports(
    settings: Settings,
    *,
    core: Snapshot,
    run_id: str,
    tables: Mapping[str, pl.DataFrame],
    checks: pl.DataFrame,
) -> Candidate:
    """Adds model results and report tables to a core snapshot.

    Args:
        settings: The settings.
        core: The snapshot that the models read.
        run_id: The run.
        tables: The models' result tables by name.
        checks: The audit's checks: check_id, title, status, detail.

    Returns:
        The sealed candidate for the channel `current`.

    Raises:
        BuildError: If another build is running or a report table failed.
    """
    store = open_store(settings)
    warehouse = Warehouse(settings, store)
    check_run_id(run_id)
    began = time.monotonic()
    with warehouse.build_lock() as folder:
        file = _stage(warehouse, folder, core)
        con = open_builder(file, settings)
        try:
            con.execute("create schema if not exists models")
            for name, frame in sorted(tables.items()):
                stamped = frame.with_columns(
                    run_id=pl.lit(run_id), as_of=pl.lit(core.as_of.replace(tzinfo=None), pl.Datetime("us"))
                )
                con.register("incoming", stamped.to_arrow())
                con.execute(f"create or replace table models.{name} as from incoming")
                con.unregister("incoming")
            runs, nodes = run_frames(latest_records(store, as_of=core.as_of))
            for name, frame in {"checks": checks, "runs": runs, "run_nodes": nodes}.items():
                con.register("incoming", frame.to_arrow())
                con.execute(f"create or replace table raw.{name} as from incoming")
                con.unregister("incoming")
        finally:
            checkpoint_and_close(con)
        current = warehouse.published(CURRENT)
        made_before = current is not None and current.digest == core.digest
        results = require_success(run_dbt(["run", "--select", "tag:report"], file, settings, made_before=made_before))
        made = _node_records(file, settings, results)
        sealed = warehouse.seal(file, channel=CURRENT, as_of=core.as_of, run_id=run_id, digest=core.digest, base=core)
    took = [
        NodeRecord(node_kind="result", node_name=name, status="success", row_count=frame.height)
        for name, frame in sorted(tables.items())
    ]
    write_record(store, _built(sealed, [*made, *took], time.monotonic() - began))
    return sealed


def run_audit_tests(settings: Settings, candidate: Candidate) -> list[NodeResult]:
    """Runs the dbt tests that belong to a candidate's tables, on a copy of it.

    Returns:
        One result per test; deciding what a failure means is the audit's business.
    """
    warehouse = Warehouse(settings, open_store(settings))
    with warehouse.build_lock() as folder:
        copy = folder / _FILE
        copy_file(warehouse.store.fetch(candidate.candidate_key, sha256=candidate.sha256), copy)
        copy.chmod(0o644)
        selected = ["--exclude", "tag:report"] if candidate.channel == CORE else ["--select", "tag:report"]
        try:
            return run_dbt(["test", *selected, "--exclude-resource-type", "unit_test"], copy, settings)
        finally:
            copy.unlink(missing_ok=True)


def _node_records(file: Path, settings: Settings, results: Sequence[NodeResult]) -> list[NodeRecord]:
    """What dbt made, with each table's rows; leaves the file checkpointed and closed."""
    con = open_builder(file, settings)
    try:
        rows = _row_counts(con)
    finally:
        checkpoint_and_close(con)
    return [
        NodeRecord(
            node_kind=node.kind, node_name=node.name, status=node.status, seconds=node.seconds,
            row_count=rows.get(node.name),
        )
        for node in results
    ]  # fmt: skip


def _row_counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The rows of every table that dbt makes, in one query."""
    tables = con.execute(
        "select schema_name, table_name from duckdb_tables() where schema_name not in ('raw', 'models') order by all"
    ).fetchall()
    counts = [f"select '{name}', count(*) from {schema}.{name}" for schema, name in tables]
    return dict(con.execute(" union all ".join(counts)).fetchall()) if counts else {}


def _built(sealed: Candidate, nodes: Sequence[NodeRecord], seconds: float) -> RunRecord:
    return RunRecord(
        run_id=sealed.run_id,
        channel=sealed.channel,
        step="build",
        as_of=sealed.as_of,
        snapshot_id=sealed.snapshot_id,
        base_snapshot_id=sealed.base_id,
        seconds=round(seconds, 3),
        nodes=tuple(nodes),
    )


def _digest(settings: Settings, key: bytes) -> str:
    parts = (_LAYOUT, project_digest(), key_fingerprint(key), settings.shop_time_zone, settings.shop_currency)
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:12]


def _describe(con: duckdb.DuckDBPyConnection, request: BuildRequest, settings: Settings) -> None:
    """Leaves in the build what SQL needs to know of it; dbt's variables would be an injection path."""
    con.execute(
        "create or replace table raw.build (run_id varchar, as_of timestamp, shop_time_zone varchar, "
        "shop_currency varchar)"
    )
    as_of = request.as_of.replace(tzinfo=None)
    con.execute(
        "insert into raw.build values (?, ?, ?, ?)",
        [request.run_id, as_of, settings.shop_time_zone, settings.shop_currency],
    )


def _extendable(warehouse: Warehouse, digest: str) -> Snapshot | None:
    """The published core snapshot, if it was made by the same code with the same key."""
    base = warehouse.published(CORE)
    return base if base is not None and base.digest == digest else None


def _stage(warehouse: Warehouse, folder: Path, base: Snapshot | None) -> Path:
    """A writable copy of the base, or a path for a new file. Never a hard link: writes would show in the original."""
    file = folder / _FILE
    if base is not None:
        copy_file(warehouse.path(base), file)
        file.chmod(0o644)
    return file
