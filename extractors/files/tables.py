"""Files read as tables of text: nothing is guessed, every value is the vendor's own writing.

Types come later, from the mapping, so that a value that does not fit is known by its row and reason.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Sequence

import polars as pl

from extractors.files.binary import read_parquet, read_workbook
from extractors.files.charset import decode, guess
from extractors.files.jsonlines import NotJsonError, read_json_lines
from extractors.files.layout import Layout
from extractors.files.nested import open_frame
from extractors.files.paths import Record
from extractors.files.records import header, split
from extractors.files.snowplow import with_self_described
from extractors.files.texttable import ROW, TextTable, check_names, no_records
from extractors.files.unpack import unpack
from lakehouse.errors import ContractError


def read_table(name: str, data: bytes, layout: Layout, expected: Iterable[str] = ()) -> TextTable:
    """Reads a file, compressed or not, as its layout says.

    Records with nothing in any column are left out: they are a spreadsheet's empty rows.

    Args:
        name: The file's name.
        data: Its bytes as received.
        layout: How it is written.
        expected: Column names of the contract: what is read of open records, and what a wrong character set is
            recognised by.

    Raises:
        ContractError: If it is damaged, in another character set, or without a header.
    """
    content = unpack(name, data)
    wanted = sorted(set(expected))
    if layout.format in ("csv", "tsv"):
        known = frozenset(wanted)

        def matches(text: str) -> int:
            return len(known & set(_header_of(text, layout)[0]))

        text = decode(name, content, layout.encoding, matches)
        _check_charset(name, content, layout, matches, matches(text))
        table = _delimited(name, text, layout)
        if layout.open:
            return _opened(_without_empty(table, layout), wanted, layout)
    elif layout.format == "jsonl":
        table = read_json_lines(name, decode(name, content, layout.encoding), layout, wanted)
    elif layout.format == "xlsx":
        table = read_workbook(name, content, layout)
    else:
        table = read_parquet(name, content, layout, wanted)
    return table if layout.open else _without_empty(table, layout)


def _opened(table: TextTable, wanted: Sequence[str], layout: Layout) -> TextTable:
    """A table whose self-describing columns are taken apart; a record in which that fails is damaged."""
    records, broken = list[tuple[int, Record, str]](), list(table.broken)
    for row in table.frame.iter_rows(named=True):
        number = int(row.pop(ROW))
        try:
            record = with_self_described(row, layout.self_describing)
            records.append((number, record, json.dumps(record, ensure_ascii=False)))
        except NotJsonError as error:
            broken.append((number, str(error), json.dumps(row, ensure_ascii=False)))
    return TextTable(open_frame(records, wanted, layout.explode), broken)


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
            return no_records()
        raise ContractError(f"{name} has no header in line {layout.header_row}.", remedy="Correct `header_row`.")
    check_names(name, names)
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
