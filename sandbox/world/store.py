"""The world on disk: one Parquet file a table, written part by part, and read lazily."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # pyarrow ships no types

from sandbox.world.schema import TABLES, TRUTH, checked
from sandbox.world.spec import WorldSpec

_SPEC_FILE = "world.json"


class World:
    """A generated world, to be read.

    Attributes:
        folder: Where its files are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._frames: dict[str, pl.DataFrame] = {}

    @classmethod
    def open(cls, folder: Path) -> World:
        """The world in a folder.

        Raises:
            FileNotFoundError: If no world was finished there.
        """
        if not (folder / _SPEC_FILE).is_file():
            raise FileNotFoundError(f"{folder} holds no world: make one with `python -m sandbox world {folder}`.")
        return cls(folder)

    @cached_property
    def spec(self) -> WorldSpec:
        """What it was made from."""
        told = json.loads((self.folder / _SPEC_FILE).read_text())["spec"]
        days = {name: date.fromisoformat(told[name]) for name in ("first_day", "last_day")}
        return WorldSpec(**(told | days))

    def path(self, table: str) -> Path:
        """The table's Parquet file; a table of the truth lies in `truth/`."""
        if table in TABLES:
            return self.folder / f"{table}.parquet"
        if table in TRUTH:
            return self.folder / "truth" / f"{table}.parquet"
        raise KeyError(f"No table {table!r}; there are {', '.join(TABLES)}; truth: {', '.join(TRUTH)}")

    def scan(self, table: str) -> pl.LazyFrame:
        """The table, read when it is collected."""
        return pl.scan_parquet(self.path(table))

    def frame(self, table: str) -> pl.DataFrame:
        """The whole table in memory, read once."""
        if table not in self._frames:
            self._frames[table] = pl.read_parquet(self.path(table))
        return self._frames[table]

    def truth(self, table: str) -> pl.DataFrame:
        """A table of what no merchant knows: `true_demand`, `lost_sales`, `affinities` and others."""
        if table not in TRUTH:
            raise KeyError(f"No truth {table!r}; there are {', '.join(TRUTH)}")
        return self.frame(table)


class Writer:
    """Writes a world: every table takes any number of parts, one row group each, so that memory stays flat."""

    def __init__(self, folder: Path, spec: WorldSpec) -> None:
        (folder / "truth").mkdir(parents=True, exist_ok=True)
        (folder / _SPEC_FILE).unlink(missing_ok=True)
        self.world = World(folder)
        self._spec = spec
        self._files: dict[str, pq.ParquetWriter] = {}
        self._rows: dict[str, int] = {}

    def write(self, table: str, frame: pl.DataFrame) -> None:
        """Adds a part to a table.

        Raises:
            ValueError: If the part does not fit the table's schema.
        """
        part = checked(frame, table).to_arrow(compat_level=pl.CompatLevel.oldest())
        if table not in self._files:
            self._files[table] = pq.ParquetWriter(self.world.path(table), part.schema, compression="zstd")
        if part.num_rows:
            self._files[table].write_table(part)
        self._rows[table] = self._rows.get(table, 0) + part.num_rows

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Closes the files. Only a world that was finished gets its `world.json`."""
        for table, columns in (TABLES | TRUTH).items():
            if kind is None and table not in self._files:
                self.write(table, pl.DataFrame(schema=columns))
        for file in self._files.values():
            file.close()
        if kind is None:
            told = asdict(self._spec) | {
                "first_day": self._spec.first_day.isoformat(),
                "last_day": self._spec.last_day.isoformat(),
            }
            text = json.dumps({"spec": told, "rows": dict(sorted(self._rows.items()))}, indent=1)
            (self.world.folder / _SPEC_FILE).write_text(text + "\n")
