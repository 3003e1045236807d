"""Durable local files: what is written here is either whole or absent, even after a power cut."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CHUNK = 1 << 20
_FICLONE = 0x40049409  # linux/fs.h: the target shares the source's blocks until either is written to
_CANNOT_SHARE = {errno.EOPNOTSUPP, errno.ENOTTY, errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EPERM}


def sha256_file(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def copy_file(source: Path, target: Path) -> None:
    """A copy that may be written to, in no time where the file system can share blocks (XFS, Btrfs).

    Never a hard link: what is written to the copy is not written to the source.
    """
    with source.open("rb") as held, target.open("wb") as made:
        try:
            fcntl.ioctl(made.fileno(), _FICLONE, held.fileno())
        except OSError as error:
            if error.errno not in _CANNOT_SHARE:
                raise
        else:
            return
    shutil.copyfile(source, target)


def share_file(source: Path, target: Path) -> None:
    """A second name for a file that nobody may write to (no write bit is set), else a copy of it.

    The bytes of a finished warehouse are then on disk once, whatever the file system can do.
    """
    if not source.stat().st_mode & 0o222:
        try:
            os.link(source, target)
        except OSError as error:
            if error.errno not in _CANNOT_SHARE | {errno.EMLINK, errno.EACCES}:
                raise
        else:
            return
    copy_file(source, target)


def fsync_path(path: Path) -> None:
    """Forces a file's bytes, or a folder's entries, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """A temporary path beside the target, removed afterwards if it is still there.

    Its name begins with a dot, so that listings pass over what a killed process left behind.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".tmp-{secrets.token_hex(8)}-{target.name[-80:]}")
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(target: Path, data: bytes, *, if_absent: bool = False, mode: int = 0o644) -> None:
    """Writes a whole file atomically and durably.

    Raises:
        FileExistsError: If `if_absent` and the target exists; of several writers exactly one wins.
    """
    with staged(target) as temporary:
        with temporary.open("xb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.chmod(mode)
        place(temporary, target, if_absent=if_absent)


def place(temporary: Path, target: Path, *, if_absent: bool = False) -> None:
    """Gives a finished, synced file its name, atomically, and syncs the folder.

    Raises:
        FileExistsError: If `if_absent` and the target exists.
    """
    if if_absent:
        os.link(temporary, target)
    else:
        temporary.replace(target)
    fsync_path(target.parent)
