"""Files as other people's tools write them, the same bytes from the same rows."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import xlsxwriter  # type: ignore[import-untyped]

OFFICE = "Europe/London"
_EPOCH = datetime(2025, 1, 1)  # noqa: DTZ001 -- a workbook's own stamp has no zone
_ZIPPED = (2025, 1, 1, 0, 0, 0)
Cell = str | int | float | date | None


def days(first: date, last: date) -> Iterator[date]:
    """The days from the first to the last, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def local_day(at: pl.Expr) -> pl.Expr:
    """The office's day of an instant in UTC."""
    return at.dt.replace_time_zone("UTC").dt.convert_time_zone(OFFICE).dt.date()


def stamped(at: pl.Expr) -> pl.Expr:
    """An instant in UTC as the office writes it: local, with its offset, so that no hour is ambiguous."""
    return at.dt.replace_time_zone("UTC").dt.convert_time_zone(OFFICE).dt.to_string("%Y-%m-%dT%H:%M:%S%:z")


def amount(minor: pl.Expr, currency: pl.Expr) -> pl.Expr:
    """Minor units as people write an amount: yen whole, others with two decimals."""
    size = minor.abs()
    cents = pl.concat_str(size // 100, pl.lit("."), (size % 100).cast(pl.String).str.zfill(2))
    text = pl.when(currency == "JPY").then(size.cast(pl.String)).otherwise(cents)
    return pl.when(minor < 0).then("-" + text).otherwise(text)


def write_csv(path: Path, frame: pl.DataFrame, *, before: Sequence[str] = (), delimiter: str = ",") -> None:
    """A CSV file, UTF-8.

    Args:
        path: Where; its folder is made.
        frame: Its columns and rows.
        before: Lines above the names.
        delimiter: What parts the fields.
    """
    out = io.StringIO(newline="")
    out.writelines(f"{line}\r\n" for line in before)
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(frame.columns)
    writer.writerows(frame.iter_rows())
    put(path, out.getvalue().encode())


def write_workbook(path: Path, frame: pl.DataFrame) -> None:
    """A workbook of one sheet; dates are dates, numbers numbers."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": _EPOCH})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    page = book.add_worksheet("Report")
    page.write_row(0, 0, frame.columns)
    for number, row in enumerate(frame.iter_rows(), start=1):
        for place, value in enumerate(row):
            if isinstance(value, date):
                page.write_datetime(number, place, value, day)
            elif isinstance(value, str):
                page.write_string(number, place, value)
            elif value is not None:
                page.write_number(number, place, value)
    book.close()
    put(path, out.getvalue())


def zipped(name: str, data: bytes) -> bytes:
    """A zip of one file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, _ZIPPED), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def gzipped(data: bytes) -> bytes:
    """Gzip without a time in it."""
    return gzip.compress(data, compresslevel=5, mtime=0)


def put(path: Path, data: bytes) -> None:
    """The bytes at a path whose folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def files_in(folder: Path) -> int:
    """How many files there are under a folder."""
    return sum(path.is_file() for path in folder.rglob("*"))
