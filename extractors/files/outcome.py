"""From parts read to loads that may be committed: validated, quarantined, counted, and stopped at a limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from extractors.files.mapping import SourceMapping
from extractors.files.parse import PART, Batch, ReadPart, parse, with_records
from lakehouse.errors import QuarantineLimitError
from lakehouse.landing import Parsed, RawPart
from lakehouse.sources import LoadMode
from lakehouse.streams import ORIGIN
from lakehouse.validation import Validator
from lakehouse.windows import Window

_SHOWN = 5
_INDEX = "__index"
_RECORD = [PART, "source_row"]


@dataclass(frozen=True)
class Load:
    """A window and the parts that are the whole of it."""

    window: Window
    parts: Sequence[RawPart]


def parse_loads(
    mapping: SourceMapping, read: Sequence[Sequence[ReadPart]], windows: Sequence[Window], validate: Validator
) -> list[Parsed]:
    """One `Parsed` for each load, all parsed and validated together.

    Args:
        mapping: Their source.
        read: Each load's parts.
        windows: Each load's window.
        validate: The raw contract beyond types.

    Raises:
        QuarantineLimitError: If more of a load's records failed than the mapping allows.
    """
    if not windows:
        return []
    parts = [part for of_load in read for part in of_load]
    batch = parse(mapping, parts, [window for window, own in zip(windows, read, strict=True) for _ in own])
    batch = _validated(mapping, batch, parts, _hull(windows), validate)
    rows, quarantined, repeated, ignored = (
        _by_part(frame, len(parts)) for frame in (batch.rows, batch.quarantined, batch.deduplicated, batch.ignored)
    )
    parsed, first = [], 0
    for window, own in zip(windows, read, strict=True):
        numbers = range(first, first + len(own))
        first += len(own)
        by_part = tuple(part.received - ignored[number].height for number, part in zip(numbers, own, strict=True))
        good = _together(rows, numbers, batch.rows)
        one = Parsed(
            rows=good,
            quarantined=_together(quarantined, numbers, batch.quarantined),
            received=sum(by_part),
            deduplicated=sum(repeated[number].height for number in numbers),
            rows_by_part=by_part,
            ignored=sum(ignored[number].height for number in numbers),
            landed=good.select(*ORIGIN).n_unique() if any(part.layout.open for part in own) else None,
        )
        _check_limit(mapping, window, one)
        parsed.append(one)
    return parsed


def _hull(windows: Sequence[Window]) -> Window:
    return Window(min(window.start for window in windows), max(window.end for window in windows))


def _by_part(frame: pl.DataFrame, count: int) -> list[pl.DataFrame]:
    found = frame.partition_by(PART, as_dict=True, include_key=False, maintain_order=True)
    empty = frame.clear().drop(PART)
    return [found.get((number,), empty) for number in range(count)]


def _together(frames: list[pl.DataFrame], numbers: range, like: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([like.clear().drop(PART), *(frames[number] for number in numbers)])


def _validated(
    mapping: SourceMapping, batch: Batch, parts: Sequence[ReadPart], hull: Window, validate: Validator
) -> Batch:
    """The batch with those rows quarantined that break the raw contract; a row's first broken rule names its column."""
    window = hull if mapping.mode is LoadMode.WINDOW else None
    outcome = validate(batch.rows.drop(PART), mapping.target, source=mapping.name, window=window)
    if outcome.success:
        return batch
    by_row = outcome.failures.group_by("row_index", maintain_order=True).agg(
        pl.col("column_name").first(), pl.col("reason").str.join("; ")
    )
    rows = batch.rows.with_row_index(_INDEX).with_columns(pl.col(_INDEX).cast(pl.Int64))
    failed = rows.join(by_row, left_on=_INDEX, right_on="row_index", how="inner", maintain_order="left")
    failed = failed.with_columns(_vendor_column(mapping, failed, parts)).select(PART, *ORIGIN, "column_name", "reason")
    failed = failed.unique(_RECORD, keep="first", maintain_order=True)
    good = rows.join(failed, on=_RECORD, how="anti", maintain_order="left").drop(_INDEX)
    quarantined = pl.concat([batch.quarantined, with_records(parts, failed)]).sort(PART, "source_row")
    return replace(batch, rows=good, quarantined=quarantined)


def _vendor_column(mapping: SourceMapping, failed: pl.DataFrame, parts: Sequence[ReadPart]) -> pl.Series:
    names = []
    for number, field in failed.select(PART, "column_name").iter_rows():
        column = mapping.columns_of(parts[number].layout).get(field)
        names.append((column.label if column is not None else "") or field)
    return pl.Series("column_name", names, pl.String)


def _check_limit(mapping: SourceMapping, window: Window, parsed: Parsed) -> None:
    failed, received = parsed.quarantined.height, parsed.received
    if not failed:
        return
    limit = mapping.quarantine
    tolerable = failed <= limit.allow_rows or failed <= limit.max_share * received
    if tolerable and parsed.rows.height:
        return
    shown = parsed.quarantined.group_by("reason").agg(
        pl.len().alias("count"), pl.col("source_file").first(), pl.col("source_row").first()
    )
    worst = shown.sort(["count", "reason"], descending=[True, False]).head(_SHOWN)
    reasons = "; ".join(
        f"{row['count']} × {row['reason']} (first: {row['source_file']}, row {row['source_row']})"
        for row in worst.iter_rows(named=True)
    )
    raise QuarantineLimitError(
        f"{mapping.name}, {window}: {failed} of {received} records failed, and at most {limit.max_share:.1%} may: "
        f"{reasons}.",
        remedy="Nothing of it became visible. If the export changed, change the mapping; "
        "if these rows are to be set aside, raise `quarantine.max_share`.",
    )
