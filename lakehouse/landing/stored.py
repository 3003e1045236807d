"""What lies in object storage of a load: its manifest, its bytes, and every reading of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import polars as pl
import zstandard

from lakehouse.errors import ContractError, ObjectCorruptError, ObjectNotFoundError
from lakehouse.landing.frames import FrameFiles
from lakehouse.landing.live import live_loads
from lakehouse.landing.manifest import (
    LoadRef,
    Manifest,
    Parsed,
    ParseRecord,
    RawFile,
    RawPart,
    RowCounts,
    StoredPart,
)
from lakehouse.objectstore import ObjectStore
from lakehouse.sources import LoadMode
from lakehouse.streams import QUARANTINE_SCHEMA, VERSION
from lakehouse.streams import stream as find_stream
from lakehouse.windows import Window


def loads(store: ObjectStore, source: str, stream: str, window: Window | None = None) -> Iterator[LoadRef]:
    """Every complete load of a stream, or of one window of it, from the keys alone."""
    prefix = f"raw/{source}/{stream}/" + (f"window={window.key}/" if window else "")
    for info in store.list(prefix):
        if info.key.endswith("/_manifest.json"):
            yield LoadRef.from_key(info.key)


def unread(store: ObjectStore, source: str, stream: str, digest: str) -> list[LoadRef]:
    """The complete loads that were never read under a parser's digest, from the keys alone."""
    ending = f"/parse={digest}/_parse.json"
    prefix = f"parsed/{source}/{stream}/"
    read = {info.key.removesuffix(ending) for info in store.list(prefix) if info.key.endswith(ending)}
    return [ref for ref in loads(store, source, stream) if ref.parse_folder(digest).rpartition("/")[0] not in read]


def read_manifest(store: ObjectStore, ref: LoadRef) -> Manifest:
    """The manifest of a load.

    Raises:
        ObjectNotFoundError: If there is none.
        ObjectCorruptError: If it is not the manifest that belongs there.
    """
    try:
        manifest = Manifest.model_validate_json(store.get(ref.manifest_key))
    except ValueError as error:
        raise ObjectCorruptError(
            f"{ref.manifest_key} is not a readable manifest: {error}",
            remedy="Restore it, or land its window again.",
        ) from error
    if manifest.ref != ref:
        raise ObjectCorruptError(
            f"{ref.manifest_key} is the manifest of {manifest.ref.folder}.",
            remedy="Restore it from a backup.",
        )
    return manifest


def same_content(
    store: ObjectStore, before: Sequence[LoadRef], content: Sequence[str], mode: LoadMode, *, as_of: datetime
) -> Manifest | None:
    """The newest load of a window, where landing the same bytes again would say nothing new.

    Args:
        store: Where the loads are.
        before: The loads of that window.
        content: SHA-256 of each part that would be landed, in order.
        mode: What the resource's loads say about earlier ones.
        as_of: From when on the new load would count as known.

    Returns:
        Its manifest; None where its bytes are others, where it counts only later, or where a wider window's load
        has come after it, so that the same bytes have to count anew.
    """
    if not before:
        return None
    newest = read_manifest(store, max(before, key=lambda ref: ref.rank))
    if [part.content_sha256 for part in newest.parts] != list(content) or newest.known_at > as_of:
        return None
    if mode is LoadMode.VERSIONS:
        return newest
    known = loads(store, newest.source, newest.stream)
    counts = any(live.ref == newest.ref and live.is_whole for live in live_loads(known, as_of=as_of))
    return newest if counts else None


def part_files(store: ObjectStore, parts: Iterable[StoredPart], scratch: Path) -> Iterator[RawFile]:
    """The vendor's bytes of stored parts as local files, unpacked a block at a time, in flat memory.

    Each file is gone when the next one is asked for.

    Raises:
        ObjectCorruptError: If a part's bytes changed; the message names it.
    """
    for part in parts:
        found = store.fetch(part.key, sha256=part.sha256)
        if part.encoding == "identity":
            yield RawFile(part.name, found, part.meta)
            continue
        with tempfile.NamedTemporaryFile(dir=scratch, prefix="part-") as unpacked:
            with found.open("rb") as packed:
                zstandard.ZstdDecompressor().copy_stream(packed, unpacked)
            unpacked.flush()
            yield RawFile(part.name, Path(unpacked.name), part.meta)


def read_parts(store: ObjectStore, manifest: Manifest) -> Iterator[RawPart]:
    """The vendor's bytes of a load, checked against its manifest.

    Raises:
        ObjectCorruptError: If a part's bytes changed; the message names it.
    """
    for part in manifest.parts:
        data = store.fetch(part.key, sha256=part.sha256).read_bytes()
        if part.encoding == "zstd":
            data = zstandard.ZstdDecompressor().decompress(data, max_output_size=part.content_bytes)
        yield RawPart(part.name, data, part.meta)


def write_parse(
    store: ObjectStore,
    ref: LoadRef,
    parsed: Parsed | Iterable[Parsed],
    digest: str,
    *,
    main: str = "",
    mode: LoadMode = LoadMode.WINDOW,
    scratch: Path | None = None,
) -> ParseRecord:
    """Stores one reading of a load's bytes, its record last.

    Args:
        store: Where the load is.
        ref: The load.
        parsed: What was understood of it, whole or in batches, of which one at a time is in memory.
        digest: Fingerprint of the parser and its mapping.
        main: Stream of `parsed.rows`; default: the one that the load's folder is named after.
        mode: Whether rows have to lie in the load's window.
        scratch: Folder for temporary files; None: the system's.

    Raises:
        ContractError: If rows do not have their stream's schema, or lie outside of the load's window.
        ValueError: If the counts do not add up.
    """
    batches = [parsed] if isinstance(parsed, Parsed) else parsed
    folder, first = ref.parse_folder(digest), main or ref.stream
    totals = {"received": 0, "landed": 0, "deduplicated": 0, "quarantined": 0, "ignored": 0}
    with FrameFiles(store, folder, scratch) as files:
        files.expect("rows", find_stream(first).versioned_schema)
        files.expect("quarantine", QUARANTINE_SCHEMA)
        for batch in batches:
            files.append("rows", _held(ref, first, batch.rows, mode))
            files.append("quarantine", batch.quarantined.select(QUARANTINE_SCHEMA.names()))
            for name, rows in batch.others.items():
                if rows.height:
                    files.append(name, _held(ref, name, rows, mode))
            totals["received"] += batch.received
            totals["landed"] += batch.rows.height if batch.landed is None else batch.landed
            totals["deduplicated"] += batch.deduplicated
            totals["quarantined"] += batch.quarantined.height
            totals["ignored"] += batch.ignored
        counts = RowCounts(**totals)  # before anything is stored: it refuses what does not add up
        stored, heights = files.store_all(), files.heights
    record = ParseRecord(
        digest=digest,
        rows=stored.pop("rows"),
        quarantine=stored.pop("quarantine"),
        counts=counts,
        main=main,
        others=stored,
        row_counts={first: heights["rows"], **{name: heights[name] for name in stored}},
    )
    store.put(f"{folder}/_parse.json", record.model_dump_json(indent=1).encode())
    return record


def _held(ref: LoadRef, name: str, rows: pl.DataFrame, mode: LoadMode) -> pl.DataFrame:
    """The rows with every column of their stream, once they are what was agreed on."""
    stream = find_stream(name)
    if rows.schema not in (stream.landed_schema, stream.versioned_schema):
        raise ContractError(
            f"Parsed rows of {ref.source}/{name} have the columns {dict(rows.schema)}.",
            remedy=f"The stream's contract is {dict(stream.versioned_schema)}.",
        )
    # a build takes from such a load what its window covers: the others would be lost without a word
    outside = rows.filter(
        (pl.col("occurred_at") < ref.window.start.replace(tzinfo=None))
        | (pl.col("occurred_at") >= ref.window.end.replace(tzinfo=None))
    )
    if mode is LoadMode.WINDOW and outside.height:
        raise ContractError(
            f"{outside.height} rows of {ref.source}/{name} lie outside of the window {ref.window}.",
            remedy="Land them with their own window, or quarantine them.",
        )
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in VERSION.items() if name not in rows.columns]
    return rows.with_columns(missing).select(stream.versioned_schema.names())


def find_parse(store: ObjectStore, manifest: Manifest, digest: str) -> ParseRecord | None:
    """The reading of a load under a parser's digest, or None where there is none.

    Also where the manifest tells of one: parsed rows may be lost, and are made again from the raw bytes.
    """
    try:
        return ParseRecord.model_validate_json(store.get(f"{manifest.ref.parse_folder(digest)}/_parse.json"))
    except ObjectNotFoundError:
        return None
