"""Opening DuckDB, in the only two ways it is ever opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from lakehouse.errors import BuildError

if TYPE_CHECKING:
    from lakehouse.settings import Settings

SEARCH_PATH = ("marts", "reports", "models", "staging")

# Seen to refuse file reads, COPY, ATTACH, LOAD and SET from a query.
LOCKED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "python_enable_replacements": "false",
}


def open_locked(path: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection that can read this file's tables and nothing else, in UTC.

    Connections of one process to one file share an instance, and with it the lock: the first sets what is global.
    """
    con = duckdb.connect(str(path), read_only=True, config=LOCKED)
    if not con.execute("select current_setting('lock_configuration')").fetchall()[0][0]:
        con.execute("SET GLOBAL TimeZone = 'UTC'")
    present = {name for (name,) in con.execute("select schema_name from information_schema.schemata").fetchall()}
    path_setting = ",".join(name for name in SEARCH_PATH if name in present)
    con.execute(f"SET search_path = '{path_setting or 'main'}'")  # each connection's own; the lock lets it through
    if not con.execute("select current_setting('lock_configuration')").fetchall()[0][0]:
        con.execute("SET lock_configuration = true")
    return con


def init_script(path: Path) -> str:
    """The statements that lock a shell's own read-only connection as `open_locked` locks ours."""
    con = open_locked(path)
    setting = con.execute("select current_setting('search_path')").fetchall()[0][0]
    con.close()
    settings = [f"SET {name} = '{value}'" for name, value in LOCKED.items() if name != "python_enable_replacements"]
    return (
        ";\n".join(
            ["SET TimeZone = 'UTC'", f"SET search_path = '{setting}'", *settings, "SET lock_configuration = true"]
        )
        + ";\n"
    )


def open_builder(path: Path, settings: Settings) -> duckdb.DuckDBPyConnection:
    """A writing connection to a file that is being built.

    Raises:
        BuildError: If another process has the file open.
    """
    scratch = path.parent / f"{path.stem}.spill"
    try:
        return duckdb.connect(
            str(path),
            config={
                "TimeZone": "UTC",
                "threads": str(settings.duckdb_threads),
                "memory_limit": settings.duckdb_memory_limit,
                "temp_directory": str(scratch),
                "autoinstall_known_extensions": "false",
                "python_enable_replacements": "false",
            },
        )
    except duckdb.IOException as error:
        raise BuildError(
            f"{path.name} cannot be opened for building: {error}", remedy="Wait until the other build has ended."
        ) from error


def checkpoint_and_close(con: duckdb.DuckDBPyConnection) -> None:
    """Moves the write-ahead log into the file and closes it, so that the file stands alone."""
    con.execute("CHECKPOINT")
    con.close()
