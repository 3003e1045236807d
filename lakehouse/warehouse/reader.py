"""Reading a published warehouse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from lakehouse.errors import EcomopsError, NothingPublishedError, ObjectNotFoundError
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
            if relation is None:
                raise EcomopsError("That is no query: it has no result.", remedy="Write one SELECT.")
            arrow = relation.to_arrow_table()
            frame = pl.DataFrame(arrow.rename_columns(_distinct(arrow.column_names)))
        except duckdb.Error as error:
            raise EcomopsError(f"The query failed: {error}", remedy="Correct it and run it again.") from error
        except pl.exceptions.PolarsError as error:
            raise EcomopsError(
                f"The query's result has a type that a frame cannot hold: {error}", remedy="Cast it in the query."
            ) from error
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


def _distinct(names: Sequence[str]) -> list[str]:
    """The names, those that were there before numbered: ``select *`` from a join has the key twice."""
    taken = set(names)
    found: list[str] = []
    for name in names:
        new, number = name, 0
        while new in found or (number and new in taken):
            number += 1
            new = f"{name}_{number}"
        found.append(new)
    return found


@contextmanager
def open_reader(settings: Settings, *, channel: str = CURRENT, snapshot_id: str | None = None) -> Iterator[Reader]:
    """Opens what a channel points to, or one kept snapshot by name.

    Raises:
        NothingPublishedError: If there is nothing to open.
        ObjectCorruptError: If the file is not what was published.
    """
    warehouse = Warehouse(settings, open_store(settings))
    con, snapshot = _open(warehouse, snapshot_id) if snapshot_id else _open_channel(warehouse, channel)
    try:
        yield Reader(con, snapshot)
    finally:
        con.close()


def _open(warehouse: Warehouse, snapshot_id: str) -> tuple[duckdb.DuckDBPyConnection, Snapshot]:
    snapshot = warehouse.snapshot(snapshot_id)
    return open_locked(warehouse.path(snapshot)), snapshot


def _open_channel(warehouse: Warehouse, channel: str) -> tuple[duckdb.DuckDBPyConnection, Snapshot]:
    """What the channel points to; looked up again where it moved on, and the old snapshot expired, meanwhile."""
    missed: Snapshot | None = None
    while True:
        snapshot = warehouse.published(channel)
        if snapshot is None:
            raise NothingPublishedError(
                f"Nothing is published in the channel {channel!r} yet.", remedy="Run `ecomops demo`, or close a day."
            )
        try:
            return open_locked(warehouse.path(snapshot)), snapshot
        except (ObjectNotFoundError, duckdb.IOException):
            if snapshot == missed:
                raise
            missed = snapshot


@contextmanager
def open_candidate(settings: Settings, candidate: Candidate) -> Iterator[Reader]:
    """Opens a build that is not published, for its audit."""
    con = open_locked(open_store(settings).fetch(candidate.candidate_key, sha256=candidate.sha256))
    try:
        yield Reader(con, candidate)
    finally:
        con.close()
