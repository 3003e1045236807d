"""Open records as a table: the paths that a mapping names, and all of each record beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from extractors.files.paths import Record, exploded, text_at
from extractors.files.texttable import ELEMENT, RECORD, ROW

_OWN: dict[str, type[pl.DataType]] = {ROW: pl.Int64, ELEMENT: pl.Int64, RECORD: pl.String}


def open_frame(records: Iterable[tuple[int, Record, str]], paths: Sequence[str], explode: str | None) -> pl.DataFrame:
    """The table of open records.

    Args:
        records: Number, content and text of each.
        paths: What its columns are; each bears its path's name.
        explode: Path of the list whose elements make the rows; None: a record is a row.
    """
    rows: list[tuple[int, int, str]] = []
    columns: dict[str, list[str | None]] = {path: [] for path in paths}
    targets = list(columns.items())
    for number, record, text in records:
        parts = [record] if explode is None else exploded(record, explode)
        for place, part in enumerate(parts):
            rows.append((number, place, text))
            for path, values in targets:
                values.append(text_at(part, path))
    own = pl.DataFrame(rows, schema=_OWN, orient="row")
    return own.with_columns(pl.Series(path, values, pl.String) for path, values in columns.items())
