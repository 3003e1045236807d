"""Bytes in, typed rows and quarantine out. Nothing here reads a clock, a disk or a network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from extractors.files.cards import refuse_cards
from extractors.files.cast import FILE_DATE, VENDOR, cell, divided
from extractors.files.mapping import Column, Layout, SourceMapping
from extractors.files.tables import read_table
from extractors.files.texttable import ROW, TextTable
from lakehouse.errors import ConfigError, ContractError
from lakehouse.landing import RawPart
from lakehouse.streams import INSTANT, ORIGIN, QUARANTINE_SCHEMA
from lakehouse.windows import Window

PART = "__part"  # number of the part within a batch
_FAIL, _FAILED_COLUMN, _REPEATED = "__fail", "__column", "__repeated"
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
        return self.table.frame.height + len(self.table.broken)


@dataclass(frozen=True)
class Batch:
    """Parts parsed together.

    Attributes:
        rows: `PART` and the stream's landed schema, in the order of parts and records.
        quarantined: `PART` and `QUARANTINE_SCHEMA`.
        deduplicated: `PART` of each record left out as a repetition.
    """

    rows: pl.DataFrame
    quarantined: pl.DataFrame
    deduplicated: pl.DataFrame


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
    expected = {name for column in mapping.columns_of(layout).values() for name in (*column.from_, *column.aliases)}
    table = read_table(part.name, part.data, layout, expected)
    table = _hold_to_contract(mapping, layout, part.name, table)
    if not screened:
        refuse_cards(part.name, table, exempt=_identifiers(mapping, layout))
    return ReadPart(part.name, layout, table)


def parse(mapping: SourceMapping, parts: Sequence[ReadPart], windows: Sequence[Window]) -> Batch:
    """Types the rows of parts, each held to its window.

    Args:
        mapping: Their source.
        parts: The parts.
        windows: For each part the window that its rows must lie in.
    """
    typed = [_typed(mapping, layout, parts) for layout in mapping.layouts]
    frame = pl.concat([_no_rows(mapping), *(one for one in typed if one is not None)])
    frame = _hold_to_windows(mapping, frame, parts, windows).sort(PART, "source_row")
    frame = _hold_to_keys(mapping, frame)
    good = frame.filter(pl.col(_FAIL).is_null() & ~pl.col(_REPEATED))
    failed = frame.filter(pl.col(_FAIL).is_not_null()).select(
        PART, *ORIGIN, pl.col(_FAILED_COLUMN).alias("column_name"), pl.col(_FAIL).alias("reason")
    )
    quarantined = pl.concat([with_records(parts, failed), _broken_rows(parts)]).sort(PART, "source_row")
    return Batch(
        good.select(PART, *mapping.target.landed_schema.names()),
        quarantined,
        frame.filter(_REPEATED).select(PART),
    )


def first_and_last(mapping: SourceMapping, parts: Sequence[ReadPart]) -> tuple[datetime, datetime] | None:
    """The first and the last time in parts, aware; None where they hold none."""
    typed = [_typed(mapping, layout, parts) for layout in mapping.layouts]
    times = pl.concat([_no_rows(mapping), *(one for one in typed if one is not None)])["occurred_at"]
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
        record = pl.struct(table.columns).struct.json_encode().alias("record")
        found.append(frame.select(pl.lit(number, pl.Int64).alias(PART), pl.col(ROW).alias("source_row"), record))
    joined = failed.join(pl.concat(found), on=[PART, "source_row"], how="left", maintain_order="left")
    return joined.select(PART, *QUARANTINE_SCHEMA.names())


def _hold_to_contract(mapping: SourceMapping, layout: Layout, name: str, table: TextTable) -> TextTable:
    """Every column is one the mapping knows, and every column it expects is there; aliases get the first name."""
    seen = table.columns
    if not seen and not table.broken and table.frame.is_empty():
        return table  # an empty file: no records, and no columns to complain about
    columns = mapping.columns_of(layout).values()
    aliases = {alias: column.from_[0] for column in columns for alias in column.aliases if column.from_[0] not in seen}
    known = {vendor for column in columns for vendor in column.from_} | {*layout.ignored, *layout.tolerated}
    renamed = {vendor: aliases[vendor] for vendor in seen if vendor in aliases and vendor not in known}
    present = {renamed.get(vendor, vendor) for vendor in seen}
    optional = {vendor for column in columns if column.optional for vendor in column.from_}
    missing = [vendor for vendor in dict.fromkeys(_expected(mapping, layout)) if vendor not in present | optional]
    unknown = [vendor for vendor in seen if renamed.get(vendor, vendor) not in known]
    if missing or unknown:
        parts = [f"lacks the column {', '.join(map(repr, missing))}"] if missing else []
        parts += [f"has the unknown column {', '.join(map(repr, unknown))}"] if unknown else []
        raise ContractError(
            f"{name} {' and '.join(parts)} (source {mapping.name}, layout {layout.name}).",
            remedy="If the vendor changed the export, say so in the mapping: name the column under `columns` or "
            "`ignored`, give it `aliases`, or add a layout.",
        )
    absent = [pl.lit(None, pl.String).alias(vendor) for vendor in sorted(optional - present)]
    return TextTable(table.frame.rename(renamed).with_columns(absent), table.broken)


def _expected(mapping: SourceMapping, layout: Layout) -> list[str]:
    used = [vendor for column in mapping.columns_of(layout).values() for vendor in column.from_]
    return [*used, *layout.ignored]


def _identifiers(mapping: SourceMapping, layout: Layout) -> frozenset[str]:
    refs = [column for name, column in mapping.columns_of(layout).items() if name.endswith("_ref")]
    return frozenset(layout.not_card_numbers) | {vendor for column in refs for vendor in column.from_}


def _no_rows(mapping: SourceMapping) -> pl.DataFrame:
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        PART: pl.Int64,
        **mapping.target.landed_schema,
        _FAIL: pl.String,
        _FAILED_COLUMN: pl.String,
    }
    return pl.DataFrame(schema=schema)


def _typed(mapping: SourceMapping, layout: Layout, parts: Sequence[ReadPart]) -> pl.DataFrame | None:
    """The rows of one layout's parts: `PART`, the landed schema, and why a row failed, if it did."""
    columns = mapping.columns_of(layout)
    vendors = sorted({vendor for column in columns.values() for vendor in column.from_})
    tables = [
        part.table.frame.select(
            pl.lit(number, pl.Int64).alias(PART),
            pl.lit(part.name).alias("source_file"),
            pl.col(ROW).alias("source_row"),
            pl.lit(str(layout.file_name.day(part.name) or "")).alias(FILE_DATE),
            *(pl.col(vendor).alias(VENDOR + vendor) for vendor in vendors),
        )
        for number, part in enumerate(parts)
        if part.layout == layout and part.table.frame.height
    ]
    if not tables:
        return None
    cells = {name: cell(mapping, layout, name, column) for name, column in columns.items()}
    frame = pl.concat(tables).with_columns(
        *(one.value.alias(name) for name, one in cells.items()),
        *(one.failure.alias(_why(name)) for name, one in cells.items()),
    )
    for name, column in columns.items():
        if column.divide_by:
            each = divided(name, column.divide_by)
            frame = frame.with_columns(each.value.alias(name), pl.coalesce(_why(name), each.failure).alias(_why(name)))
    absent = [field for field in mapping.target.fields if field.name not in columns]
    frame = frame.with_columns(pl.lit(None, field.dtype).alias(field.name) for field in absent)
    return frame.select(PART, *mapping.target.landed_schema.names(), *_summary(columns))


def _why(name: str) -> str:
    return f"__why_{name}"


def _label(name: str, column: Column | None) -> str:
    """What a column is called where the vendor can find it."""
    return " + ".join(column.from_) if column is not None and column.from_ else name


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
    key = [*mapping.keys, _START, _END, sound]  # a window is a load, and the same key in two loads is a new version
    later = sound & (pl.int_range(pl.len()).over(key) > 0)
    columns = mapping.target.schema.names()
    equal = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).first().over(key)) for name in columns)
    names = " + ".join(mapping.keys)
    reason = pl.lit(f"{names} are those of an earlier record with other values")
    return frame.with_columns(
        (later & equal).alias(_REPEATED),
        pl.when(later & ~equal).then(reason).otherwise(_FAIL).alias(_FAIL),
        pl.when(later & ~equal).then(pl.lit(names)).otherwise(_FAILED_COLUMN).alias(_FAILED_COLUMN),
    )


def _broken_rows(parts: Sequence[ReadPart]) -> pl.DataFrame:
    rows = [
        (number, part.name, row, "", f"the record {reason}", json.dumps({"line": text}, ensure_ascii=False))
        for number, part in enumerate(parts)
        for row, reason, text in part.table.broken
    ]
    return pl.DataFrame(rows, schema={PART: pl.Int64, **QUARANTINE_SCHEMA}, orient="row")
