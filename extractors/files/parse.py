"""Bytes in, typed rows and quarantine out. Nothing here reads a clock, a disk or a network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from extractors.files.cards import refuse_cards
from extractors.files.cast import FILE_DATE, VENDOR, cell, divided, is_skipped
from extractors.files.columns import HEADER, Column
from extractors.files.contract import hold_to_contract, identifiers
from extractors.files.layout import Layout
from extractors.files.mapping import SourceMapping
from extractors.files.tables import read_table
from extractors.files.texttable import ELEMENT, RECORD, ROW, TextTable
from lakehouse.errors import ConfigError
from lakehouse.landing import RawPart
from lakehouse.sources import LoadMode
from lakehouse.streams import INSTANT, ORIGIN, QUARANTINE_SCHEMA
from lakehouse.windows import Window

PART = "__part"  # number of the part within a batch
_FAIL, _FAILED_COLUMN, _REPEATED, _IGNORED = "__fail", "__column", "__repeated", "__ignored"
_START, _END, _LABEL = "__start", "__end", "__label"


@dataclass(frozen=True)
class ReadPart:
    """A part read as text, its columns under the names that the mapping gives them first."""

    name: str
    layout: Layout
    table: TextTable

    @property
    def received(self) -> int:
        """Records in it."""
        return self.table.records


@dataclass(frozen=True)
class Batch:
    """Parts parsed together.

    Attributes:
        rows: `PART` and the mapping's schema, in the order of parts and records.
        quarantined: `PART` and `QUARANTINE_SCHEMA`, one row a record.
        deduplicated: `PART` of each record left out as a repetition.
        ignored: `PART` of each record that the mapping says not to use.
    """

    rows: pl.DataFrame
    quarantined: pl.DataFrame
    deduplicated: pl.DataFrame
    ignored: pl.DataFrame


def read_part(mapping: SourceMapping, part: RawPart, *, screened: bool = False) -> ReadPart:
    """Reads a part as text and holds it to the columns of the contract.

    Args:
        mapping: Its source.
        part: Its bytes; the name decides which layout it has.
        screened: Whether it has been searched for card numbers before (bytes that are landed have).

    Raises:
        ContractError: If a column is missing or unknown, the bytes are damaged, or a card number is found.
        ConfigError: If no layout has such file names.
    """
    layout = mapping.layout_of(part.name)
    if layout is None:
        patterns = ", ".join(one.files for one in mapping.layouts)
        raise ConfigError(
            f"{part.name} is no file of the source {mapping.name}.",
            remedy=f"Its files are named {patterns}; rename the file or add a layout to the mapping.",
        )
    expected = {name for column in mapping.columns_of(layout).values() for name in (*column.vendor, *column.aliases)}
    table = read_table(part.name, part.data, layout, expected)
    table = hold_to_contract(mapping, layout, part.name, table)
    if not screened:
        refuse_cards(part.name, table, exempt=identifiers(mapping, layout))
    return ReadPart(part.name, layout, table)


def parse(mapping: SourceMapping, parts: Sequence[ReadPart], windows: Sequence[Window]) -> Batch:
    """Types the rows of parts, each held to its window.

    Args:
        mapping: Their source.
        parts: The parts.
        windows: For each part the window that its rows must lie in, unless the source's loads hold versions.
    """
    frame = _all_typed(mapping, parts)
    ignored = frame.filter(_IGNORED).select(PART, "source_row").unique()
    frame = frame.join(ignored, on=[PART, "source_row"], how="anti", maintain_order="left")
    frame = _hold_to_windows(mapping, frame, parts, windows).sort(PART, "source_row", ELEMENT)
    frame = _whole_records(_hold_to_keys(mapping, frame))
    good = frame.filter(pl.col(_FAIL).is_null() & ~pl.col(_REPEATED))
    first = frame.filter(pl.col(ELEMENT) == 0)
    failed = first.filter(pl.col(_FAIL).is_not_null()).select(
        PART, *ORIGIN, pl.col(_FAILED_COLUMN).alias("column_name"), pl.col(_FAIL).alias("reason")
    )
    quarantined = pl.concat([with_records(parts, failed), _broken_rows(parts)]).sort(PART, "source_row")
    return Batch(
        good.select(PART, *mapping.row_schema.names()),
        quarantined,
        first.filter(_REPEATED).select(PART),
        ignored.select(PART),
    )


def first_and_last(mapping: SourceMapping, parts: Sequence[ReadPart]) -> tuple[datetime, datetime] | None:
    """The first and the last time in parts, aware; None where they hold none."""
    times = _all_typed(mapping, parts).filter(~pl.col(_IGNORED))["occurred_at"]
    first, last = times.min(), times.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return None
    return first.replace(tzinfo=UTC), last.replace(tzinfo=UTC)


def with_records(parts: Sequence[ReadPart], failed: pl.DataFrame) -> pl.DataFrame:
    """Failed rows with the records they came from, as JSON in the vendor's words.

    Args:
        parts: The batch's parts.
        failed: `PART`, the origin columns, ``column_name`` and ``reason``.

    Returns:
        `PART` and `QUARANTINE_SCHEMA`.
    """
    found = [pl.DataFrame(schema={PART: pl.Int64, "source_row": pl.Int64, "record": pl.String})]
    for number in failed[PART].unique(maintain_order=True):
        table = parts[number].table
        rows = failed.filter(pl.col(PART) == number)["source_row"]
        frame = table.frame.filter(pl.col(ROW).is_in(rows.implode()))
        record = pl.col(RECORD) if table.is_open else pl.struct(table.columns).struct.json_encode()
        frame = frame.filter(pl.col(ELEMENT) == 0) if table.is_open else frame
        found.append(
            frame.select(pl.lit(number, pl.Int64).alias(PART), pl.col(ROW).alias("source_row"), record.alias("record"))
        )
    joined = failed.join(pl.concat(found), on=[PART, "source_row"], how="left", maintain_order="left")
    return joined.select(PART, *QUARANTINE_SCHEMA.names())


def _no_rows(mapping: SourceMapping) -> pl.DataFrame:
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        PART: pl.Int64,
        ELEMENT: pl.Int64,
        **mapping.row_schema,
        _IGNORED: pl.Boolean,
        _FAIL: pl.String,
        _FAILED_COLUMN: pl.String,
    }
    return pl.DataFrame(schema=schema)


def _all_typed(mapping: SourceMapping, parts: Sequence[ReadPart]) -> pl.DataFrame:
    typed = [_typed(mapping, layout, parts) for layout in mapping.layouts]
    return pl.concat([_no_rows(mapping), *(one for one in typed if one is not None)])


def _typed(mapping: SourceMapping, layout: Layout, parts: Sequence[ReadPart]) -> pl.DataFrame | None:
    """The rows of one layout's parts: `PART`, the mapping's schema, and why a row failed, if it did."""
    columns = mapping.columns_of(layout)
    vendors = sorted({vendor for column in columns.values() for vendor in column.vendor})
    headers = sorted({HEADER + column.from_header for column in columns.values() if column.from_header})
    element = pl.col(ELEMENT) if layout.open else pl.lit(0, pl.Int64).alias(ELEMENT)
    tables = [
        part.table.frame.select(
            pl.lit(number, pl.Int64).alias(PART),
            element,
            pl.lit(part.name).alias("source_file"),
            pl.col(ROW).alias("source_row"),
            pl.lit(str(layout.file_name.day(part.name) or "")).alias(FILE_DATE),
            *(pl.col(vendor).alias(VENDOR + vendor) for vendor in vendors),
            *headers,
        )
        for number, part in enumerate(parts)
        if part.layout == layout and part.table.frame.height
    ]
    if not tables:
        return None
    cells = {name: cell(mapping, layout, name, column) for name, column in columns.items()}
    skipped = [is_skipped(column) for column in columns.values() if column.skip]
    frame = pl.concat(tables).with_columns(
        pl.any_horizontal(pl.lit(value=False), *skipped).fill_null(value=False).alias(_IGNORED),
        *(one.value.alias(name) for name, one in cells.items()),
        *(one.failure.alias(_why(name)) for name, one in cells.items()),
    )
    for name, column in columns.items():
        if column.divide_by:
            each = divided(name, column.divide_by)
            frame = frame.with_columns(each.value.alias(name), pl.coalesce(_why(name), each.failure).alias(_why(name)))
    absent = [field for field in mapping.fields if field.name not in columns]
    frame = frame.with_columns(pl.lit(None, field.dtype).alias(field.name) for field in absent)
    return frame.select(PART, ELEMENT, *mapping.row_schema.names(), _IGNORED, *_summary(columns))


def _why(name: str) -> str:
    return f"__why_{name}"


def _label(name: str, column: Column | None) -> str:
    """What a column is called where the vendor can find it."""
    return (column.label if column is not None else "") or name


def _summary(columns: dict[str, Column]) -> list[pl.Expr]:
    """A row's reasons in one text, and the first column that failed."""
    labels = {name: _label(name, column) for name, column in columns.items()}
    reasons = [pl.lit(f"{label} ") + pl.col(_why(name)) for name, label in labels.items()]
    whole = pl.concat_str(reasons, separator="; ", ignore_nulls=True)
    first = [pl.when(pl.col(_why(name)).is_not_null()).then(pl.lit(label)) for name, label in labels.items()]
    return [pl.when(whole != "").then(whole).alias(_FAIL), pl.coalesce(first).alias(_FAILED_COLUMN)]


def _hold_to_windows(
    mapping: SourceMapping, frame: pl.DataFrame, parts: Sequence[ReadPart], windows: Sequence[Window]
) -> pl.DataFrame:
    bounds = pl.DataFrame(
        {
            PART: range(len(parts)),
            _START: [window.start.replace(tzinfo=None) for window in windows],
            _END: [window.end.replace(tzinfo=None) for window in windows],
            _LABEL: [_label("occurred_at", mapping.columns_of(part.layout)["occurred_at"]) for part in parts],
        },
        schema={PART: pl.Int64, _START: INSTANT, _END: INSTANT, _LABEL: pl.String},
    )
    frame = frame.join(bounds, on=PART, how="left", maintain_order="left")
    if mapping.mode is LoadMode.VERSIONS:
        return frame
    outside = pl.col("occurred_at").is_between(_START, _END, closed="left").not_() & pl.col(_FAIL).is_null()
    return frame.with_columns(
        pl.when(outside).then(pl.col(_LABEL) + " lies outside the load's window").otherwise(_FAIL).alias(_FAIL),
        pl.when(outside).then(_LABEL).otherwise(_FAILED_COLUMN).alias(_FAILED_COLUMN),
    )


def _hold_to_keys(mapping: SourceMapping, frame: pl.DataFrame) -> pl.DataFrame:
    """Of records with one key the first stays; an equal one is a repetition, another one a contradiction."""
    if not mapping.keys:
        return frame.with_columns(pl.lit(value=False).alias(_REPEATED))
    sound = pl.col(_FAIL).is_null()
    # A window is a load, and the same key in two loads is a new version.
    key = [*mapping.keys, ELEMENT, _START, _END, sound]
    later = sound & (pl.int_range(pl.len()).over(key) > 0)
    if mapping.mode is LoadMode.VERSIONS:  # a later version in the same load is no contradiction
        later &= pl.col("version_at").eq_missing(pl.col("version_at").first().over(key))
    columns = mapping.target.schema.names()
    equal = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).first().over(key)) for name in columns)
    names = " + ".join(mapping.keys)
    reason = pl.lit(f"{names} are those of an earlier record with other values")
    return frame.with_columns(
        (later & equal).alias(_REPEATED),
        pl.when(later & ~equal).then(reason).otherwise(_FAIL).alias(_FAIL),
        pl.when(later & ~equal).then(pl.lit(names)).otherwise(_FAILED_COLUMN).alias(_FAILED_COLUMN),
    )


def _whole_records(frame: pl.DataFrame) -> pl.DataFrame:
    """A record that makes several rows fails with the first of them, and repeats another with all of them."""
    record = [PART, "source_row"]
    return frame.with_columns(
        pl.col(_FAIL).drop_nulls().first().over(record),
        pl.col(_FAILED_COLUMN).drop_nulls().first().over(record),
        pl.col(_REPEATED).all().over(record),
    )


def _broken_rows(parts: Sequence[ReadPart]) -> pl.DataFrame:
    rows = [
        (number, part.name, row, "", f"the record {reason}", json.dumps({"line": text}, ensure_ascii=False))
        for number, part in enumerate(parts)
        for row, reason, text in part.table.broken
    ]
    return pl.DataFrame(rows, schema={PART: pl.Int64, **QUARANTINE_SCHEMA}, orient="row")
