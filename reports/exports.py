"""The report tables as files: CSV and XLSX for people, Parquet for programs, and a README of their columns."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import xlsxwriter  # type: ignore[import-untyped]  # it has no stubs

from lakehouse.files import write_bytes
from reports.columns import TABLES
from reports.tables import LAST_POSITIONS, Frames, Run, read, read_run

# A spreadsheet takes a cell that begins so for a formula (OWASP, "CSV injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_CELL = 32_767
_MOST_ROWS = 1_048_575
_WIDEST, _NARROWEST = 60, 9


def write_all(reader: Frames, *, out_dir: Path) -> list[Path]:
    """Writes every report table in every format, and their README.

    Args:
        reader: The published warehouse.
        out_dir: Folder to write into: csv/, parquet/, report_tables.xlsx and README.md.

    Returns:
        The files, in the order of their names. The same snapshot gives the same bytes.
    """
    run = read_run(reader)
    only = {"rpt_price_position": LAST_POSITIONS}
    frames = {name: _ordered(read(reader, name, only.get(name, ""))) for name in TABLES}
    files: dict[str, bytes] = {"README.md": readme(frames, run).encode(), "report_tables.xlsx": workbook(frames, run)}
    for name, frame in frames.items():
        files[f"csv/{name}.csv"] = csv(frame)
        files[f"parquet/{name}.parquet"] = parquet(frame)
    for name, data in files.items():
        write_bytes(out_dir / name, data)
    return [out_dir / name for name in sorted(files)]


def _ordered(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows in one order whatever order the warehouse gave them in."""
    return frame.sort(frame.columns, nulls_last=True)


def guarded(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with an apostrophe before every text that a spreadsheet would run as a formula."""
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    return frame.with_columns([
        pl.when(pl.any_horizontal([pl.col(name).str.starts_with(start) for start in _FORMULA_STARTS]))
        .then(pl.lit("'") + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in texts
    ])  # fmt: skip


def csv(frame: pl.DataFrame) -> bytes:
    """The frame as UTF-8 CSV with a byte-order mark, by which spreadsheets know that it is UTF-8."""
    buffer = io.BytesIO()
    guarded(frame).write_csv(buffer, include_bom=True)
    return buffer.getvalue()


def parquet(frame: pl.DataFrame) -> bytes:
    """The frame as Parquet, its types kept."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def workbook(frames: Mapping[str, pl.DataFrame], run: Run) -> bytes:
    """The frames as one workbook, a sheet each: typed cells, the head frozen, widths that fit, no formulas."""
    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        # The run's time, not the clock's, so that the same snapshot gives the same bytes.
        book.set_properties({"title": "ecomops report tables", "comments": run.run_id, "created": run.as_of})
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            "money": book.add_format({"num_format": "#,##0.00##"}),
        }
        for name, frame in frames.items():
            _sheet(book.add_worksheet(name), frame.head(_MOST_ROWS), formats)
    return buffer.getvalue()


def _sheet(
    sheet: xlsxwriter.worksheet.Worksheet, frame: pl.DataFrame, formats: dict[str, xlsxwriter.format.Format]
) -> None:
    sheet.freeze_panes(1, 0)
    for index, (name, dtype) in enumerate(frame.schema.items()):
        sheet.write_string(0, index, name, formats["head"])
        kind = (
            "date" if dtype == pl.Date else "moment" if dtype == pl.Datetime else "money" if dtype.is_decimal() else ""
        )
        values = frame[name].to_list()
        for row, value in enumerate(values, 1):
            _cell(sheet, row, index, value, formats.get(kind))
        widest = max([len(name), *(len(str(value)) for value in values[:500])])
        sheet.set_column(index, index, min(_WIDEST, max(_NARROWEST, widest + 2)))
    sheet.autofilter(0, 0, max(1, frame.height), max(0, frame.width - 1))


def _cell(
    sheet: xlsxwriter.worksheet.Worksheet,
    row: int,
    column: int,
    value: object,
    style: xlsxwriter.format.Format | None,
) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value, style)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, float(value), style)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, value.replace(tzinfo=None), style)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, style)
    else:
        sheet.write_string(row, column, str(value)[:_LONGEST_CELL], style)


def readme(frames: Mapping[str, pl.DataFrame], run: Run) -> str:
    """What the files are, of which run, and what every column holds."""
    through = f"{run.data_through:%Y-%m-%d %H:%M} UTC" if run.data_through else "no data"
    lines = [
        "# Report tables",
        "",
        f"Run `{run.run_id}`, as of {run.as_of:%Y-%m-%d %H:%M} UTC, data to {through}. Amounts are in {run.currency}.",
        "",
        "`csv/` is UTF-8 with a byte-order mark; a text that a spreadsheet would run as a formula has an apostrophe",
        "before it. `report_tables.xlsx` has a sheet a table. `parquet/` keeps the exact types: amounts are decimals.",
    ]
    for name, columns in TABLES.items():
        frame = frames[name]
        lines += [
            "",
            f"## {name}",
            "",
            f"{frame.height:,} rows.",
            "",
            "| column | type | what it holds |",
            "|---|---|---|",
        ]
        lines += [f"| {column} | {frame.schema[column]} | {text} |" for column, text in columns.items()]
    return "\n".join(lines) + "\n"
