"""From a table of text to the rows of canonical streams; a record with one bad cell goes to quarantine as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from extractors.api.connector import Parsing
from extractors.api.records import Decoded, as_json
from extractors.casting import cell
from lakehouse.streams import ORIGIN, QUARANTINE_SCHEMA, VERSION, Stream
from lakehouse.streams import stream as find_stream

_KEY = list(ORIGIN)
_FAILED = pl.Schema({**ORIGIN, "column_name": pl.String, "reason": pl.String})


@dataclass(frozen=True)
class Typed:
    """Rows of one stream.

    Attributes:
        rows: Good ones, in the stream's `versioned_schema` (or `landed_schema` for facts).
        failed: The records of the others: origin, column and reason, a row each.
    """

    rows: pl.DataFrame
    failed: pl.DataFrame


def typed(frame: pl.DataFrame, stream: str, columns: Mapping[str, pl.Expr | str], *, versioned: bool = True) -> Typed:
    """Types the columns of a stream.

    Args:
        frame: Text with the origin columns; one row a row of the stream.
        stream: Its name.
        columns: An expression for each column that the source tells, `record_ref` and `version_at` among them:
            of text, which is cast and judged, or already of a type that the column's can be made of. The others
            are null.
        versioned: Whether the records have versions.

    Raises:
        KeyError: If a column is none of the stream's.
        TypeError: If an expression gives floats: an amount that was one is no longer exact.
    """
    target = find_stream(stream)
    schema = target.versioned_schema if versioned else target.landed_schema
    if unknown := columns.keys() - schema.keys():
        raise KeyError(f"{stream} has no columns {', '.join(sorted(unknown))}")
    told = frame.select(*_KEY, **{name: expr for name, expr in columns.items() if name not in ORIGIN})
    values, failures = [], []
    for name, dtype in schema.items():
        if name in ORIGIN:
            continue
        value, failure = _outcome(told, name, dtype, is_required=_is_required(target, name, versioned=versioned))
        values.append(value.alias(name))
        if failure is not None:
            failures.append(pl.concat_str(pl.lit(name + "\n"), failure))  # null where there is none
    judged = told.select(*_KEY, *values, __failure=pl.coalesce(*failures, pl.lit(None, pl.String)))
    bad = judged.filter(pl.col("__failure").is_not_null())
    parts = pl.col("__failure").str.split_exact("\n", 1)
    failed = bad.select(
        *_KEY, parts.struct.field("field_0").alias("column_name"), parts.struct.field("field_1").alias("reason")
    )
    rows = judged.filter(pl.col("__failure").is_null()).select(schema.names())
    return Typed(rows, failed.unique(_KEY, keep="first", maintain_order=True).select(_FAILED.names()))


def assemble(decoded: Decoded, tables: Mapping[str, Typed]) -> Parsing:
    """Puts the tables of the same records together.

    A record of which any row failed is in no table, and once in the quarantine. Of a version of a record that
    came twice, the later one counts.

    Args:
        decoded: The records.
        tables: What became of them, by stream; the first one has a row for every good record.
    """
    names = list(tables)
    failed = pl.concat([tables[name].failed for name in names]).unique(_KEY, keep="first", maintain_order=True)
    good = {name: tables[name].rows.join(failed, on=_KEY, how="anti", maintain_order="left") for name in names}
    repeated = _repeated(good[names[0]])
    kept = {name: rows.join(repeated, on=_KEY, how="anti", maintain_order="left") for name, rows in good.items()}
    return Parsing(
        tables=kept,
        received=decoded.received,
        deduplicated=repeated.height,
        quarantined=pl.concat([decoded.misfits, _with_records(decoded, failed)]).sort(_KEY),
    )


def merged(parsings: Sequence[Parsing]) -> Parsing:
    """Several parsings as one."""
    names = list(dict.fromkeys(name for one in parsings for name in one.tables))
    return Parsing(
        tables={name: pl.concat([one.tables[name] for one in parsings if name in one.tables]) for name in names},
        received=sum(one.received for one in parsings),
        deduplicated=sum(one.deduplicated for one in parsings),
        quarantined=pl.concat([pl.DataFrame(schema=QUARANTINE_SCHEMA), *(one.quarantined for one in parsings)]),
    )


def _is_required(stream: Stream, name: str, *, versioned: bool) -> bool:
    return versioned if name in VERSION else stream.field(name).required


def _outcome(
    told: pl.DataFrame, name: str, dtype: pl.DataType | type[pl.DataType], *, is_required: bool
) -> tuple[pl.Expr, pl.Expr | None]:
    """A column's values, and why a row has none; None instead of reasons where there can be none."""
    value: pl.Expr
    failure: pl.Expr | None = None
    if name not in told.columns:
        value = pl.lit(None, dtype)
    elif told.schema[name] == pl.String:
        outcome = cell(pl.col(name), dtype)
        value, failure = outcome.value, None if dtype == pl.String else outcome.failure
    elif told.schema[name].is_float():
        raise TypeError(f"the expression for {name} gives floats")
    else:
        value = pl.col(name).cast(dtype, strict=False)
        failure = pl.when(pl.col(name).is_not_null() & value.is_null()).then(pl.lit("is out of range"))
    if is_required:
        empty = pl.when(value.is_null()).then(pl.lit("is empty"))
        failure = empty if failure is None else pl.coalesce(failure, empty)
    return value, failure


def _repeated(main: pl.DataFrame) -> pl.DataFrame:
    """The origins of those versions of a record that came again later."""
    if "record_ref" not in main.columns:
        return main.select(_KEY).clear()
    versions = main.select(*_KEY, *VERSION).unique(_KEY, keep="first", maintain_order=True)
    newest = versions.unique(list(VERSION), keep="last", maintain_order=True)
    return versions.join(newest, on=_KEY, how="anti").select(_KEY)


def _with_records(decoded: Decoded, failed: pl.DataFrame) -> pl.DataFrame:
    records = [as_json(decoded.originals[file, row]) for file, row in failed.select(_KEY).iter_rows()]
    return failed.with_columns(pl.Series("record", records, pl.String)).select(QUARANTINE_SCHEMA.names())
