"""Candidates, snapshots and channels: how a build becomes what people read.

    warehouse/candidates/<id>.duckdb, .json     built, not yet published
    warehouse/snapshots/<id>.duckdb, .json      published, immutable
    warehouse/channels/<channel>.json           which snapshot readers of a channel get

Two channels: `core` holds the sales marts as soon as they pass their audit, and is what the models read;
`current` holds marts, model results and report tables of one run, and is what people read. Replacing a
channel's small file is the one step that makes a snapshot visible, and it is atomic.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from lakehouse.errors import AuditError, BuildError, NothingPublishedError, ObjectNotFoundError
from lakehouse.files import fsync_path, sha256_file

if TYPE_CHECKING:
    from lakehouse.objectstore import ObjectStore
    from lakehouse.settings import Settings

CORE = "core"
CURRENT = "current"
_ROOT = "warehouse"


class Snapshot(BaseModel):
    """A warehouse file and where it comes from.

    Attributes:
        snapshot_id: Its name; begins with `as_of`, so names sort in knowledge time.
        as_of: The knowledge time it was built for.
        run_id: The run that built it.
        digest: Fingerprint of the code and key it was built with.
        base_id: The snapshot it was extended from; None where it was built from nothing.
        sha256: Hash of the file.
        size: Bytes of the file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    snapshot_id: str
    as_of: datetime
    run_id: str
    digest: str
    base_id: str | None
    sha256: str
    size: int

    @property
    def key(self) -> str:
        """Key of the published file."""
        return f"{_ROOT}/snapshots/{self.snapshot_id}.duckdb"


class Candidate(Snapshot):
    """A finished build that is not published.

    Attributes:
        channel: Where it is to be published.
        audited: Whether it passed its audit.
    """

    channel: str
    audited: bool = False

    @property
    def candidate_key(self) -> str:
        """Key of the unpublished file."""
        return f"{_ROOT}/candidates/{self.snapshot_id}.duckdb"

    @property
    def record_key(self) -> str:
        """Key of this description."""
        return f"{_ROOT}/candidates/{self.snapshot_id}.json"


class Warehouse:
    """Publishes and finds snapshots in the object store."""

    def __init__(self, settings: Settings, store: ObjectStore) -> None:
        self.settings = settings
        self.store = store

    @contextmanager
    def build_lock(self) -> Iterator[Path]:
        """Holds the one place where builds happen, and gives the folder for their files.

        A file lock: it ends with its process, however that ends.

        Raises:
            BuildError: If another build is running.
        """
        folder = self.settings.var / "warehouse" / "builds"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BuildError("Another build is running.", remedy="Wait for it; one builds at a time.") from error
            for debris in folder.iterdir():  # the lock is ours, so whatever lies here was left by a killed build
                if debris.is_dir():
                    shutil.rmtree(debris)
                elif debris.name != ".lock":
                    debris.unlink()
            yield folder

    def published(self, channel: str = CURRENT) -> Snapshot | None:
        """The snapshot that readers of a channel get, or None before the first."""
        try:
            return Snapshot.model_validate_json(self.store.get(f"{_ROOT}/channels/{channel}.json"))
        except ObjectNotFoundError:
            return None

    def snapshot(self, snapshot_id: str) -> Snapshot:
        """A published snapshot by its name.

        Raises:
            NothingPublishedError: If there is none of that name; the message lists those there are.
        """
        for snapshot in self.snapshots():
            if snapshot.snapshot_id == snapshot_id:
                return snapshot
        known = ", ".join(snapshot.snapshot_id for snapshot in self.snapshots()) or "none at all"
        raise NothingPublishedError(f"There is no snapshot {snapshot_id!r}.", remedy=f"There are: {known}.")

    def snapshots(self) -> list[Snapshot]:
        """All published snapshots that are kept, the oldest knowledge first."""
        found = []
        for info in self.store.list(f"{_ROOT}/snapshots/"):
            if info.key.endswith(".json"):
                with suppress(ObjectNotFoundError):  # it expired since it was listed
                    found.append(Snapshot.model_validate_json(self.store.get(info.key)))
        return found

    def path(self, snapshot: Snapshot) -> Path:
        """A local file with the snapshot, checked against its hash."""
        return self.store.fetch(snapshot.key, sha256=snapshot.sha256)

    def seal(
        self, file: Path, *, channel: str, as_of: datetime, run_id: str, digest: str, base: Snapshot | None
    ) -> Candidate:
        """Takes a closed build file into the object store as a candidate; where it was, it is no more.

        Raises:
            BuildError: If the file was not checkpointed.
        """
        if file.with_name(f"{file.name}.wal").exists():
            raise BuildError(f"{file.name} still has a write-ahead log.", remedy="Close it before it is sealed.")
        fsync_path(file)
        sha256 = sha256_file(file)
        marker = hashlib.sha256(f"{channel}|{run_id}|{sha256}".encode()).hexdigest()[:8]
        candidate = Candidate(
            snapshot_id=f"{as_of:%Y%m%dT%H%M%SZ}-{channel}-{marker}",
            as_of=as_of,
            run_id=run_id,
            digest=digest,
            base_id=base.snapshot_id if base else None,
            sha256=sha256,
            size=file.stat().st_size,
            channel=channel,
        )
        file.chmod(0o444)  # nobody writes to it from here on: a directory store takes it in as it is
        self.store.put_file(candidate.candidate_key, file)
        file.unlink()
        self.store.put(candidate.record_key, candidate.model_dump_json(indent=1).encode())
        return candidate

    def candidate(self, candidate_id: str) -> Candidate:
        """A candidate by its name.

        Raises:
            BuildError: If there is none: it was published (see `is_published`), or cleared away.
        """
        try:
            return Candidate.model_validate_json(self.store.get(f"{_ROOT}/candidates/{candidate_id}.json"))
        except ObjectNotFoundError as error:
            raise BuildError(f"There is no candidate {candidate_id}.", remedy="Run the build again.") from error

    def is_published(self, candidate_id: str) -> bool:
        """Whether the candidate of that name became a snapshot, and nothing is left to do for it."""
        done = self.store.head(f"{_ROOT}/snapshots/{candidate_id}.json")
        return done is not None and self.store.head(f"{_ROOT}/candidates/{candidate_id}.json") is None

    def mark_audited(self, candidate: Candidate) -> Candidate:
        """Records that the candidate passed its audit."""
        passed = candidate.model_copy(update={"audited": True})
        self.store.put(passed.record_key, passed.model_dump_json(indent=1).encode())
        return passed

    def publish(self, candidate: Candidate) -> Snapshot:
        """Makes an audited candidate a snapshot, and its channel point to it.

        A snapshot of an earlier knowledge time than the published one is kept, but the channel stays
        where it is: re-making a past day must not turn the clock back for those who read today's.

        Raises:
            AuditError: If the candidate did not pass its audit.
            ObjectCorruptError: If its file changed since it was built.
        """
        if not candidate.audited:
            raise AuditError(f"{candidate.snapshot_id} has not passed its audit.", remedy="Audit it first.")
        snapshot = Snapshot.model_validate(candidate.model_dump(exclude={"channel", "audited"}))
        file = self.store.fetch(candidate.candidate_key, sha256=candidate.sha256)
        if self.store.head(snapshot.key) is None:
            self.store.put_file(snapshot.key, file)
        record = snapshot.model_dump_json(indent=1).encode()
        self.store.put(f"{_ROOT}/snapshots/{snapshot.snapshot_id}.json", record)
        before = self.published(candidate.channel)
        if before is None or before.as_of <= snapshot.as_of:
            self.store.put(f"{_ROOT}/channels/{candidate.channel}.json", record)
        self.discard(candidate)
        return snapshot

    def discard(self, candidate: Candidate) -> None:
        """Removes a candidate: its description first, so that nobody finds half of it."""
        self.store.delete(candidate.record_key)
        self.store.delete(candidate.candidate_key)

    def expire(self, keep: Collection[str] = ()) -> list[str]:
        """Keeps the last N snapshots of each channel and those that a channel points to; returns what went.

        A reader on an expired snapshot keeps its open file.

        Args:
            keep: Names of snapshots to keep as well: a past day that is being re-made is older than all others.
        """
        pinned = {found.snapshot_id for found in map(self.published, (CORE, CURRENT)) if found} | set(keep)
        gone = []
        for channel in (CORE, CURRENT):
            ours = [snapshot for snapshot in self.snapshots() if f"-{channel}-" in snapshot.snapshot_id]
            for snapshot in ours[: -self.settings.keep_snapshots]:
                if snapshot.snapshot_id not in pinned:
                    self.store.delete(f"{_ROOT}/snapshots/{snapshot.snapshot_id}.json")
                    self.store.delete(snapshot.key)
                    gone.append(snapshot.snapshot_id)
        return gone

    def expire_debris(self) -> list[str]:
        """Removes every candidate, and files of snapshots that a killed run left without a description.

        For the one who knows that no run is between build and publish.
        """
        gone = [info.key for info in self.store.list(f"{_ROOT}/candidates/")]
        files = {info.key for info in self.store.list(f"{_ROOT}/snapshots/")}
        gone += sorted(key for key in files if key.endswith(".duckdb") and f"{key[:-7]}.json" not in files)
        for key in gone:
            self.store.delete(key)
        return gone
