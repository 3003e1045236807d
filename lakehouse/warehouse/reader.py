"""Reading a published warehouse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from lakehouse.errors import EcomopsError, NothingPublishedError
from lakehouse.objectstore import open_store
from lakehouse.warehouse.duck import open_locked
from lakehouse.warehouse.snapshots import CURRENT, Candidate, Snapshot, Warehouse

if TYPE_CHECKING:
    from lakehouse.settings import Settings


class Reader:
    """One snapshot, open read-only. It stays the same snapshot whatever is published meanwhile."""

    def __init__(self, con: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
        self._con = con
        self.snapshot = snapshot

    def frame(self, sql: str, params: Sequence[object] | Mapping[str, object] | None = None) -> pl.DataFrame:
        """The result of a query as a polars frame.

        Args:
            sql: One SELECT; tables of marts, reports and models go by their plain names.
            params: Values for its ``?``, or by name for its ``$name``.

        Raises:
            EcomopsError: If the query is wrong; the message is DuckDB's.
        """
        try:
            relation = self._con.sql(sql, params=dict(params) if isinstance(params, Mapping) else list(params or []))
            arrow = relation.to_arrow_table()
        except duckdb.Error as error:
            raise EcomopsError(f"The query failed: {error}", remedy="Correct it and run it again.") from error
        frame = pl.from_arrow(arrow)
        if not isinstance(frame, pl.DataFrame):
            raise TypeError(type(frame))
        return frame

    def rows(self, sql: str, params: Sequence[object] | Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
        """The result of a query as tuples, for small answers."""
        return self.frame(sql, params).rows()

    def tables(self) -> list[tuple[str, str]]:
        """Schema and name of every table and view that people may use."""
        return [
            (str(schema), str(name))
            for schema, name in self.rows(
                "select table_schema, table_name from information_schema.tables "
                "where table_schema in ('raw', 'marts', 'models', 'reports') order by all"
            )
        ]


@contextmanager
def open_reader(settings: Settings, *, channel: str = CURRENT, snapshot_id: str | None = None) -> Iterator[Reader]:
    """Opens what a channel points to, or one kept snapshot by name.

    Raises:
        NothingPublishedError: If there is nothing to open.
        ObjectCorruptError: If the file is not what was published.
    """
    warehouse = Warehouse(settings, open_store(settings))
    snapshot = warehouse.snapshot(snapshot_id) if snapshot_id else warehouse.published(channel)
    if snapshot is None:
        raise NothingPublishedError(
            f"Nothing is published in the channel {channel!r} yet.", remedy="Run `ecomops demo`, or close a day."
        )
    with _reader(warehouse, snapshot, snapshot.key) as reader:
        yield reader


@contextmanager
def open_candidate(settings: Settings, candidate: Candidate) -> Iterator[Reader]:
    """Opens a build that is not published, for its audit."""
    with _reader(Warehouse(settings, open_store(settings)), candidate, candidate.candidate_key) as reader:
        yield reader


@contextmanager
def _reader(warehouse: Warehouse, snapshot: Snapshot, key: str) -> Iterator[Reader]:
    con = open_locked(warehouse.store.fetch(key, sha256=snapshot.sha256))
    try:
        yield Reader(con, snapshot)
    finally:
        con.close()
