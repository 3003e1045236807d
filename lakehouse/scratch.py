"""A DuckDB of one's own for work that is larger than memory: bounded, spilling, gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import polars as pl


class Scratch:
    """Tables that nobody else sees."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def load(self, name: str, frame: pl.DataFrame, *, order_by: str) -> None:
        """Makes a table of a frame, in an order.

        Args:
            name: The table.
            frame: Its rows; columns keep their names.
            order_by: Columns by which the rows are laid down, as SQL.
        """
        self._connection.register("loaded", frame.to_arrow())
        self._connection.execute(f"create table {name} as select * from loaded order by {order_by}")
        self._connection.unregister("loaded")

    def run(self, statements: str) -> None:
        """Runs SQL statements."""
        self._connection.execute(statements)

    def frame(self, sql: str) -> pl.DataFrame:
        """The rows of a query."""
        return pl.DataFrame(pl.from_arrow(self._connection.sql(sql).to_arrow_table()))


@contextmanager
def scratch(*, memory: str, threads: int = 2) -> Iterator[Scratch]:
    """A scratch database in a temporary folder, into which it spills.

    Args:
        memory: What DuckDB may hold, for instance `800MB`.
        threads: How many it may use.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        duckdb.connect() as connection,
    ):
        connection.execute(f"set temp_directory = '{folder}'")
        connection.execute(f"set memory_limit = '{memory}'; set threads = {threads}")
        connection.execute("set preserve_insertion_order = false; set enable_progress_bar = false")
        yield Scratch(connection)
