"""The embedded object store: a directory."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from lakehouse.errors import (
    ObjectCorruptError,
    ObjectExistsError,
    ObjectNotFoundError,
    StoreUnavailableError,
)
from lakehouse.files import fsync_path, place, sha256_file, share_file, staged, write_bytes
from lakehouse.objectstore.base import ObjectInfo, check_key, check_prefix

# A folder is no object, and nothing lies below a file.
_ABSENT = (FileNotFoundError, IsADirectoryError, NotADirectoryError)


class DirectoryStore:
    """Objects as files below one folder; written beside their name, synced, then linked into place."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def url(self) -> str:
        """The folder."""
        return str(self.root)

    def put(self, key: str, data: bytes, *, if_absent: bool = False) -> ObjectInfo:
        """See `ObjectStore.put`."""
        path = self._path(key)
        try:
            write_bytes(path, data, if_absent=if_absent)
        except FileExistsError as error:
            raise taken(key) from error
        except OSError as error:
            raise self._unavailable(key, error) from error
        return ObjectInfo(key, len(data))

    def put_file(self, key: str, path: Path, *, if_absent: bool = False) -> ObjectInfo:
        """See `ObjectStore.put_file`; a file that nobody may write to gets a second name, not a copy."""
        target = self._path(key)
        try:
            with staged(target) as temporary:
                share_file(path, temporary)
                temporary.chmod(0o444)
                fsync_path(temporary)
                size = temporary.stat().st_size
                place(temporary, target, if_absent=if_absent)
        except FileExistsError as error:
            raise taken(key) from error
        except OSError as error:
            raise self._unavailable(key, error) from error
        return ObjectInfo(key, size)

    def get(self, key: str) -> bytes:
        """See `ObjectStore.get`."""
        try:
            return self._path(key).read_bytes()
        except _ABSENT as error:
            raise _missing(key, self.url) from error
        except OSError as error:
            raise self._unavailable(key, error) from error

    def fetch(self, key: str, *, sha256: str) -> Path:
        """See `ObjectStore.fetch`."""
        path = self._path(key)
        try:
            actual = sha256_file(path)
        except _ABSENT as error:
            raise _missing(key, self.url) from error
        except OSError as error:
            raise self._unavailable(key, error) from error
        if actual != sha256:
            raise corrupt(key, sha256, actual)
        return path

    def head(self, key: str) -> ObjectInfo | None:
        """See `ObjectStore.head`."""
        path = self._path(key)
        return ObjectInfo(key, path.stat().st_size) if path.is_file() else None

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """See `ObjectStore.list`."""
        folder = self.root / check_prefix(prefix).rpartition("/")[0]
        if not folder.is_dir():
            return
        found = []
        for parent, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                path = Path(parent) / name
                key = path.relative_to(self.root).as_posix()
                if not name.startswith(".") and key.startswith(prefix):
                    with contextlib.suppress(FileNotFoundError):  # removed while we were looking
                        told = path.stat()
                        found.append(ObjectInfo(key, told.st_size, datetime.fromtimestamp(told.st_mtime, UTC)))
        yield from sorted(found, key=lambda info: info.key)

    def delete(self, key: str) -> None:
        """See `ObjectStore.delete`."""
        try:
            self._path(key).unlink()
        except _ABSENT:
            return
        except OSError as error:
            raise self._unavailable(key, error) from error

    def _path(self, key: str) -> Path:
        return self.root / check_key(key)

    def _unavailable(self, key: str, error: OSError) -> StoreUnavailableError:
        return StoreUnavailableError(
            f"{key} could not be written to or read from {self.root}: {error.strerror or error}.",
            remedy="Check the disk's free space and the folder's permissions.",
        )


def corrupt(key: str, expected: str, actual: str) -> ObjectCorruptError:
    """The error for an object whose bytes changed after they were landed."""
    return ObjectCorruptError(
        f"{key} is corrupt: its SHA-256 is {actual[:12]}…, its manifest says {expected[:12]}….",
        remedy="Restore this object from a backup, or land its window again.",
    )


def taken(key: str) -> ObjectExistsError:
    """The error for a key that holds an object already."""
    return ObjectExistsError(f"{key} exists already, and an object is written once.")


def _missing(key: str, url: str) -> ObjectNotFoundError:
    return ObjectNotFoundError(f"There is no object {key} in {url}.")
