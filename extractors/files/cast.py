"""Text to types, column by column, as the mapping says; what does not fit is named, never guessed.

Everything here is a polars expression over whole columns. A cell's outcome is a pair: its value, and the
reason why it has none. Reasons never repeat the value, which may be personal; the quarantined record has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from extractors.files.mapping import Column, Layout, SourceMapping
from lakehouse.streams import INSTANT, MONEY, Field

VENDOR = "v:"  # prefix of a vendor's columns, which may be named like a stream's
FILE_DATE = "f:date"  # the day that a file's name gives, ISO 8601
_EARLIEST, _LATEST = 1990, 2099  # chrono reads "11" under %Y as the year 11, and knows no summer time after 2099
_WHOLE = r"^[+-]?[0-9]+(?:\.0+)?$"
_AMOUNT = r"^[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)$"
_HOLDABLE = r"^[+-]?0*[0-9]{0,14}(?:\.[0-9]{0,4}0*)?$"  # DECIMAL(18,4): 14 digits, four decimals
_SCALE = 10_000
_CENT = 50  # half a hundredth, in ten-thousandths


@dataclass(frozen=True)
class Cell:
    """A column's outcome: at most one of the two is not null in any row.

    Attributes:
        value: The typed values.
        failure: Why a row has none, where the vendor wrote something that is none; text.
    """

    value: pl.Expr
    failure: pl.Expr


def cell(mapping: SourceMapping, layout: Layout, name: str, column: Column) -> Cell:
    """How a stream field's values come from a table of text (see `tables.TextTable`)."""
    field = mapping.target.field(name)
    text = _text(field, column)
    text, known = _translated(text, column)
    if field.dtype == pl.String:
        outcome = _as_text(text, column)
    elif field.dtype == INSTANT:
        outcome = _as_instant(text, column, column.time_zone or mapping.time_zone)
    elif field.dtype == MONEY:
        outcome = _as_money(_plain_number(text, layout), column)
    else:
        outcome = _as_whole(_plain_number(text, layout), column)
    failure = pl.coalesce(known, outcome.failure)
    if field.required:
        failure = pl.coalesce(failure, pl.when(outcome.value.is_null()).then(pl.lit("is empty")))
    return Cell(outcome.value, failure)


def divided(total: str, divisor: str) -> Cell:
    """A unit price from an amount that the vendor has multiplied by the quantity.

    Rounded half away from zero to four decimals. Where price × quantity is then not the amount to the
    cent, as with an odd amount over hundreds of units, the row fails: a unit price cannot hold it.

    Args:
        total: Name of the amount's column, DECIMAL(18,4).
        divisor: Name of the quantity's column, whole numbers.
    """
    units = pl.col(divisor)
    scaled = (pl.col(total).cast(pl.Decimal(38, 4)) * _SCALE).cast(pl.Int64)
    size, parts = scaled.abs(), units.abs()
    each = (2 * size + parts) // (2 * parts)
    sign = scaled.sign() * units.sign()
    exact = (each * parts - size).abs() < _CENT
    possible = units != 0
    text = pl.concat_str(
        pl.when(each * sign < 0).then(pl.lit("-")).otherwise(pl.lit("")),
        (each // _SCALE).cast(pl.String),
        pl.lit("."),
        (each % _SCALE).cast(pl.String).str.zfill(4),
    )
    failure = (
        pl.when(pl.col(total).is_null() | units.is_null())
        .then(pl.lit(None, pl.String))
        .when(~possible)
        .then(pl.lit("is an amount for no units"))
        .when(~exact)
        .then(pl.lit("is no multiple of a unit price with four decimals"))
    )
    return Cell(pl.when(possible & exact).then(text.cast(MONEY, strict=False)), failure)


def _text(field: Field, column: Column) -> pl.Expr:
    if column.constant is not None:
        return pl.lit(column.constant)
    if column.file_date:
        return pl.col(FILE_DATE)
    parts = [pl.col(VENDOR + name) for name in column.from_]
    text = parts[0] if len(parts) == 1 else pl.concat_str(parts, separator=column.join)
    if column.strip or field.dtype != pl.String:
        text = text.str.strip_chars()
    for literal in column.remove:
        text = text.str.replace_all(literal, "", literal=True)
    if column.remove:
        text = text.str.strip_chars()
    return pl.when(~text.is_in(list(column.null_values))).then(text)


def _translated(text: pl.Expr, column: Column) -> tuple[pl.Expr, pl.Expr]:
    """The text in our words, and a failure where the vendor's word is not a listed one."""
    if column.values is None:
        return text, pl.lit(None, pl.String)
    words = list(column.values)
    unknown = text.is_not_null() & ~text.is_in(words)
    ours = text.replace_strict(column.values, default=None, return_dtype=pl.String)
    ours = pl.when(ours != "").then(ours)
    return ours, pl.when(unknown).then(pl.lit("is not one of the values that the mapping lists"))


def _as_text(text: pl.Expr, column: Column) -> Cell:
    if column.integral:
        text = text.str.replace(r"^([+-]?[0-9]+)\.0+$", "${1}")
    if column.pattern is None:
        return Cell(text, pl.lit(None, pl.String))
    fits = text.str.contains(f"^(?:{column.pattern})$")
    return Cell(pl.when(fits).then(text), pl.when(~fits).then(pl.lit(f"does not match {column.pattern}")))


def _plain_number(text: pl.Expr, layout: Layout) -> pl.Expr:
    """A number with a point and without separators; one with misplaced separators is left to fail."""
    point, comma = re.escape(layout.decimal), re.escape(layout.thousands)
    if layout.thousands:
        grouped = text.str.contains(rf"^[+-]?[0-9]{{1,3}}(?:{comma}[0-9]{{3}})+(?:{point}[0-9]+)?$")
        plain = text.str.replace_all(layout.thousands, "", literal=True)
        text = pl.when(grouped).then(plain).otherwise(text)
    if layout.decimal == ",":
        swapped = text.str.replace(",", ".", literal=True)
        text = pl.when(text.str.contains(".", literal=True)).then(text + "?").otherwise(swapped)
    return text


def _as_whole(text: pl.Expr, column: Column) -> Cell:
    whole = text.str.contains(_WHOLE)
    digits = text.str.replace(r"\.0+$", "").str.replace(r"^\+", "")
    value = pl.when(whole).then(digits.cast(pl.Int64, strict=False))
    failure = (
        pl.when(~whole)
        .then(pl.lit("is not a whole number"))
        .when(value.is_null() & text.is_not_null())
        .then(pl.lit("is too large a number"))
    )
    return Cell(-value if column.negate else value, failure)


def _as_money(text: pl.Expr, column: Column) -> Cell:
    amount = text.str.contains(_AMOUNT)
    holdable = text.str.contains(_HOLDABLE)
    kept = text.str.extract(r"^\+?(-?[0-9]*(?:\.[0-9]{1,4})?)")
    kept = kept.str.replace(r"^(-?)\.", "${1}0.")
    value = pl.when(amount & holdable).then(kept.cast(MONEY, strict=False))
    failure = (
        pl.when(~amount)
        .then(pl.lit("is not an amount"))
        .when(~holdable)
        .then(pl.lit("is an amount of more than 14 digits or four decimals"))
        .when(value.is_null() & text.is_not_null())
        .then(pl.lit("is not an amount"))
    )
    return Cell(-value if column.negate else value, failure)


def _as_instant(text: pl.Expr, column: Column, zone_name: str) -> Cell:
    """UTC from local times.

    A time that occurs twice, when clocks go back, is taken as the earlier one: sources write no offset, and a
    choice that is always the same keeps a rerun equal. A time that never occurred is quarantined.
    """
    formats = ("%Y-%m-%d",) if column.file_date else column.formats
    aware = [_aware(text, form) for form in formats if _is_aware(form)]
    local = [_local(text, form) for form in formats if not _is_aware(form)]
    outcome = [*aware]
    skipped = pl.lit(value=False)
    if local:
        naive = pl.coalesce(local)
        placed = naive.dt.replace_time_zone(zone_name, ambiguous="earliest", non_existent="null")
        utc = placed.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        skipped = naive.is_not_null() & utc.is_null()
        outcome.append(utc)
    value = pl.coalesce(outcome).cast(INSTANT)
    value = pl.when(value.dt.year().is_between(_EARLIEST, _LATEST)).then(value)
    failure = (
        pl.when(skipped)
        .then(pl.lit(f"is a time that clocks skipped in {zone_name}"))
        .when(text.is_not_null() & value.is_null())
        .then(pl.lit("is not a time in the expected format"))
    )
    return Cell(value, failure)


def _is_aware(form: str) -> bool:
    return form.startswith("epoch_") or "%z" in form or "%:z" in form or "%#z" in form or form.endswith("Z")


def _local(text: pl.Expr, form: str) -> pl.Expr:
    return text.str.strptime(pl.Datetime("us"), form, strict=False)


def _aware(text: pl.Expr, form: str) -> pl.Expr:
    if form.startswith("epoch_"):
        micros = 1_000_000 if form == "epoch_s" else 1_000
        seconds = text.cast(pl.Float64, strict=False)  # exact to the microsecond until the year 2112
        seconds = pl.when(seconds.is_finite() & (seconds.abs() < 1e15)).then(seconds)
        return pl.from_epoch((seconds * micros).round(0).cast(pl.Int64), time_unit="us")
    if form.endswith("Z"):
        return _local(text, form)
    return text.str.strptime(pl.Datetime("us", "UTC"), form, strict=False).dt.replace_time_zone(None)
