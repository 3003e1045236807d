"""Files read as tables of text: nothing is guessed, every value is the vendor's own writing.

Types come later, from the mapping, so that a value that does not fit is known by its row and reason.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import fastexcel
import numpy as np
import polars as pl

from extractors.files.charset import decode, guess
from extractors.files.mapping import Layout
from extractors.files.records import header, split
from extractors.files.unpack import check_workbook, unpack
from lakehouse.errors import ContractError

ROW = "__row"  # number of the record in its file, from 1
_MAX_ROWS = 50_000_000


@dataclass(frozen=True)
class TextTable:
    """A file's records as text.

    Attributes:
        frame: `ROW` and the vendor's columns, all text; null where there is nothing.
        broken: Number, reason and text of each record that could not be read.
    """

    frame: pl.DataFrame
    broken: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def columns(self) -> list[str]:
        """The vendor's column names."""
        return [name for name in self.frame.columns if name != ROW]


def read_table(name: str, data: bytes, layout: Layout, expected: Iterable[str] = ()) -> TextTable:
    """Reads a file, compressed or not, as its layout says.

    Records with nothing in any column are left out: they are a spreadsheet's empty rows.

    Args:
        name: The file's name.
        data: Its bytes as received.
        layout: How it is written.
        expected: Column names of the contract, to recognise a wrong character set by.

    Raises:
        ContractError: If it is damaged, in another character set, or without a header.
    """
    content = unpack(name, data)
    if layout.format in ("csv", "tsv"):
        known = frozenset(expected)

        def matches(text: str) -> int:
            return len(known & set(_header_of(text, layout)[0]))

        text = decode(name, content, layout.encoding, matches)
        _check_charset(name, content, layout, matches, matches(text))
        table = _delimited(name, text, layout)
    elif layout.format == "jsonl":
        table = _json_lines(name, decode(name, content, layout.encoding))
    elif layout.format == "xlsx":
        table = _workbook(name, content, layout)
    else:
        table = _parquet(name, content)
    return _without_empty(table, layout)


def _check_charset(name: str, content: bytes, layout: Layout, matches: Callable[[str], int], seen: int) -> None:
    """A header that has more of the expected names in another character set than in the declared one."""
    if content.isascii():
        return
    other = guess(content, matches, above=seen)
    if other:
        raise ContractError(
            f"{name} is not written in {layout.encoding}: in {other} its header has the expected columns.",
            remedy=f"Set `encoding: {other}` in the layout {layout.name}, or export the file as {layout.encoding}.",
        )


def _header_of(text: str, layout: Layout) -> tuple[list[str], str]:
    """The column names, and the text after them."""
    if layout.header is not None:
        return list(layout.header), text
    lines = io.StringIO(text, newline="")
    for _ in range(layout.header_row - 1):
        lines.readline()
    line = lines.readline()
    while layout.quoting and line.count('"') % 2 and (more := lines.readline()):  # a name with a line break in it
        line += more
    names = header(line, delimiter=layout.separator, quoting=layout.quoting) if line.strip() else []
    return names, lines.read()


def _delimited(name: str, text: str, layout: Layout) -> TextTable:
    names, rest = _header_of(text, layout)
    if not names:
        if not text.strip():
            return TextTable(pl.DataFrame(schema={ROW: pl.Int64}))
        raise ContractError(f"{name} has no header in line {layout.header_row}.", remedy="Correct `header_row`.")
    _check_names(name, names)
    records = split(rest.encode(), width=len(names), delimiter=layout.separator, quoting=layout.quoting)
    frame = _read_csv(name, records.body, names, layout)
    if frame.height != len(records.numbers):
        raise ContractError(
            f"{name}: the CSV reader found {frame.height} records, the splitter {len(records.numbers)}.",
            remedy="This is a fault of ours; keep the file and report it.",
        )
    frame = frame.with_columns(pl.Series(ROW, records.numbers, pl.Int64)).sort(ROW)
    return TextTable(frame, records.broken)


def _read_csv(name: str, body: bytes, names: list[str], layout: Layout) -> pl.DataFrame:
    schema = dict.fromkeys(names, pl.String())
    if not body:
        return pl.DataFrame(schema=schema)
    try:
        return pl.read_csv(
            io.BytesIO(body),
            has_header=False,
            schema=schema,
            separator=layout.separator,
            quote_char='"' if layout.quoting else None,
        )
    except pl.exceptions.PolarsError as error:
        raise ContractError(f"{name} cannot be read as {layout.format}: {error}", remedy="Export it again.") from error


def _json_lines(name: str, text: str) -> TextTable:
    lines = [(number, line) for number, line in enumerate(_filled(text), start=1)]
    records: list[tuple[int, dict[str, Any]]] = []
    broken: list[tuple[int, str, str]] = []
    _decode_block(lines, records, broken)
    names = sorted({key for _, record in records for key in record})
    _check_names(name, names)
    columns = {key: pl.Series(key, [_as_text(record.get(key)) for _, record in records], pl.String) for key in names}
    rows = pl.Series(ROW, [number for number, _ in records], pl.Int64)
    return TextTable(pl.DataFrame([rows, *columns.values()]), broken)


def _filled(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]  # not splitlines(): U+2028 may stand in a string


class _NotJsonNumberError(ValueError):
    pass


def _refuse(constant: str) -> None:
    raise _NotJsonNumberError(f"holds {constant}, which is no JSON number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise _NotJsonNumberError("names a key twice")
    return record


def _loads(text: str) -> Any:  # noqa: ANN401 -- whatever JSON holds
    """JSON whose numbers stay text: a 23-digit id is not a float, and NaN is not a number."""
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse, object_pairs_hook=_unique)


def _decode_block(
    lines: Sequence[tuple[int, str]], records: list[tuple[int, dict[str, Any]]], broken: list[tuple[int, str, str]]
) -> None:
    """Decodes many lines at once, and halves the block where that fails: one bad line costs little."""
    if not lines:
        return
    try:
        # The zeros between them keep two damaged lines from making a sound pair.
        joined = ",0,".join(line for _, line in lines)
        found = _loads(f"[{joined}]")
        if "\\ud" in joined.lower():  # an escape may be half a character, which is no text
            json.dumps(found, ensure_ascii=False).encode()
        if len(found) == 2 * len(lines) - 1 and all(isinstance(one, dict) for one in found[::2]):
            records.extend((number, one) for (number, _), one in zip(lines, found[::2], strict=True))
            return
        reason = "is not one JSON object"
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, _NotJsonNumberError) else "is not JSON"
    if len(lines) == 1:
        broken.append((lines[0][0], reason, lines[0][1]))
        return
    middle = len(lines) // 2
    _decode_block(lines[:middle], records, broken)
    _decode_block(lines[middle:], records, broken)


def _as_text(value: Any) -> str | None:  # noqa: ANN401 -- whatever JSON holds
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _workbook(name: str, data: bytes, layout: Layout) -> TextTable:
    check_workbook(name, data)
    try:
        book = fastexcel.read_excel(data)
        if layout.sheet is not None and layout.sheet not in book.sheet_names:
            raise ContractError(
                f"{name} has no sheet {layout.sheet!r}.", remedy=f"Its sheets are {', '.join(book.sheet_names)}."
            )
        # Whole numbers come without a fraction and others in their shortest exact writing: 2.55, not 2.549999….
        sheet = book.load_sheet(layout.sheet or 0, header_row=None, dtypes="string", skip_whitespace_tail_rows=False)
        cells = sheet.to_polars().with_columns(pl.all().cast(pl.String))
    except fastexcel.FastExcelError as error:
        raise ContractError(f"{name} is no readable workbook: {error}", remedy="Save it again as .xlsx.") from error
    skipped = 0 if layout.header is not None else layout.header_row
    names = list(layout.header) if layout.header is not None else _header_cells(cells, layout.header_row)
    if not names:
        return TextTable(pl.DataFrame(schema={ROW: pl.Int64}))
    _check_names(name, names)
    if len(names) < cells.width:
        surplus = cells[:, len(names) :].slice(skipped)
        if any(surplus[column].is_not_null().any() for column in surplus.columns):
            raise ContractError(f"{name} has cells right of its last column name.", remedy="Name or remove them.")
    body = cells[:, : len(names)].slice(skipped)
    body.columns = names[: body.width]
    return TextTable(body.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW)))


def _header_cells(cells: pl.DataFrame, header_row: int) -> list[str]:
    if cells.height < header_row:
        return []
    names = list(cells.row(header_row - 1))
    while names and names[-1] is None:
        names.pop()
    return [name or "" for name in names]


def _parquet(name: str, data: bytes) -> TextTable:
    try:
        rows = pl.scan_parquet(io.BytesIO(data)).select(pl.len()).collect().item()  # from the footer alone
        if rows > _MAX_ROWS:
            raise ContractError(f"{name} says that it holds {rows} rows.", remedy="Split it.")
        frame = pl.read_parquet(io.BytesIO(data))
    except (OSError, pl.exceptions.PolarsError) as error:
        raise ContractError(f"{name} is no readable Parquet file: {error}", remedy="Export it again.") from error
    texts = [_column_as_text(name, frame[column]) for column in frame.columns]
    return TextTable(pl.DataFrame([pl.Series(ROW, np.arange(1, frame.height + 1)), *texts]))


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


def _without_empty(table: TextTable, layout: Layout) -> TextTable:
    frame = table.frame
    if table.columns and frame.height:
        cells = pl.col(table.columns).str.strip_chars()
        frame = frame.filter(pl.any_horizontal(cells.is_not_null() & (cells != "")))
    patterns = [re.compile(pattern) for pattern in layout.not_records]
    blank = ' \t\r"' + layout.separator
    broken = [
        one
        for one in table.broken
        if one[2].strip(blank) and not any(pattern.fullmatch(one[2].strip()) for pattern in patterns)
    ]
    return TextTable(frame, broken)


def _check_names(name: str, names: Sequence[str]) -> None:
    doubled = sorted({one for one in names if list(names).count(one) > 1})
    if doubled:
        shown = ", ".join(repr(one) for one in doubled)
        raise ContractError(f"{name} names the column {shown} more than once.", remedy="Rename or remove one of them.")
