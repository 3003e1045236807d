"""The analyst's prompt: Harlequin on a read-only connection, or one query printed."""

from __future__ import annotations

import locale
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from lakehouse.errors import NothingPublishedError
from lakehouse.objectstore import open_store
from lakehouse.warehouse import Warehouse, open_reader
from lakehouse.warehouse.duck import init_script

if TYPE_CHECKING:
    from rich.console import Console

    from lakehouse.settings import Settings


def print_query(settings: Settings, query: str, *, channel: str, snapshot_id: str | None, out: Console) -> None:
    """Runs one query and prints its first two hundred rows as a table."""
    with open_reader(settings, channel=channel, snapshot_id=snapshot_id) as reader:
        frame = reader.frame(query)
    with pl.Config(
        tbl_rows=200,
        tbl_cols=-1,
        tbl_width_chars=10_000,  # a terminal that is too narrow scrolls or wraps; cut columns help nobody
        fmt_str_lengths=60,
        tbl_formatting="UTF8_HORIZONTAL_ONLY",
        tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True,
        thousands_separator=True,
    ):
        out.print(str(frame), highlight=False, markup=False, soft_wrap=True)
    if frame.height > 200:
        out.print(f"… {frame.height:,} rows in all")


def prompt(settings: Settings, *, channel: str, snapshot_id: str | None) -> None:
    """Opens Harlequin on the snapshot; it keeps a history and completes names.

    Raises:
        NothingPublishedError: If there is nothing to open.
    """
    warehouse = Warehouse(settings, open_store(settings))
    snapshot = warehouse.snapshot(snapshot_id) if snapshot_id else warehouse.published(channel)
    if snapshot is None:
        raise NothingPublishedError("Nothing is published yet.", remedy="Run `make demo`, or close a day.")
    script = settings.var / "cache" / "harlequin.sql"
    script.parent.mkdir(parents=True, exist_ok=True)
    path = warehouse.path(snapshot)
    script.write_text(init_script(path))
    harlequin = Path(sys.executable).parent / "harlequin"
    # Without a language the prompt would open with a warning; "C" asks for plain figures in so many words.
    plain = [] if locale.setlocale(locale.LC_NUMERIC, "") not in {"C", "POSIX", "C.UTF-8"} else ["--locale", "C"]
    subprocess.run([str(harlequin), "--read-only", "--init-path", str(script), *plain, str(path)], check=False)
