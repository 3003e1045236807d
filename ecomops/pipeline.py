"""The day's work, step by step: what the DAGs, the command line and the demo all call.

Every step takes the settings and names (a window, a snapshot, a run) and gives back names; data pass
through object storage and warehouse snapshots, so a step may run on any worker that reaches them.
"""

from __future__ import annotations

import functools
import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from ecomops import extraction
from ecomops.model_runs import MODELS, model_tables, run_model
from expectations.audit import audit as expectations_audit
from expectations.raw import validate
from extractors import files
from lakehouse.errors import AuditError
from lakehouse.landing import LoadRef, expire_pages, live_loads, loads
from lakehouse.objectstore import open_store
from lakehouse.results import check_run_id
from lakehouse.runs import NodeRecord, RunRecord, write_record
from lakehouse.validation import Validator
from lakehouse.warehouse import (
    CORE,
    BuildRequest,
    Candidate,
    Warehouse,
    build_core,
    build_reports,
    open_candidate,
    open_reader,
    run_audit_tests,
)
from lakehouse.warehouse.transform import NodeResult
from lakehouse.windows import Window

if TYPE_CHECKING:
    from lakehouse.settings import Settings
    from lakehouse.sources import Source

log = logging.getLogger(__name__)

_PAGES_KEPT_DAYS = 14  # those of an extraction that never ended, for whoever looks into it
_CHECKS_SCHEMA = pl.Schema({"check_id": pl.String, "title": pl.String, "status": pl.String, "detail": pl.String})


@dataclass(frozen=True)
class LandSummary:
    """What landing came to, in numbers.

    Attributes:
        loads: Loads that now stand for the windows.
        unchanged: Of these, loads that were there before.
        rows: Records received, landed, deduplicated and quarantined.
    """

    loads: int
    unchanged: int
    rows: Mapping[str, int]


def land(
    settings: Settings,
    source: str,
    drop: Path,
    windows: Sequence[Window],
    *,
    landed_at: datetime,
    run_id: str,
    known_at: datetime | None = None,
) -> LandSummary:
    """Lands a file source's windows.

    Args:
        settings: Where to.
        source: Name of the mapping.
        drop: Folder or file of the exports.
        windows: What to land.
        landed_at: The wall clock, read by whoever started this.
        run_id: The run.
        known_at: From when on the loads count as known; None declares history: each from its window's end.

    Raises:
        ContractError: If a file is missing, damaged or laid out differently.
        QuarantineLimitError: If more rows fail than the mapping allows.
    """
    results = files.land_many(
        files.find(source, settings.mappings),
        drop,
        windows,
        store=open_store(settings),
        landed_at=landed_at,
        run_id=run_id,
        known_at=known_at,
        validate=_validator(settings),
    )
    counts = [result.manifest.counts for result in results]
    return LandSummary(
        loads=len(results),
        unchanged=sum(result.unchanged for result in results),
        rows={
            name: sum(getattr(count, name) for count in counts)
            for name in ("received", "landed", "deduplicated", "quarantined")
        },
    )


def reparse(settings: Settings, source: str) -> int:
    """Reads again what a changed mapping or connector made stale; returns how many loads that were."""
    if source in {one.name for one in extraction.declared_api_sources(settings)}:
        return extraction.reparse(settings, [source])
    mapping = files.find(source, settings.mappings)
    return len(files.ensure_parsed(open_store(settings), mapping, validate=_validator(settings)))


def declared_sources(settings: Settings) -> list[Source]:
    """Every source that a mapping declares, and every resource of those that are asked over a network."""
    mapped = [mapping.source() for mapping in files.declared(settings.mappings)]
    return [*mapped, *extraction.declared_api_sources(settings)]


def late_windows(settings: Settings, window: Window) -> list[str]:
    """The sources that should have landed the window and have not, by name.

    Only sources that have landed something before are waited for: a declared source that nobody uses is not late.
    """
    store = open_store(settings)
    late = []
    for source in declared_sources(settings):
        refs = list(loads(store, source.name, source.stream)) if source.expects_every_window else []
        if refs and not _covers(refs, window):
            late.append(source.name)
    return sorted(set(late))


def _covers(refs: Sequence[LoadRef], window: Window) -> bool:
    live = live_loads(refs, as_of=max(ref.known_at for ref in refs))
    stretches = sorted(segment for load in live for segment in load.segments)
    reached = window.start
    for stretch in stretches:
        if stretch.start <= reached:
            reached = max(reached, stretch.end)
    return reached >= window.end


def build(settings: Settings, *, as_of: datetime, run_id: str, full_refresh: bool = False) -> str:
    """Builds the core warehouse as of a moment; returns the candidate's name."""
    for mapping in files.declared(settings.mappings):
        reread = files.ensure_parsed(open_store(settings), mapping, validate=_validator(settings))
        if reread:
            log.info("%s: %d loads read again under a changed mapping", mapping.name, len(reread))
    if reread_pages := extraction.reparse(settings):
        log.info("%d loads read again under a changed connector", reread_pages)
    request = BuildRequest(
        as_of=as_of, run_id=check_run_id(run_id), sources=declared_sources(settings), full_refresh=full_refresh
    )
    return build_core(settings, request).snapshot_id


def audit(settings: Settings, candidate_id: str) -> str:
    """Runs dbt's tests and the expectations on a candidate; returns its name.

    Raises:
        AuditError: Naming the checks that failed. The published warehouse is as it was.
    """
    warehouse = Warehouse(settings, open_store(settings))
    candidate = warehouse.candidate(candidate_id)
    began = time.monotonic()
    tests = run_audit_tests(settings, candidate)
    checks = [*_test_checks(tests), *_expectation_checks(settings, warehouse, candidate)]
    frame = pl.DataFrame(checks, schema=_CHECKS_SCHEMA)
    warehouse.store.put(_checks_key(candidate.run_id, candidate.channel), frame.write_json().encode())
    write_record(warehouse.store, _audited(candidate, checks, tests, time.monotonic() - began))
    failed = [check for check in checks if check["status"] == "fail"]
    if failed:
        words = "; ".join(f"{check['check_id']} ({check['detail']})" for check in failed[:5])
        raise AuditError(
            f"{len(failed)} of {len(checks)} checks failed on {candidate_id}: {words}.",
            remedy="The published warehouse is as it was. Correct the data or the model, then close the day again.",
        )
    warehouse.mark_audited(candidate)
    log.info("%d checks passed on %s", len(checks), candidate_id)
    return candidate_id


def publish(settings: Settings, candidate_id: str) -> str:
    """Publishes an audited candidate to its channel; returns the snapshot's name, which is the candidate's.

    May be repeated: what a killed run had published already is published.
    """
    warehouse = Warehouse(settings, open_store(settings))
    if not warehouse.is_published(candidate_id):
        warehouse.publish(warehouse.candidate(candidate_id))
    warehouse.expire(keep=[candidate_id])
    return candidate_id


def report_tables(settings: Settings, *, snapshot_id: str, run_id: str) -> str:
    """Adds the models' results and the report tables to a core snapshot; returns the candidate's name."""
    store = open_store(settings)
    core = Warehouse(settings, store).snapshot(snapshot_id)
    tables = model_tables(store, as_of=core.as_of, run_id=run_id)
    checks = pl.DataFrame(json.loads(store.get(_checks_key(core.run_id, CORE))), schema=_CHECKS_SCHEMA)
    return build_reports(settings, core=core, run_id=check_run_id(run_id), tables=tables, checks=checks).snapshot_id


def close(settings: Settings, *, as_of: datetime, run_id: str, full_refresh: bool = False) -> str:
    """All steps of a day's close, one after the other; returns the published snapshot's name."""
    core = publish(settings, audit(settings, build(settings, as_of=as_of, run_id=run_id, full_refresh=full_refresh)))
    for model in MODELS:
        run_model(settings, model, snapshot_id=core, run_id=run_id)
    return publish(settings, audit(settings, report_tables(settings, snapshot_id=core, run_id=run_id)))


def care(settings: Settings, *, now: datetime) -> list[str]:
    """Expires old snapshots, abandoned candidates, and pages of extractions that never ended; returns what went.

    Args:
        settings: Where they are.
        now: The wall clock, read by whoever started this.
    """
    store = open_store(settings)
    warehouse = Warehouse(settings, store)
    return [*warehouse.expire(), *warehouse.expire_debris(), *expire_pages(store, _PAGES_KEPT_DAYS, now)]


def _validator(settings: Settings) -> Validator:
    """The raw contract, its results kept with these settings."""
    return functools.partial(validate, keep_in=settings.var / "gx" / "results")


def _checks_key(run_id: str, channel: str) -> str:
    return f"runs/{check_run_id(run_id)}/checks-{channel}.json"


def _audited(
    candidate: Candidate, checks: Sequence[Mapping[str, str]], tests: Sequence[NodeResult], seconds: float
) -> RunRecord:
    known = {f"dbt.{node.name}": node for node in tests}
    return RunRecord(
        run_id=candidate.run_id,
        channel=candidate.channel,
        step="audit",
        as_of=candidate.as_of,
        snapshot_id=candidate.snapshot_id,
        base_snapshot_id=candidate.base_id,
        seconds=round(seconds, 3),
        nodes=tuple(_check_record(check, known.get(check["check_id"])) for check in checks),
    )


def _check_record(check: Mapping[str, str], node: NodeResult | None) -> NodeRecord:
    return NodeRecord(
        node_kind="test" if node else "expectation",
        node_name=check["check_id"],
        title=check["title"],
        status=check["status"],
        detail=check["detail"],
        failure_count=node.failures if node else 0,
        seconds=node.seconds if node else None,
    )


def _test_checks(results: Sequence[NodeResult]) -> list[dict[str, str]]:
    words = {"pass": "pass", "warn": "warn"}
    return [
        {
            "check_id": f"dbt.{node.name}",
            "title": node.name.replace("_", " "),
            "status": words.get(node.status, "fail"),
            "detail": "" if node.status == "pass" else f"{node.failures} rows; {node.message}".strip("; "),
        }
        for node in results
    ]


def _expectation_checks(settings: Settings, warehouse: Warehouse, candidate: Candidate) -> list[dict[str, str]]:
    if candidate.channel != CORE:
        return []
    base = warehouse.published(CORE)
    folder = settings.var / "gx" / "results"
    with open_candidate(settings, candidate) as reader:
        if base is None or base.as_of > candidate.as_of:  # a re-made past day may well have less than today
            report = expectations_audit(reader.frame, as_of=candidate.as_of, keep_in=folder)
        else:
            with open_reader(settings, snapshot_id=base.snapshot_id) as published:
                report = expectations_audit(reader.frame, as_of=candidate.as_of, base=published.frame, keep_in=folder)
    return [
        {"check_id": f"gx.{check.check_id}", "title": check.title, "status": check.status, "detail": check.detail}
        for check in report.checks
    ]
