"""Landing: bytes first, the manifest last."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from lakehouse.errors import ObjectExistsError, WindowError
from lakehouse.landing.manifest import (
    STAMP,
    LoadRef,
    Manifest,
    Parsed,
    PendingLoad,
    RawPart,
    StoredPart,
)
from lakehouse.landing.parts import store_part
from lakehouse.landing.stored import loads, read_manifest, same_content, write_parse
from lakehouse.objectstore import ObjectStore
from lakehouse.sources import LoadMode
from lakehouse.streams import stream as find_stream
from lakehouse.windows import Window


class Landing:
    """Lands one source's stream in an object store.

    Args:
        store: Where to.
        source: Name of the source.
        stream: Its canonical stream.
        mode: What its loads say about earlier ones.
    """

    def __init__(self, store: ObjectStore, source: str, stream: str, mode: LoadMode = LoadMode.WINDOW) -> None:
        self.store = store
        self.mode = mode
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
        same = same_content(self.store, before, content, self.mode, as_of=known_at)
        if same is not None:
            return PendingLoad(same.ref, same.parts, unchanged=same)
        fingerprint = hashlib.sha256("\n".join(content).encode()).hexdigest()[:12]
        ref = LoadRef(self.source, self.stream.name, window, f"{known_at:{STAMP}}-{len(before):04d}-{fingerprint}")
        return PendingLoad(ref, tuple(self._store_part(ref, number, part) for number, part in enumerate(parts)))

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
        parse = write_parse(self.store, pending.ref, parsed, digest, mode=self.mode)
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

    def _store_part(self, ref: LoadRef, number: int, part: RawPart) -> StoredPart:
        return store_part(self.store, part, lambda _, suffix: f"{ref.folder}/part-{number:05d}.{suffix}")
