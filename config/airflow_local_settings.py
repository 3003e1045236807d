"""Airflow imports this at every start: it makes SQLite bear several writers, and tasks start quickly.

SQLite answers a write with "database is locked" at once, whatever the timeout, when the transaction read
first and somebody else wrote meanwhile. Airflow reads first only inside savepoints, which Python's driver
opens without taking the write lock; `airflow backfill create` beside a busy scheduler fails that way.
Taking the lock before the savepoint makes such a writer wait for its turn instead.

Tasks fork from the scheduler's workers, so what the scheduler has imported they need not. Great Expectations
takes 3.4 s of a core to import, and landing a day takes 1 s without that.
"""

from __future__ import annotations

import importlib
import sqlite3
import sys

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine


@event.listens_for(Engine, "savepoint")
def take_write_lock_first(connection: Connection, _name: str) -> None:
    """Begins an immediate transaction, unless one is under way or the database is not SQLite."""
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection) and not driver.in_transaction:
        driver.execute("BEGIN IMMEDIATE")


# Only what is safe to fork: neither polars nor duckdb, which bring threads of their own.
if sys.argv[1:2] == ["scheduler"]:
    importlib.import_module("great_expectations")
