"""The extraction: pages into the store one by one, then read, checked, and made visible all at once."""

from __future__ import annotations

import hashlib
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl

from extractors.api.connector import Connector, Page, Parsing, Request, Resource
from extractors.api.errors import ExpiredCursorError, IncompleteError
from extractors.api.rows import merged
from lakehouse.errors import (
    ConfigError,
    ContractError,
    ObjectCorruptError,
    ObjectNotFoundError,
    QuarantineLimitError,
    WindowError,
)
from lakehouse.landing import (
    RESUMABLE,
    Manifest,
    PagedLanding,
    Parsed,
    RawFile,
    RawPart,
    StoredPart,
    known_records,
    landed_rows,
    part_files,
)
from lakehouse.objectstore import ObjectStore
from lakehouse.sources import LoadMode, Source
from lakehouse.streams import ORIGIN, QUARANTINE_SCHEMA
from lakehouse.streams import stream as find_stream
from lakehouse.validation import Validator, accept_all
from lakehouse.windows import Window

_LOG = logging.getLogger(__name__)
_KEY = list(ORIGIN)
_SHOWN = 5
_BATCH = 20_000  # rows that are checked at once: a page at a time, checking would take longer than fetching


@dataclass(frozen=True)
class Limit:
    """When failed records stop a load instead of being set aside.

    Attributes:
        max_share: Greatest share of a load's records that may fail.
        allow_records: So many may fail whatever their share, as long as others are good.
    """

    max_share: float = 0.01
    allow_records: int = 0


@dataclass(frozen=True)
class Job:
    """What to extract, and how it is to be known afterwards.

    Attributes:
        source: What the platform knows of the resource.
        resource: What the connector says of it.
        window: Which time, half-open, UTC.
        known_at: From when on the load counts as known.
        landed_at: The wall clock, read by whoever started this.
        run_id: The run.
        api_version: The version of the vendor's interface.
        options: The source's configuration as text, without secrets: an extraction that was interrupted under another
            one is not resumed.
        siblings: The source's other resources by name: what a sweep compares with.
        limit: How many records may fail.
        validate: The raw contract beyond types.
        progress: Told how many records came so far.
    """

    source: Source
    resource: Resource
    window: Window
    known_at: datetime
    landed_at: datetime
    run_id: str
    api_version: str
    options: str = ""
    siblings: Mapping[str, Source] = field(default_factory=dict)
    limit: Limit = field(default_factory=Limit)
    validate: Validator = accept_all
    progress: Callable[[int], None] = lambda _: None


@dataclass(frozen=True)
class Extracted:
    """What an extraction came to.

    Attributes:
        manifest: The load's manifest.
        unchanged: Whether exactly these pages were there before, so that nothing was added.
        resumed_after: How many pages an earlier, interrupted run had stored.
    """

    manifest: Manifest
    unchanged: bool
    resumed_after: int


def extract(connector: Connector, job: Job, *, store: ObjectStore, scratch: Path) -> Extracted:
    """Extracts one window of one resource; an interrupted extraction goes on from its last page.

    Args:
        connector: The vendor.
        job: What to extract.
        store: Where to.
        scratch: Folder for temporary files; made where it is missing.

    Raises:
        ApiError: If the vendor refuses or cannot be reached. Pages that were stored stay stored.
        IncompleteError: If the records are not as many as the vendor said; the next run begins again.
        ContractError: If the connector gives a page after its last one.
        ObjectCorruptError, ObjectNotFoundError: If a stored page changed or is gone; the next run begins again.
        QuarantineLimitError: If more records failed than may; nothing becomes visible then.
        WindowError: If the job's moments name no time zone.
    """
    if job.known_at.tzinfo is None or job.landed_at.tzinfo is None:
        raise WindowError(
            f"The moments {job.known_at} and {job.landed_at} need a time zone.", remedy="Pass aware datetimes."
        )
    scratch.mkdir(parents=True, exist_ok=True)
    landing = PagedLanding(
        store, job.source, job.window, fingerprint=_fingerprint(job), now=job.landed_at, scratch=scratch
    )
    resumed_after = len(landing.checkpoint.parts)
    spool = _spool(job, scratch)
    with tempfile.TemporaryDirectory(dir=scratch, prefix="extract-") as folder:
        _fetch(connector, job, landing, store, Path(folder), spool)

        def parse(parts: Iterable[StoredPart]) -> Iterator[Parsed]:
            return _parsed(connector, job, part_files(store, parts, Path(folder)), landing.checkpoint.reported)

        try:
            manifest, unchanged = landing.commit(
                parse,
                known_at=job.known_at,
                landed_at=job.landed_at,
                run_id=job.run_id,
                api_version=job.api_version,
            )
        except (IncompleteError, ObjectCorruptError, ObjectNotFoundError):
            landing.restart()
            shutil.rmtree(spool, ignore_errors=True)
            raise
    shutil.rmtree(spool, ignore_errors=True)
    return Extracted(manifest, unchanged, resumed_after)


def read_again(
    connector: Connector, job: Job, parts: Iterable[StoredPart], *, store: ObjectStore, scratch: Path
) -> Iterator[Parsed]:
    """Reads stored pages under the connector as it is now; see `lakehouse.landing.write_parse`."""
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch, prefix="reparse-") as folder:
        yield from _parsed(connector, job, part_files(store, parts, Path(folder)), None)


def _spool(job: Job, scratch: Path) -> Path:
    """What a killed run left on this machine counts for a run of the same thing alone, and as long as its pages do."""
    spool = scratch / "spool" / f"{job.source.name}-{job.source.stream}-{job.window.key}-{_fingerprint(job)}"
    if spool.exists() and job.landed_at.timestamp() - spool.stat().st_mtime > RESUMABLE.total_seconds():
        shutil.rmtree(spool, ignore_errors=True)
    return spool


def _fetch(
    connector: Connector, job: Job, landing: PagedLanding, store: ObjectStore, folder: Path, spool: Path
) -> None:
    checkpoint = landing.checkpoint
    if checkpoint.is_finished:
        return
    if checkpoint.parts and checkpoint.cursor is None:  # killed between the last page and the word that it was the last
        landing.finish()
        return
    try:
        _fetch_pages(connector, job, landing, store, folder, spool)
    except ExpiredCursorError as error:
        _LOG.warning("%s/%s begins again: %s", job.source.name, job.resource.name, error.message)
        landing.restart()
        shutil.rmtree(spool, ignore_errors=True)
        _fetch_pages(connector, job, landing, store, folder, spool)
    except (IncompleteError, ContractError):
        landing.restart()
        shutil.rmtree(spool, ignore_errors=True)
        raise


def _fetch_pages(
    connector: Connector, job: Job, landing: PagedLanding, store: ObjectStore, folder: Path, spool: Path
) -> None:
    request = Request(
        window=job.window,
        since=job.window.start - job.resource.overlap,
        now=job.landed_at,
        scratch=folder,
        cursor=landing.checkpoint.cursor,
        known=lambda name: _known(store, job, name),
        landed=lambda table, columns, last: landed_rows(store, job.source, table, columns, last=last),
        stored=lambda: part_files(store, landing.checkpoint.parts, folder),
        spool=spool,
        note=landing.note,
        noted=landing.checkpoint.note,
        progress=job.progress,
    )
    is_last = False
    for page in connector.fetch(job.resource.name, request):
        if is_last:  # a run killed between the two would take the load for whole
            raise ContractError(
                f"{job.source.name}/{job.resource.name}: the page {page.name} came after one without a cursor.",
                remedy="Correct the connector: only its last page has no cursor.",
            )
        is_last = page.cursor is None
        landing.add(_as_part(page), cursor=page.cursor, reported=page.reported)
        if isinstance(page.body, Path):
            page.body.unlink(missing_ok=True)
    landing.finish()


def _as_part(page: Page) -> RawPart | RawFile:
    if isinstance(page.body, Path):
        return RawFile(page.name, page.body, page.meta)
    return RawPart(page.name, page.body, page.meta)


def _known(store: ObjectStore, job: Job, name: str) -> pl.DataFrame:
    if name not in job.siblings:
        raise ConfigError(
            f"{job.source.name}: {job.resource.name} compares with {name}, which is not extracted.",
            remedy=f"Declare {name} among the source's resources as well.",
        )
    deleted_by = [one for one in job.siblings.values() if "deletions" in one.tables]
    return known_records(store, job.siblings[name], deleted_by)


def _fingerprint(job: Job) -> str:
    """What a checkpoint is of: under another version, overlap or configuration a cursor means something else."""
    told = "|".join([job.api_version, str(job.resource.overlap), job.resource.mode.value, job.options])
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _parsed(connector: Connector, job: Job, parts: Iterable[RawFile], reported: int | None) -> Iterator[Parsed]:
    """The batches of a load, held to the raw contract; the last word is whether all of it may count."""
    received = failed = landed = 0
    reasons: list[pl.DataFrame] = []
    for parsing in _batches(connector.parse(job.resource.name, parts)):
        held = _held(job, parsing)
        received, failed = received + held.received, failed + held.quarantined.height
        good = held.received - held.deduplicated - held.quarantined.height
        landed += good
        reasons.append(_counted(held.quarantined))
        main = job.source.tables[0]
        yield Parsed(
            rows=held.tables.get(main, pl.DataFrame(schema=find_stream(main).landed_schema)),
            quarantined=held.quarantined,
            received=held.received,
            deduplicated=held.deduplicated,
            rows_by_part=(held.received,),
            landed=good,
            others={name: rows for name, rows in held.tables.items() if name != main},
        )
    if reported is not None and received != reported:
        raise IncompleteError(
            f"{job.source.name}/{job.resource.name}, {job.window}: {received} records came, {reported} were announced.",
            remedy="Nothing of it became visible. Run it again: it begins anew.",
        )
    _check_limit(job, received, failed, landed, reasons)


def _batches(parsings: Iterable[Parsing]) -> Iterator[Parsing]:
    """Small parsings put together, large ones as they are."""
    waiting: list[Parsing] = []
    height = 0
    for parsing in parsings:
        waiting.append(parsing)
        height += sum(rows.height for rows in parsing.tables.values()) + parsing.quarantined.height
        if height >= _BATCH:
            yield merged(waiting)
            waiting, height = [], 0
    if waiting:
        yield merged(waiting)


def _held(job: Job, parsing: Parsing) -> Parsing:
    """A parsing without the records of which any row breaks the raw contract; those are quarantined whole."""
    window = job.window if job.source.mode is LoadMode.WINDOW else None
    failed = [_failures(job, name, rows, window) for name, rows in parsing.tables.items() if rows.height]
    broken = pl.concat([pl.DataFrame(schema=QUARANTINE_SCHEMA), *failed]).unique(
        _KEY, keep="first", maintain_order=True
    )
    if broken.is_empty():
        return parsing
    return Parsing(
        tables={
            name: rows.join(broken, on=_KEY, how="anti", maintain_order="left") for name, rows in parsing.tables.items()
        },
        received=parsing.received,
        deduplicated=parsing.deduplicated,
        quarantined=pl.concat([parsing.quarantined, broken]).sort(_KEY),
    )


def _failures(job: Job, name: str, rows: pl.DataFrame, window: Window | None) -> pl.DataFrame:
    stream = find_stream(name)
    outcome = job.validate(
        rows.select(stream.landed_schema.names()),
        stream,
        source=f"{job.source.name}-{job.resource.name}",
        window=window,
    )
    if outcome.success:
        return pl.DataFrame(schema=QUARANTINE_SCHEMA)
    numbered = rows.select(_KEY).with_row_index("row_index").cast({"row_index": pl.Int64})
    found = outcome.failures.join(numbered, on="row_index", how="inner", maintain_order="left")
    # the record itself stays in the raw part, where its origin points
    return found.select(*_KEY, "column_name", "reason", pl.lit(None, pl.String).alias("record"))


def _counted(quarantined: pl.DataFrame) -> pl.DataFrame:
    """How often each reason came, and where first: all of a bad day's records would not fit into memory."""
    return quarantined.group_by("column_name", "reason", maintain_order=True).agg(pl.len(), pl.col(_KEY).first())


def _check_limit(job: Job, received: int, failed: int, landed: int, reasons: list[pl.DataFrame]) -> None:
    if not failed:
        return
    limit = job.limit
    if (failed <= limit.allow_records or failed <= limit.max_share * received) and landed:
        return
    each = pl.concat(reasons).group_by("column_name", "reason", maintain_order=True)
    worst = each.agg(pl.col("len").sum(), pl.col(_KEY).first())
    shown = worst.sort(["len", "reason"], descending=[True, False]).head(_SHOWN)
    words = "; ".join(
        f"{row['len']} × {row['column_name']} {row['reason']} (first: {row['source_file']}, record {row['source_row']})"
        for row in shown.iter_rows(named=True)
    )
    raise QuarantineLimitError(
        f"{job.source.name}/{job.resource.name}, {job.window}: {failed} of {received} records failed, and at most "
        f"{limit.max_share:.1%} may: {words}.",
        remedy="Nothing of it became visible, and its pages are stored. If the vendor changed its answers, the "
        "connector needs a change; if these records are to be set aside, raise the source's `quarantine`.",
    )
