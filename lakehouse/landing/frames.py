"""Tables on their way into the store as Parquet files, a batch at a time."""

from __future__ import annotations

import hashlib
import io
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # pyarrow ships no types

from lakehouse.files import sha256_file
from lakehouse.landing.manifest import StoredObject
from lakehouse.objectstore import ObjectStore


class FrameFiles:
    """Named tables, each put together from batches of one schema.

    A table of one batch is written from memory; from the second batch on a table goes through a temporary
    file, so that no more than two batches are ever in memory.

    Args:
        store: Where to.
        folder: Key prefix of the tables.
        scratch: Folder for temporary files; None: the system's, which may be in memory itself.
    """

    def __init__(self, store: ObjectStore, folder: str, scratch: Path | None = None) -> None:
        self._store = store
        self._folder = folder
        self._within = scratch
        self._held: dict[str, pl.DataFrame] = {}
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self.heights: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._writers.values():
            writer.close()
        if self._scratch is not None:
            self._scratch.cleanup()

    def expect(self, name: str, schema: pl.Schema) -> None:
        """Makes sure that a table is there, with that schema, even if no batch holds a row of it."""
        self._held.setdefault(name, pl.DataFrame(schema=schema))
        self.heights.setdefault(name, 0)

    def append(self, name: str, rows: pl.DataFrame) -> None:
        """Adds rows to a table."""
        self.heights[name] = self.heights.get(name, 0) + rows.height
        waiting = self._held.pop(name, None)
        if name not in self._writers and (waiting is None or waiting.is_empty()):
            self._held[name] = rows
            return
        if name not in self._writers:
            self._writers[name] = pq.ParquetWriter(self._path(name), rows.to_arrow().schema, compression="zstd")
        for frame in (waiting, rows):
            if frame is not None and frame.height:
                self._writers[name].write_table(frame.to_arrow())

    def store_all(self) -> dict[str, StoredObject]:
        """Stores every table as `<folder>/<name>.parquet`; called once, last."""
        stored = {name: self._store_frame(name, frame) for name, frame in self._held.items()}
        for name, writer in self._writers.items():
            writer.close()
            key, path = f"{self._folder}/{name}.parquet", self._path(name)
            size = self._store.put_file(key, path).size
            stored[name] = StoredObject(key=key, bytes=size, sha256=sha256_file(path))
        return stored

    def _store_frame(self, name: str, frame: pl.DataFrame) -> StoredObject:
        buffer = io.BytesIO()
        frame.write_parquet(buffer, compression="zstd", statistics=True)
        data, key = buffer.getvalue(), f"{self._folder}/{name}.parquet"
        self._store.put(key, data)
        return StoredObject(key=key, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())

    def _path(self, name: str) -> Path:
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(dir=self._within, prefix="ecomops-frames-")
        return Path(self._scratch.name) / f"{name}.parquet"
