"""A vendor's bytes on their way into the store: packed where that helps, otherwise as they are."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import zstandard

from lakehouse.files import sha256_file
from lakehouse.landing.manifest import RawFile, RawPart, StoredPart
from lakehouse.objectstore import ObjectStore

_PACKED = {"parquet", "xlsx", "zip", "gz", "zst", "warc"}  # what holds compressed bytes already
_LEVEL = 6


def store_part(
    store: ObjectStore, part: RawPart | RawFile, key: Callable[[str, str], str], *, scratch: Path | None = None
) -> StoredPart:
    """Stores a part's bytes.

    Args:
        store: Where to.
        part: The bytes; those of a file are read block by block.
        key: Gives the object's key for the SHA-256 of the bytes to be stored, and their suffix.
        scratch: Folder for the packed copy of a file; None: the system's.

    Raises:
        StoreUnavailableError: If the store cannot be reached or is full.
    """
    suffix = part.name.rpartition(".")[2].lower() if "." in part.name else "bin"
    suffix = suffix if suffix.isalnum() and suffix.isascii() else "bin"
    is_packed = suffix in _PACKED
    named = suffix if is_packed else f"{suffix}.zst"
    if isinstance(part, RawPart):
        content, size = hashlib.sha256(part.data).hexdigest(), len(part.data)
        data = part.data if is_packed else zstandard.ZstdCompressor(level=_LEVEL).compress(part.data)
        digest = hashlib.sha256(data).hexdigest()
        info = store.put(key(digest, named), data)
    else:
        content, size = sha256_file(part.path), part.path.stat().st_size
        with _ready(part.path, size, scratch, is_packed=is_packed) as path:
            digest = content if is_packed else sha256_file(path)
            info = store.put_file(key(digest, named), path)
    return StoredPart(
        key=info.key,
        bytes=info.size,
        sha256=digest,
        name=part.name,
        encoding="identity" if is_packed else "zstd",
        content_bytes=size,
        content_sha256=content,
        meta=dict(part.meta),
    )


@contextmanager
def _ready(path: Path, size: int, scratch: Path | None, *, is_packed: bool) -> Iterator[Path]:
    """The file to store: itself, or a packed copy that is gone afterwards."""
    if is_packed:
        yield path
        return
    with tempfile.NamedTemporaryFile(dir=scratch, prefix="part-", suffix=".zst") as target:
        with path.open("rb") as source:
            zstandard.ZstdCompressor(level=_LEVEL).copy_stream(source, target, size=size)
        target.flush()
        yield Path(target.name)
