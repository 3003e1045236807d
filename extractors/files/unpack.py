"""Compressed files, opened with limits: a small file may hold a very large one."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import Protocol

import zstandard

from extractors.files.names import COMPRESSIONS
from lakehouse.errors import ContractError

MAX_BYTES = 1 << 30  # what a file may hold; Online Retail, 13 months of a shop, is 45 MB
MAX_RATIO = 250  # repetitive CSV reaches about 30; a bomb 1,000 and more
_FREE_RATIO_BYTES = 16 << 20  # below this no ratio does harm
_MAX_MEMBERS = 2000
_STEP = 8 << 10


class _Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


def unpack(name: str, data: bytes) -> bytes:
    """The bytes inside a .gz, .zst or .zip file; those of any other file as they are.

    Args:
        name: The file's name; its suffix decides.
        data: The file.

    Raises:
        ContractError: If the file is damaged, too large inside, or a zip with other than one plain file.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if not data and suffix in COMPRESSIONS:
        raise ContractError(f"{name} is empty, which no {suffix[1:]} file is.", remedy="Export or copy it again.")
    try:
        if suffix == ".gz":
            return _capped(name, gzip.GzipFile(fileobj=io.BytesIO(data)), len(data))
        if suffix == ".zst":
            return _zstandard(name, data)
        if suffix == ".zip":
            return _single_member(name, data)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError, zipfile.BadZipFile, NotImplementedError) as error:
        raise ContractError(
            f"{name} is damaged or is not a {suffix[1:]} file: {error}.", remedy="Export or copy it again."
        ) from error
    if len(data) > MAX_BYTES:
        raise _too_large(name)
    return data


def check_workbook(name: str, data: bytes) -> None:
    """Refuses a workbook (a zip of XML) that would not fit in memory.

    Raises:
        ContractError: If it is no workbook or too large inside.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > _MAX_MEMBERS:
                raise _too_large(name)
            total = 0
            for member in members:
                with archive.open(member) as stream:  # counted, because a declared size may lie
                    while chunk := stream.read(1 << 20):
                        total += len(chunk)
                        _check_size(name, total, len(data))
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise ContractError(
            f"{name} is no readable .xlsx workbook: {error}.",
            remedy="Save it as .xlsx without a password, or as CSV with a mapping that says so.",
        ) from error


def _single_member(name: str, data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) != 1:
            inside = ", ".join(member.filename for member in members[:5])
            raise ContractError(
                f"{name} holds {len(members)} files ({inside}), and a part is one file.",
                remedy="Unpack it and drop the files that belong to this source.",
            )
        member = members[0]
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise ContractError(
                f"{name} holds a file named {member.filename!r}, which points out of the archive.",
                remedy="Do not use this archive; ask for it again at its source.",
            )
        if member.flag_bits & 0x1:
            raise ContractError(f"{name} is locked with a password.", remedy="Unpack it and drop the file.")
        with archive.open(member) as stream:
            return _capped(name, stream, len(data))


def _zstandard(name: str, data: bytes) -> bytes:
    """All frames of a file. The library's stream reader takes a frame cut short for a whole one; this does not."""
    chunks, total = [], 0
    frame = zstandard.ZstdDecompressor().decompressobj()
    for start in range(0, len(data), _STEP):
        left = data[start : start + _STEP]
        while left:
            if frame.eof:
                frame = zstandard.ZstdDecompressor().decompressobj()
            chunks.append(frame.decompress(left))
            total += len(chunks[-1])
            _check_size(name, total, len(data))
            left = frame.unused_data if frame.eof else b""
    if not frame.eof:
        raise EOFError("it ends in the middle")
    return b"".join(chunks)


def _capped(name: str, stream: _Readable, packed: int) -> bytes:
    chunks, total = [], 0
    while chunk := stream.read(1 << 20):
        total += len(chunk)
        _check_size(name, total, packed)
        chunks.append(chunk)
    return b"".join(chunks)


def _check_size(name: str, total: int, packed: int) -> None:
    if total > MAX_BYTES or (total > _FREE_RATIO_BYTES and total > MAX_RATIO * packed):
        raise _too_large(name)


def _too_large(name: str) -> ContractError:
    return ContractError(
        f"{name} holds more than {MAX_BYTES >> 20} MB, or expands more than {MAX_RATIO} times.",
        remedy="If it is a genuine export, split it by day or month.",
    )
