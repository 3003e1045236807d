"""What lies in object storage of a load: its manifest, its bytes, and every reading of them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator

import polars as pl
import zstandard

from lakehouse.errors import ContractError, ObjectCorruptError, ObjectNotFoundError
from lakehouse.landing.manifest import LoadRef, Manifest, Parsed, ParseRecord, RawPart, RowCounts, StoredObject
from lakehouse.objectstore import ObjectStore
from lakehouse.streams import QUARANTINE_SCHEMA
from lakehouse.streams import stream as find_stream
from lakehouse.windows import Window


def loads(store: ObjectStore, source: str, stream: str, window: Window | None = None) -> Iterator[LoadRef]:
    """Every complete load of a stream, or of one window of it, from the keys alone."""
    prefix = f"raw/{source}/{stream}/" + (f"window={window.key}/" if window else "")
    for info in store.list(prefix):
        if info.key.endswith("/_manifest.json"):
            yield LoadRef.from_key(info.key)


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


def read_parts(store: ObjectStore, manifest: Manifest) -> Iterator[RawPart]:
    """The vendor's bytes of a load, checked against its manifest.

    Raises:
        ObjectCorruptError: If a part's bytes changed; the message names it.
    """
    for part in manifest.parts:
        data = store.fetch(part.key, sha256=part.sha256).read_bytes()
        if part.encoding == "zstd":
            data = zstandard.ZstdDecompressor().decompress(data, max_output_size=part.content_bytes)
        yield RawPart(part.name, data)


def write_parse(store: ObjectStore, ref: LoadRef, parsed: Parsed, digest: str) -> ParseRecord:
    """Stores one reading of a load's bytes, its record last.

    Raises:
        ContractError: If the rows do not have the stream's schema, or lie outside of the load's window.
        ValueError: If the counts do not add up.
    """
    expected = find_stream(ref.stream).landed_schema
    if parsed.rows.schema != expected:
        raise ContractError(
            f"Parsed rows of {ref.source}/{ref.stream} have the columns {dict(parsed.rows.schema)}.",
            remedy=f"The stream's contract is {dict(expected)}.",
        )
    outside = parsed.rows.filter(
        (pl.col("occurred_at") < ref.window.start.replace(tzinfo=None))
        | (pl.col("occurred_at") >= ref.window.end.replace(tzinfo=None))
    )
    if outside.height:  # a build takes from a load what its window covers: they would be lost without a word
        raise ContractError(
            f"{outside.height} rows of {ref.source}/{ref.stream} lie outside of the window {ref.window}.",
            remedy="Land them with their own window, or quarantine them.",
        )
    counts = RowCounts(
        received=parsed.received,
        landed=parsed.rows.height if parsed.landed is None else parsed.landed,
        deduplicated=parsed.deduplicated,
        quarantined=parsed.quarantined.height,
        ignored=parsed.ignored,
    )
    folder = ref.parse_folder(digest)
    record = ParseRecord(
        digest=digest,
        rows=_put_frame(store, f"{folder}/rows.parquet", parsed.rows),
        quarantine=_put_frame(
            store, f"{folder}/quarantine.parquet", parsed.quarantined.select(QUARANTINE_SCHEMA.names())
        ),
        counts=counts,
    )
    store.put(f"{folder}/_parse.json", record.model_dump_json(indent=1).encode())
    return record


def find_parse(store: ObjectStore, manifest: Manifest, digest: str) -> ParseRecord | None:
    """The reading of a load under a parser's digest, or None where there is none.

    Also where the manifest tells of one: parsed rows may be lost, and are made again from the raw bytes.
    """
    try:
        return ParseRecord.model_validate_json(store.get(f"{manifest.ref.parse_folder(digest)}/_parse.json"))
    except ObjectNotFoundError:
        return None


def _put_frame(store: ObjectStore, key: str, frame: pl.DataFrame) -> StoredObject:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=True)
    data = buffer.getvalue()
    store.put(key, data)
    return StoredObject(key=key, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
