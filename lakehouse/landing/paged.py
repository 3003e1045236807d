"""Landing what comes page by page: each page is stored before the next is asked for, and a killed run goes on.

    raw/<source>/<stream>/window=<key>/pages/<number>-<hash>.<ext>[.zst]     a page, as it was received
    checkpoints/<source>/<stream>/<key>.json                                 the pages so far, and where to go on
    raw/<source>/<stream>/window=<key>/load=<id>/_manifest.json              last; it names the pages that count

Pages are named by their stored bytes, so that no page ever takes the place of another, and they count by a manifest
alone: those of a run that never ended are nobody's, and `expire_pages` removes them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from lakehouse.errors import ObjectExistsError, ObjectNotFoundError, WindowError
from lakehouse.landing.manifest import (
    STAMP,
    LoadRef,
    Manifest,
    Parsed,
    ParseRecord,
    RawFile,
    RawPart,
    StoredPart,
)
from lakehouse.landing.parts import store_part
from lakehouse.landing.stored import loads, read_manifest, same_content, write_parse
from lakehouse.objectstore import ObjectStore
from lakehouse.sources import Source
from lakehouse.windows import Window

# An older checkpoint is begun anew: the vendor's place is gone by then, and its pages tell of a state long past.
RESUMABLE = timedelta(days=3)


class Checkpoint(BaseModel):
    """How far an extraction has come.

    Attributes:
        fingerprint: What the extraction is of; one of something else is not resumed.
        saved_at: The clock of the run that wrote this.
        parts: The pages stored so far, in order.
        cursor: The vendor's place after the last of them.
        note: A small state of the connector, such as the number of a report under way.
        is_finished: Whether the vendor has no more.
        reported: Records that the vendor says the pages hold, where it says so for all of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    fingerprint: str
    saved_at: datetime
    parts: tuple[StoredPart, ...] = ()
    cursor: str | None = None
    note: str | None = None
    is_finished: bool = False
    reported: int | None = 0


class PagedLanding:
    """One window of one resource on its way into the store.

    Args:
        store: Where to.
        source: The resource.
        window: The window.
        fingerprint: What the extraction is of: with another one, it begins anew.
        now: The run's clock.
        scratch: Folder for temporary files; None: the system's.
    """

    def __init__(
        self,
        store: ObjectStore,
        source: Source,
        window: Window,
        *,
        fingerprint: str,
        now: datetime,
        scratch: Path | None = None,
    ) -> None:
        self.store = store
        self.source = source
        self.window = window
        self._now = now
        self._scratch = scratch
        self._begin = Checkpoint(fingerprint=fingerprint, saved_at=now)
        self.checkpoint = self._resumable() or self._begin

    @property
    def _key(self) -> str:
        return f"checkpoints/{self.source.name}/{self.source.stream}/{self.window.key}.json"

    @property
    def _pages(self) -> str:
        return f"raw/{self.source.name}/{self.source.stream}/window={self.window.key}/pages"

    def add(self, page: RawPart | RawFile, *, cursor: str | None, reported: int | None) -> None:
        """Stores a page's bytes, then where to go on after it.

        Args:
            page: The page. One that is named like an earlier page, as a resumed connector may count its pages from
                1 again, gets a number behind its name: records are told apart by it.
            cursor: The vendor's place after it; None: it was the last.
            reported: Records on it, as the vendor says; None: it does not say.
        """
        before = self.checkpoint
        number = len(before.parts)
        part = store_part(
            self.store,
            page,
            lambda digest, suffix: f"{self._pages}/{number:05d}-{digest[:12]}.{suffix}",
            scratch=self._scratch,
        )
        part = part.model_copy(update={"name": _apart(part.name, number, {one.name for one in before.parts})})
        total = None if reported is None or before.reported is None else before.reported + reported
        self._write(parts=(*before.parts, part), cursor=cursor, reported=total)

    def note(self, text: str | None) -> None:
        """Keeps a small text that a resumed run reads again."""
        self._write(note=text)

    def finish(self) -> None:
        """Says that the vendor has no more: what is left is to read the pages."""
        self._write(is_finished=True, cursor=None)

    def restart(self) -> None:
        """Forgets the pages so far; the next run asks from the beginning."""
        self.store.delete(self._key)
        self.checkpoint = self._begin

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
            ObjectNotFoundError, ObjectCorruptError: If a page is gone or changed.
        """
        if known_at.tzinfo is None:
            raise WindowError(f"The knowledge time {known_at} names no time zone.", remedy="Pass an aware datetime.")
        known_at = known_at.astimezone(UTC).replace(microsecond=0)
        content = [part.content_sha256 for part in self.checkpoint.parts]
        before = list(loads(self.store, self.source.name, self.source.stream, self.window))
        same = same_content(self.store, before, content, self.source.mode, as_of=known_at)
        if same is not None:
            self.store.delete(self._key)
            return same, True
        told = "\n".join([self.source.stream, *content])
        fingerprint = hashlib.sha256(told.encode()).hexdigest()[:12]
        load_id = f"{known_at:{STAMP}}-{len(before):04d}-{fingerprint}"
        record = self._parse(load_id, parse)
        manifest = self._publish(load_id, record, landed_at=landed_at, run_id=run_id, api_version=api_version)
        self.store.delete(self._key)
        return manifest, False

    def _parse(self, load_id: str, parse: Callable[[Iterable[StoredPart]], Iterable[Parsed]]) -> ParseRecord:
        return write_parse(
            self.store,
            self._ref(load_id),
            parse(self.checkpoint.parts),
            self.source.parse_digest,
            main=self.source.tables[0],
            mode=self.source.mode,
            scratch=self._scratch,
        )

    def _publish(
        self, load_id: str, record: ParseRecord, *, landed_at: datetime, run_id: str, api_version: str
    ) -> Manifest:
        ref = self._ref(load_id)
        manifest = Manifest(
            source=ref.source,
            stream=ref.stream,
            window_start=ref.window.start,
            window_end=ref.window.end,
            load_id=ref.load_id,
            known_at=ref.known_at,
            landed_at=landed_at,
            run_id=run_id,
            api_version=api_version,
            parts=self.checkpoint.parts,
            counts=record.counts,
            parse=record,
        )
        try:
            self.store.put(ref.manifest_key, manifest.model_dump_json(indent=1).encode(), if_absent=True)
        except ObjectExistsError:  # the same pages, landed by another run at the same moment: its manifest counts
            return read_manifest(self.store, ref)
        return manifest

    def _ref(self, load_id: str) -> LoadRef:
        return LoadRef(self.source.name, self.source.stream, self.window, load_id)

    def _resumable(self) -> Checkpoint | None:
        """The checkpoint of an earlier run, if it is of the same extraction, fresh, and all its pages are there."""
        found = read_checkpoint(self.store, self._key)
        if found is None or found.fingerprint != self._begin.fingerprint or self._now - found.saved_at > RESUMABLE:
            return None
        there = {info.key for info in self.store.list(f"{self._pages}/")} if found.parts else set()
        return found if all(part.key in there for part in found.parts) else None

    def _write(self, **update: object) -> None:
        checkpoint = self.checkpoint.model_copy(update={**update, "saved_at": self._now})
        self.store.put(self._key, checkpoint.model_dump_json().encode())
        self.checkpoint = checkpoint


def read_checkpoint(store: ObjectStore, key: str) -> Checkpoint | None:
    """The checkpoint of that key; None where there is none, and for one that cannot be read, which is as good."""
    try:
        return Checkpoint.model_validate_json(store.get(key))
    except (ObjectNotFoundError, ValueError):
        return None


def _apart(name: str, number: int, taken: set[str]) -> str:
    if name not in taken:
        return name
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}~{number:05d}.{suffix}" if dot else f"{name}~{number:05d}"
