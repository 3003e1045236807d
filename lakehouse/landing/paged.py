"""Landing what comes page by page: each page is stored before the next is asked for, and a killed run goes on.

    raw/<source>/<stream>/window=<key>/pages/<number>-<hash>.<ext>[.zst]     a page, as it was received
    checkpoints/<source>/<stream>/<key>.json                                 the pages so far, and where to go on
    raw/<source>/<stream>/window=<key>/load=<id>/_manifest.json              last; it names the pages that count

Pages are named by their content and counted by the manifest alone: pages of a run that never ended are nobody's.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import zstandard
from pydantic import BaseModel, ConfigDict

from lakehouse.errors import ObjectExistsError, ObjectNotFoundError, WindowError
from lakehouse.files import sha256_file
from lakehouse.landing.manifest import STAMP, LoadRef, Manifest, Parsed, RawFile, RawPart, StoredPart
from lakehouse.landing.stored import loads, read_manifest, write_parse
from lakehouse.objectstore import ObjectStore
from lakehouse.sources import Source
from lakehouse.windows import Window

_COMPRESSED = {"parquet", "xlsx", "zip", "gz", "zst", "warc"}
_LEVEL = 6


class Checkpoint(BaseModel):
    """How far an extraction has come.

    Attributes:
        fingerprint: What the extraction is of; one of something else is not resumed.
        parts: The pages stored so far, in order.
        cursor: The vendor's place after the last of them.
        note: A small state of the connector, such as the number of a report under way.
        is_finished: Whether the vendor has no more.
        reported: Records that the vendor says the pages hold, where it says so for all of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    fingerprint: str
    parts: tuple[StoredPart, ...] = ()
    cursor: str | None = None
    note: str | None = None
    is_finished: bool = False
    reported: int | None = 0


class PagedLanding:
    """One window of one resource on its way into the store."""

    def __init__(self, store: ObjectStore, source: Source, window: Window, *, fingerprint: str) -> None:
        self.store = store
        self.source = source
        self.window = window
        self.checkpoint = self._read() or Checkpoint(fingerprint=fingerprint)
        if self.checkpoint.fingerprint != fingerprint:
            self.checkpoint = Checkpoint(fingerprint=fingerprint)

    @property
    def _key(self) -> str:
        return f"checkpoints/{self.source.name}/{self.source.stream}/{self.window.key}.json"

    def add(self, page: RawPart | RawFile, *, cursor: str | None, reported: int | None) -> None:
        """Stores a page's bytes, then where to go on after it.

        Args:
            page: The page.
            cursor: The vendor's place after it; None: it was the last.
            reported: Records on it, as the vendor says; None: it does not say.
        """
        before = self.checkpoint
        part = self._store(page, len(before.parts))
        total = None if reported is None or before.reported is None else before.reported + reported
        self._write(before.model_copy(update={"parts": (*before.parts, part), "cursor": cursor, "reported": total}))

    def note(self, text: str | None) -> None:
        """Keeps a small text that a resumed run reads again."""
        self._write(self.checkpoint.model_copy(update={"note": text}))

    def finish(self) -> None:
        """Says that the vendor has no more: what is left is to read the pages."""
        self._write(self.checkpoint.model_copy(update={"is_finished": True, "cursor": None}))

    def restart(self) -> None:
        """Forgets the pages so far; the next run asks from the beginning."""
        self.store.delete(self._key)
        self.checkpoint = Checkpoint(fingerprint=self.checkpoint.fingerprint)

    def commit(
        self,
        parse: Callable[[Iterable[StoredPart]], Iterable[Parsed]],
        *,
        known_at: datetime,
        landed_at: datetime,
        run_id: str,
        api_version: str,
    ) -> tuple[Manifest, bool]:
        """Reads the pages and makes the load visible.

        Args:
            parse: Reads stored pages.
            known_at: From when on the load counts as known.
            landed_at: The wall clock, for people.
            run_id: The run.
            api_version: Version of the vendor's interface.

        Returns:
            The manifest, and whether the window held exactly these pages before, so that nothing was added.

        Raises:
            ContractError: If rows are not what their stream agreed on.
        """
        if known_at.tzinfo is None:
            raise WindowError(f"The knowledge time {known_at} names no time zone.", remedy="Pass an aware datetime.")
        known_at = known_at.astimezone(UTC).replace(microsecond=0)
        parts = self.checkpoint.parts
        content = [part.content_sha256 for part in parts]
        before = list(loads(self.store, self.source.name, self.source.stream, self.window))
        newest = read_manifest(self.store, max(before, key=lambda ref: ref.rank)) if before else None
        if newest is not None and [part.content_sha256 for part in newest.parts] == content:
            self.store.delete(self._key)
            return newest, True
        told = "\n".join([self.source.stream, *content])
        fingerprint = hashlib.sha256(told.encode()).hexdigest()[:12]
        load_id = f"{known_at:{STAMP}}-{len(before):04d}-{fingerprint}"
        ref = LoadRef(self.source.name, self.source.stream, self.window, load_id)
        record = write_parse(
            self.store,
            ref,
            parse(parts),
            self.source.parse_digest,
            main=self.source.tables[0],
            mode=self.source.mode,
        )
        manifest = Manifest(
            source=self.source.name,
            stream=self.source.stream,
            window_start=self.window.start,
            window_end=self.window.end,
            load_id=ref.load_id,
            known_at=ref.known_at,
            landed_at=landed_at,
            run_id=run_id,
            api_version=api_version,
            parts=parts,
            counts=record.counts,
            parse=record,
        )
        try:
            self.store.put(ref.manifest_key, manifest.model_dump_json(indent=1).encode(), if_absent=True)
        except ObjectExistsError:  # the same pages, landed by another run at the same moment: its manifest counts
            manifest = read_manifest(self.store, ref)
        self.store.delete(self._key)
        return manifest, False

    def _read(self) -> Checkpoint | None:
        try:
            return Checkpoint.model_validate_json(self.store.get(self._key))
        except (ObjectNotFoundError, ValueError):  # one that cannot be read is as good as none
            return None

    def _write(self, checkpoint: Checkpoint) -> None:
        self.store.put(self._key, checkpoint.model_dump_json().encode())
        self.checkpoint = checkpoint

    def _store(self, page: RawPart | RawFile, number: int) -> StoredPart:
        suffix = page.name.rpartition(".")[2].lower() if "." in page.name else "bin"
        suffix = suffix if suffix.isalnum() and suffix.isascii() else "bin"
        packed = suffix in _COMPRESSED
        folder = f"raw/{self.source.name}/{self.source.stream}/window={self.window.key}/pages"

        def key(content: str) -> str:
            return f"{folder}/{number:05d}-{content[:12]}.{suffix}{'' if packed else '.zst'}"

        if isinstance(page, RawPart):
            content = hashlib.sha256(page.data).hexdigest()
            data = page.data if packed else zstandard.ZstdCompressor(level=_LEVEL).compress(page.data)
            self.store.put(key(content), data)
            size, held, digest = len(page.data), len(data), hashlib.sha256(data).hexdigest()
        else:
            content, size = sha256_file(page.path), page.path.stat().st_size
            held, digest = self._put_file(key(content), page.path, packed=packed)
        return StoredPart(
            key=key(content),
            bytes=held,
            sha256=digest,
            name=page.name,
            encoding="identity" if packed else "zstd",
            content_bytes=size,
            content_sha256=content,
            meta=dict(page.meta),
        )

    def _put_file(self, key: str, path: Path, *, packed: bool) -> tuple[int, str]:
        """Stores a file block by block; returns the stored object's size and hash."""
        if packed:
            return self.store.put_file(key, path).size, sha256_file(path)
        with tempfile.NamedTemporaryFile(prefix="page-", suffix=".zst") as target:
            with path.open("rb") as source:
                zstandard.ZstdCompressor(level=_LEVEL).copy_stream(source, target)
            target.flush()
            made = Path(target.name)
            return self.store.put_file(key, made).size, sha256_file(made)
