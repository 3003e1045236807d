"""Workbooks and Parquet files as text: their numbers in the shortest writing that means the same."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import fastexcel
import numpy as np
import polars as pl

from extractors.files.layout import Layout
from extractors.files.nested import open_frame
from extractors.files.paths import Record
from extractors.files.texttable import ROW, TextTable, check_names, no_records
from extractors.files.unpack import check_workbook
from lakehouse.errors import ContractError

_MAX_ROWS = 50_000_000
_BLOCK_ROWS = 20_000


def read_workbook(name: str, data: bytes, layout: Layout) -> TextTable:
    """The cells of a sheet. Formulas count as the value that Excel stored for them, and are not run.

    Raises:
        ContractError: If it is no workbook, lacks the sheet, or has cells outside its columns.
    """
    check_workbook(name, data)
    try:
        book = fastexcel.read_excel(data)
        if layout.sheet is not None and layout.sheet not in book.sheet_names:
            raise ContractError(
                f"{name} has no sheet {layout.sheet!r}.", remedy=f"Its sheets are {', '.join(book.sheet_names)}."
            )
        # Whole numbers come without a fraction and others in their shortest exact writing: 2.55, not 2.549999….
        # `skip_rows=0` keeps empty rows above the first cell, so that rows count as Excel shows them.
        sheet = book.load_sheet(layout.sheet or 0, header_row=None, skip_rows=0, dtypes="string")
        arrow, errors = sheet.to_arrow_with_errors()
    except fastexcel.FastExcelError as error:
        raise ContractError(f"{name} is no readable workbook: {error}", remedy="Save it again as .xlsx.") from error
    cells = pl.DataFrame(pl.from_arrow(arrow)).cast(pl.String)
    skipped = 0 if layout.header is not None else layout.header_row
    names = list(layout.header) if layout.header is not None else _header_cells(cells, layout.header_row)
    if not names:
        return no_records()
    check_names(name, names)
    if len(names) < cells.width:
        surplus = cells[:, len(names) :].slice(skipped)
        if any(surplus[column].is_not_null().any() for column in surplus.columns):
            raise ContractError(f"{name} has cells right of its last column name.", remedy="Name or remove them.")
    body = cells[:, : len(names)].slice(skipped)
    body.columns = names[: body.width]
    frame = body.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW))
    return _without_errors(frame, {} if errors is None else _by_row(errors, skipped, names))


def _by_row(errors: fastexcel.CellErrors, skipped: int, names: list[str]) -> dict[int, str]:
    """Of each record with a cell such as #N/A the first such column; read as nothing, it would be lost silently."""
    found: dict[int, str] = {}
    for error in errors.errors:
        row, column = error.position
        if row >= skipped and column < len(names):
            found.setdefault(row - skipped + 1, names[column])
    return found


def _without_errors(frame: pl.DataFrame, errors: dict[int, str]) -> TextTable:
    failed = frame.filter(pl.col(ROW).is_in(list(errors)))
    broken = [
        (
            int(number),
            f"has a spreadsheet error such as #N/A in {errors[number]}",
            "\t".join(cell or "" for cell in row),
        )
        for *row, number in failed.iter_rows()
    ]
    return TextTable(frame.filter(~pl.col(ROW).is_in(list(errors))), broken)


def _header_cells(cells: pl.DataFrame, header_row: int) -> list[str]:
    if cells.height < header_row:
        return []
    names = list(cells.row(header_row - 1))
    while names and names[-1] is None:
        names.pop()
    return [name or "" for name in names]


def read_parquet(name: str, data: bytes, layout: Layout, wanted: Sequence[str]) -> TextTable:
    """The rows of a Parquet file.

    Args:
        name: The file's name.
        data: Its bytes.
        layout: Whether its records are open, and what list makes rows of them.
        wanted: The paths that are read of open records.

    Raises:
        ContractError: If it is damaged, too large, or has columns of lists or records and is not open.
    """
    try:
        rows = pl.scan_parquet(io.BytesIO(data)).select(pl.len()).collect().item()  # from the footer alone
        if rows > _MAX_ROWS:
            raise ContractError(f"{name} says that it holds {rows} rows.", remedy="Split it.")
        frame = pl.read_parquet(io.BytesIO(data))
    except (OSError, pl.exceptions.PolarsError) as error:
        raise ContractError(f"{name} is no readable Parquet file: {error}", remedy="Export it again.") from error
    if layout.open:
        blocks = [
            open_frame(_records(block, number * _BLOCK_ROWS), wanted, layout.explode)
            for number, block in enumerate(frame.iter_slices(_BLOCK_ROWS))
        ]
        return TextTable(pl.concat([open_frame((), wanted, None), *blocks]))
    texts = [_column_as_text(name, frame[column]) for column in frame.columns]
    return TextTable(pl.DataFrame([pl.Series(ROW, np.arange(1, frame.height + 1)), *texts]))


def _records(frame: pl.DataFrame, before: int) -> Iterator[tuple[int, Record, str]]:
    for number, row in enumerate(frame.iter_rows(named=True), start=before + 1):
        record = _plain(row)
        yield number, record, json.dumps(record, ensure_ascii=False)


def _plain(value: Any) -> Any:  # noqa: ANN401 -- whatever a cell holds
    """A cell's value with texts for numbers and times, as `jsonlines.loads` makes them."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (list, pl.Series)):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return np.format_float_positional(value, unique=True, trim="-") if math.isfinite(value) else str(value)
    if isinstance(value, bytes):
        return value.hex()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _column_as_text(name: str, column: pl.Series) -> pl.Series:
    dtype = column.dtype
    if dtype == pl.String:
        return column
    if isinstance(dtype, pl.Datetime):
        zoned = "%z" if dtype.time_zone else ""
        return column.dt.to_string(f"%Y-%m-%d %H:%M:%S%.f{zoned}").str.replace(r"\.0+(\+|$)", "${1}")
    if dtype.is_float():
        return _float_as_text(column)
    if dtype.is_numeric() or dtype in (pl.Boolean, pl.Date, pl.Null, pl.Categorical) or isinstance(dtype, pl.Enum):
        return column.cast(pl.String)
    raise ContractError(
        f"{name}: the column {column.name} has the type {dtype}, which is no single value.", remedy="Flatten it."
    )


def _float_as_text(column: pl.Series) -> pl.Series:
    """The shortest text that gives the same float, without an exponent; whole numbers without a fraction."""
    text = column.cast(pl.String).str.replace(r"\.0$", "")
    exponent = text.str.contains(r"e", literal=True).fill_null(value=False)
    if not exponent.any():
        return text
    values = column.filter(exponent).unique()
    plain = {value: np.format_float_positional(value, unique=True, trim="-") for value in values}
    written = column.replace_strict(plain, default=None, return_dtype=pl.String)
    return pl.select(pl.when(exponent).then(written).otherwise(text).alias(column.name)).to_series()
