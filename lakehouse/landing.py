"""The landing protocol: bytes first, then what was understood of them, the manifest last.

    raw/<source>/<stream>/window=<key>/load=<id>/part-00000.<ext>[.zst]
    raw/<source>/<stream>/window=<key>/load=<id>/_manifest.json
    parsed/<source>/<stream>/window=<key>/load=<id>/parse=<digest>/{rows,quarantine}.parquet, _parse.json

What has no manifest does not exist: a killed run leaves objects that nobody reads, and a rerun lands
the same window again. Parsed rows can always be made again from the raw bytes, under another digest.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Self

import polars as pl
import zstandard
from pydantic import BaseModel, ConfigDict, model_validator

from lakehouse.errors import ContractError, ObjectCorruptError, ObjectExistsError, ObjectNotFoundError, WindowError
from lakehouse.objectstore import ObjectStore
from lakehouse.streams import QUARANTINE_SCHEMA
from lakehouse.streams import stream as find_stream
from lakehouse.windows import Window

MANIFEST_VERSION = 1
_STAMP = "%Y%m%dT%H%M%SZ"
_COMPRESSED = {"parquet", "xlsx", "zip", "gz", "zst", "warc"}


@dataclass(frozen=True)
class RawPart:
    """Bytes exactly as the vendor sent them.

    Attributes:
        name: The vendor's name for them: a file's name, or one made from the request.
        data: All of them.
    """

    name: str
    data: bytes


@dataclass(frozen=True)
class Parsed:
    """What was understood of a load's parts; received = landed + deduplicated + quarantined.

    Attributes:
        rows: Good rows, in the stream's `landed_schema`.
        quarantined: Failed rows, in `QUARANTINE_SCHEMA`, one row per record.
        received: Records in the parts.
        deduplicated: Records left out because the same record came twice.
        rows_by_part: Records received in each part, in order.
    """

    rows: pl.DataFrame
    quarantined: pl.DataFrame
    received: int
    deduplicated: int
    rows_by_part: tuple[int, ...]

    def __post_init__(self) -> None:
        if sum(self.rows_by_part) != self.received:
            message = f"received {self.received} records, but the parts hold {sum(self.rows_by_part)}"
            raise ValueError(message)


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StoredObject(_Model):
    """One object that a manifest vouches for."""

    key: str
    bytes: int
    sha256: str


class StoredPart(StoredObject):
    """A stored part: the object, and the vendor's bytes inside it."""

    name: str
    encoding: Literal["identity", "zstd"]
    content_bytes: int
    content_sha256: str
    rows: int | None = None


class RowCounts(_Model):
    """Where every received record went."""

    received: int
    landed: int
    deduplicated: int
    quarantined: int

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.received != self.landed + self.deduplicated + self.quarantined:
            message = (
                f"received {self.received} records, but landed {self.landed} + deduplicated "
                f"{self.deduplicated} + quarantined {self.quarantined}"
            )
            raise ValueError(message)
        return self


class ParseRecord(_Model):
    """One reading of a load's bytes."""

    digest: str
    rows: StoredObject
    quarantine: StoredObject
    counts: RowCounts


class Manifest(_Model):
    """The proof that a load is complete; written last, once, and never changed.

    Attributes:
        known_at: The moment from which this load counts as known. Builds *as of* an earlier moment do not
            see it.
        landed_at: The wall clock at landing; for people, never for marts.
    """

    version: int = MANIFEST_VERSION
    source: str
    stream: str
    window_start: datetime
    window_end: datetime
    load_id: str
    known_at: datetime
    landed_at: datetime
    run_id: str
    api_version: str = ""
    cursor_before: str | None = None
    cursor_after: str | None = None
    parts: tuple[StoredPart, ...]
    counts: RowCounts
    parse: ParseRecord

    @property
    def window(self) -> Window:
        """The window that was landed."""
        return Window(self.window_start, self.window_end)

    @property
    def ref(self) -> LoadRef:
        """Where it stands."""
        return LoadRef(self.source, self.stream, self.window, self.load_id)


@dataclass(frozen=True)
class LoadRef:
    """A complete load, as its manifest's key names it."""

    source: str
    stream: str
    window: Window
    load_id: str

    @property
    def folder(self) -> str:
        """Key prefix of its raw objects."""
        return f"raw/{self.source}/{self.stream}/window={self.window.key}/load={self.load_id}"

    @property
    def manifest_key(self) -> str:
        """Key of its manifest."""
        return f"{self.folder}/_manifest.json"

    @property
    def known_at(self) -> datetime:
        """From when on it counts as known: the load id begins with it."""
        return datetime.strptime(self.load_id.split("-")[0], _STAMP).replace(tzinfo=UTC)

    @property
    def rank(self) -> tuple[datetime, str]:
        """Of two loads that cover an instant, the one with the greater rank counts."""
        return self.known_at, self.load_id

    def parse_folder(self, digest: str) -> str:
        """Key prefix of one reading of its bytes."""
        return f"parsed/{self.source}/{self.stream}/window={self.window.key}/load={self.load_id}/parse={digest}"

    @classmethod
    def from_key(cls, key: str) -> Self:
        """The load whose manifest has that key."""
        _, source, stream, window, load, _ = key.split("/")
        return cls(source, stream, Window.from_key(window.removeprefix("window=")), load.removeprefix("load="))


@dataclass(frozen=True)
class PendingLoad:
    """A load whose bytes are stored and which nobody sees yet.

    Attributes:
        unchanged: The newest load of this window, where it already holds exactly these bytes; there is
            nothing left to do then.
    """

    ref: LoadRef
    parts: tuple[StoredPart, ...]
    unchanged: Manifest | None = None


class Landing:
    """Lands one source's stream in an object store."""

    def __init__(self, store: ObjectStore, source: str, stream: str) -> None:
        self.store = store
        self.source = source
        self.stream = find_stream(stream)

    def receive(self, window: Window, parts: Sequence[RawPart], *, known_at: datetime) -> PendingLoad:
        """Stores the bytes, and makes nothing visible.

        Args:
            window: The window that these parts are the whole of.
            parts: The vendor's bytes.
            known_at: From when on this load counts as known. A scheduled landing passes its clock; a
                backfill of history passes the window's end.

        Raises:
            WindowError: If `known_at` has no zone.
            StoreUnavailableError: If the store cannot be reached.
        """
        if known_at.tzinfo is None:
            raise WindowError(f"The knowledge time {known_at} names no time zone.", remedy="Pass an aware datetime.")
        known_at = known_at.astimezone(UTC).replace(microsecond=0)
        content = [hashlib.sha256(part.data).hexdigest() for part in parts]
        before = list(loads(self.store, self.source, self.stream.name, window))
        if before:
            newest = read_manifest(self.store, max(before, key=lambda ref: ref.rank))
            if [part.content_sha256 for part in newest.parts] == content and self._counts(newest.ref, known_at):
                return PendingLoad(newest.ref, newest.parts, unchanged=newest)
        fingerprint = hashlib.sha256("\n".join(content).encode()).hexdigest()[:12]
        ref = LoadRef(self.source, self.stream.name, window, f"{known_at:{_STAMP}}-{len(before):04d}-{fingerprint}")
        stored = tuple(self._store_part(ref, number, part) for number, part in enumerate(parts))
        return PendingLoad(ref, stored)

    def commit(
        self,
        pending: PendingLoad,
        parsed: Parsed,
        *,
        digest: str,
        landed_at: datetime,
        run_id: str,
        api_version: str = "",
        cursors: tuple[str | None, str | None] = (None, None),
    ) -> Manifest:
        """Stores the parsed rows, then the manifest: from then on the load exists.

        Args:
            pending: What `receive` returned.
            parsed: What was understood of its parts.
            digest: Fingerprint of the parser and its mapping.
            landed_at: The wall clock, for people.
            run_id: The run that landed it.
            api_version: Version of the vendor's interface.
            cursors: The vendor's cursor before and after.

        Raises:
            ContractError: If the rows do not have the stream's schema, or lie outside of the load's window.
            ValueError: If the counts do not add up.
        """
        if pending.unchanged is not None:
            return pending.unchanged
        parse = write_parse(self.store, pending.ref, parsed, digest)
        manifest = Manifest(
            source=self.source,
            stream=self.stream.name,
            window_start=pending.ref.window.start,
            window_end=pending.ref.window.end,
            load_id=pending.ref.load_id,
            known_at=pending.ref.known_at,
            landed_at=landed_at,
            run_id=run_id,
            api_version=api_version,
            cursor_before=cursors[0],
            cursor_after=cursors[1],
            parts=tuple(
                part.model_copy(update={"rows": rows})
                for part, rows in zip(pending.parts, parsed.rows_by_part, strict=True)
            ),
            counts=parse.counts,
            parse=parse,
        )
        try:
            self.store.put(pending.ref.manifest_key, manifest.model_dump_json(indent=1).encode(), if_absent=True)
        except ObjectExistsError:  # the same bytes were landed by a rerun at the same moment: theirs counts
            return read_manifest(self.store, pending.ref)
        return manifest

    def _counts(self, ref: LoadRef, as_of: datetime) -> bool:
        """Whether the load counts for all of its window, and no wider window's load came after it."""
        known = loads(self.store, self.source, self.stream.name)
        return any(live.ref == ref and live.is_whole for live in live_loads(known, as_of=as_of))

    def _store_part(self, ref: LoadRef, number: int, part: RawPart) -> StoredPart:
        suffix = part.name.rpartition(".")[2].lower() if "." in part.name else "bin"
        suffix = suffix if suffix.isalnum() and suffix.isascii() else "bin"
        compressed = suffix in _COMPRESSED
        data = part.data if compressed else zstandard.ZstdCompressor(level=6).compress(part.data)
        key = f"{ref.folder}/part-{number:05d}.{suffix}{'' if compressed else '.zst'}"
        self.store.put(key, data)
        return StoredPart(
            key=key,
            bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            name=part.name,
            encoding="identity" if compressed else "zstd",
            content_bytes=len(part.data),
            content_sha256=hashlib.sha256(part.data).hexdigest(),
        )


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
        landed=parsed.rows.height,
        deduplicated=parsed.deduplicated,
        quarantined=parsed.quarantined.height,
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


@dataclass(frozen=True)
class LiveLoad:
    """A load of which at least one stretch of time is still current.

    Attributes:
        ref: The load.
        segments: The stretches of its window that no later load covers, in order.
    """

    ref: LoadRef
    segments: tuple[Window, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it was superseded."""
        return self.segments == (self.ref.window,)


def live_loads(refs: Iterable[LoadRef], *, as_of: datetime) -> list[LiveLoad]:
    """Which loads count as of a moment, and for which stretches of time.

    The result depends on the set of loads, not on the order in which they were landed: of two loads
    that cover an instant, the one known later counts.
    """
    covered: list[Window] = []
    live = []
    for ref in sorted((ref for ref in refs if ref.known_at <= as_of), key=lambda ref: ref.rank, reverse=True):
        segments = _subtract(ref.window, covered)
        if segments:
            live.append(LiveLoad(ref, tuple(segments)))
            covered = _merge([*covered, *segments])
    return sorted(live, key=lambda load: (load.ref.source, load.ref.stream, load.ref.window, load.ref.load_id))


def _subtract(window: Window, covered: Sequence[Window]) -> list[Window]:
    """The parts of a window outside sorted, disjoint stretches."""
    rest, start = [], window.start
    for stretch in covered:
        if stretch.end <= start or stretch.start >= window.end:
            continue
        if stretch.start > start:
            rest.append(Window(start, stretch.start))
        start = max(start, stretch.end)
    if start < window.end:
        rest.append(Window(start, window.end))
    return rest


def _merge(stretches: list[Window]) -> list[Window]:
    """Sorted, disjoint stretches that cover the same time."""
    merged: list[Window] = []
    for stretch in sorted(stretches):
        if merged and stretch.start <= merged[-1].end:
            merged[-1] = Window(merged[-1].start, max(merged[-1].end, stretch.end))
        else:
            merged.append(stretch)
    return merged
