"""Landing a source's files: bytes first, then their rows, the manifest last (see `lakehouse.landing`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from extractors.files.drop import Drop
from extractors.files.mapping import SourceMapping
from extractors.files.outcome import Load, parse_loads
from extractors.files.parse import ReadPart, read_part
from extractors.files.places import DropPath
from lakehouse.landing import (
    Landing,
    LoadRef,
    Manifest,
    Parsed,
    ParseRecord,
    PendingLoad,
    read_manifest,
    read_parts,
    unread,
    write_parse,
)
from lakehouse.objectstore import ObjectStore
from lakehouse.validation import Validator, accept_all
from lakehouse.windows import Window

_WORKERS = 8  # stores answer slowly (fsync, network), but answer many at once
_S = TypeVar("_S")
_T = TypeVar("_T")


@dataclass(frozen=True)
class LandResult:
    """What landing a window came to.

    Attributes:
        manifest: The load's manifest.
        unchanged: Whether the window already held exactly these bytes, so that nothing was added.
    """

    manifest: Manifest
    unchanged: bool


def land(
    mapping: SourceMapping,
    drop: DropPath,
    window: Window,
    *,
    store: ObjectStore,
    known_at: datetime,
    landed_at: datetime,
    run_id: str,
    validate: Validator = accept_all,
) -> LandResult:
    """Lands the files of one window.

    Args:
        mapping: The source.
        drop: Folder of its files, a single file, or `s3://bucket/prefix`.
        window: What to land; whole local days where files are daily.
        store: Where to.
        known_at: From when on the load counts as known.
        landed_at: The wall clock.
        run_id: The run that does it.
        validate: The raw contract beyond types, `expectations.raw.validate`.

    Raises:
        ContractError: If a file is missing, damaged, has other columns than agreed, or holds a card number.
        QuarantineLimitError: If more rows failed than the mapping allows; nothing becomes visible then.
    """
    parts = Drop(mapping, drop).parts(window)
    return _land(mapping, [Load(window, parts)], lambda _: known_at, store, landed_at, run_id, validate)[0]


def land_many(
    mapping: SourceMapping,
    drop: DropPath,
    windows: Sequence[Window],
    *,
    store: ObjectStore,
    landed_at: datetime,
    run_id: str,
    known_at: datetime | None = None,
    validate: Validator = accept_all,
) -> list[LandResult]:
    """Lands many windows as `land` would one after the other, but parses and validates them in one go.

    Args:
        mapping: The source.
        drop: Folder of its files, a single file, or `s3://bucket/prefix`.
        windows: What to land.
        store: Where to.
        landed_at: The wall clock.
        run_id: The run that does it.
        known_at: From when on the loads count as known; None: each from its window's end, as a backfill of
            history wants it.
        validate: The raw contract beyond types.

    Raises:
        ContractError: As `land`.
        QuarantineLimitError: As `land`, for any of the windows; none of them becomes visible then.
    """
    files = Drop(mapping, drop)
    batch = [Load(window, files.parts(window)) for window in windows]
    return _land(mapping, batch, lambda window: known_at or window.end, store, landed_at, run_id, validate)


def reparse(
    store: ObjectStore, mapping: SourceMapping, refs: Iterable[LoadRef], *, validate: Validator = accept_all
) -> list[ParseRecord]:
    """Reads landed bytes again under the mapping as it is now, beside what was read before.

    Raises:
        ObjectCorruptError: If bytes changed since they were landed.
        ContractError, QuarantineLimitError: As `land`; nothing is stored then.
    """
    manifests = _each(partial(read_manifest, store), list(refs))
    batch = _each(partial(_stored, store), manifests)
    read = [_read(mapping, load, screened=True) for load in batch]
    parsed = parse_loads(mapping, read, [load.window for load in batch], validate)
    write = partial(_write, store, mapping)
    return _each(write, list(zip(manifests, parsed, strict=True)))


def ensure_parsed(
    store: ObjectStore,
    mapping: SourceMapping,
    refs: Iterable[LoadRef] | None = None,
    *,
    validate: Validator = accept_all,
) -> list[ParseRecord]:
    """Reads again those loads that were never read under the mapping as it is now.

    Args:
        store: Where they lie.
        mapping: Their source.
        refs: Which loads; None: all of the source.
        validate: The raw contract beyond types.

    Returns:
        What was read again; empty where all was up to date.
    """
    stale = unread(store, mapping.name, mapping.stream, mapping.digest)
    if refs is not None:
        wanted = set(refs)
        stale = [ref for ref in stale if ref in wanted]
    return reparse(store, mapping, stale, validate=validate) if stale else []


def _land(
    mapping: SourceMapping,
    batch: Sequence[Load],
    known_at: Callable[[Window], datetime],
    store: ObjectStore,
    landed_at: datetime,
    run_id: str,
    validate: Validator,
) -> list[LandResult]:
    landing = Landing(store, mapping.name, mapping.stream, mapping.mode)
    # Reading comes before receiving for one reason only: see `cards`. It is in memory, and decides nothing else.
    read = [_read(mapping, load, screened=False) for load in batch]

    def receive(load: Load) -> PendingLoad:
        return landing.receive(load.window, load.parts, known_at=known_at(load.window))

    pending = _each(receive, batch)
    fresh = [number for number, one in enumerate(pending) if one.unchanged is None]
    parsed = parse_loads(
        mapping, [read[number] for number in fresh], [batch[number].window for number in fresh], validate
    )
    rows = dict(zip(fresh, parsed, strict=True))

    def commit(number: int) -> LandResult:
        one = pending[number]
        if one.unchanged is not None:
            return LandResult(one.unchanged, unchanged=True)
        manifest = landing.commit(one, rows[number], digest=mapping.digest, landed_at=landed_at, run_id=run_id)
        return LandResult(manifest, unchanged=False)

    results = _each(commit, range(len(pending)))
    if unchanged := [one.manifest.ref for one in results if one.unchanged]:
        ensure_parsed(store, mapping, unchanged, validate=validate)
    return results


def _stored(store: ObjectStore, manifest: Manifest) -> Load:
    return Load(manifest.window, list(read_parts(store, manifest)))


def _write(store: ObjectStore, mapping: SourceMapping, one: tuple[Manifest, Parsed]) -> ParseRecord:
    return write_parse(store, one[0].ref, one[1], mapping.digest, mode=mapping.mode)


def _each(call: Callable[[_S], _T], items: Sequence[_S]) -> list[_T]:
    """Calls side by side for every item; results in their order, the first error raised."""
    if len(items) < 2:
        return [call(item) for item in items]
    with ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="land") as pool:
        running = [pool.submit(call, item) for item in items]
        try:
            return [one.result() for one in running]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _read(mapping: SourceMapping, load: Load, *, screened: bool) -> list[ReadPart]:
    return [read_part(mapping, part, screened=screened) for part in load.parts]
