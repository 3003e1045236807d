"""Text to types, column by column, as the mapping says; what does not fit is named, never guessed.

Everything here is a polars expression over whole columns. A cell's outcome is a pair: its value, and the
reason why it has none. Reasons never repeat the value, which may be personal; the quarantined record has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from extractors.files.columns import ANY, HEADER, Column, is_aware
from extractors.files.layout import Layout
from extractors.files.mapping import SourceMapping
from lakehouse.streams import INSTANT, MONEY

VENDOR = "v:"  # prefix of a vendor's columns, which may be named like a stream's
FILE_DATE = "f:date"  # the day that a file's name gives, ISO 8601
_EARLIEST, _LATEST = 1990, 2099  # chrono reads "11" under %Y as the year 11, and knows no summer time after 2099
_WHOLE = r"^[+-]?[0-9]+(?:\.0+)?$"
_AMOUNT = r"^[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)$"
_DIGITS = 18  # of a DECIMAL, its decimals included
_MICROS = 8e15  # beyond the year 2200: no time, and no whole number that a float holds
_EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
_TRUE, _FALSE = ("true", "1", "yes", "y", "t"), ("false", "0", "no", "n", "f")
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
    field = mapping.field(name)
    text = _text(column, strip=field.dtype != pl.String)
    text, known = _translated(text, column)
    if field.dtype == pl.String:
        outcome = _as_text(text, column)
    elif field.dtype == INSTANT:
        outcome = _as_instant(text, column, column.time_zone or mapping.time_zone)
    elif field.dtype == pl.Date:
        outcome = _as_date(text, column)
    elif field.dtype == pl.Boolean:
        outcome = _as_flag(text)
    elif isinstance(field.dtype, pl.Decimal):
        outcome = _as_decimal(_plain_number(text, layout), column, field.dtype)
    else:
        outcome = _as_whole(_plain_number(text, layout), column)
    failure = pl.coalesce(known, outcome.failure)
    if field.required:
        failure = pl.coalesce(failure, pl.when(outcome.value.is_null()).then(pl.lit("is empty")))
    return Cell(outcome.value, failure)


def is_skipped(column: Column) -> pl.Expr:
    """Whether a column says that its record is of another kind than the stream's, and not used."""
    text = _text(column)
    skipped = text.is_in(list(column.skip))
    for word in column.skip:
        if ANY in word and word != ANY:
            skipped |= text.str.contains("^" + re.escape(word).replace(r"\*", ".*") + "$")
    if ANY in column.skip:
        skipped |= text.is_not_null() & ~text.is_in(list(column.values or {}))
    return skipped


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


def _text(column: Column, *, strip: bool = False) -> pl.Expr:
    """What the vendor wrote, without what the mapping takes off it; null where that is nothing."""
    if column.constant is not None:
        return pl.lit(column.constant)
    if column.file_date:
        return pl.col(FILE_DATE)
    if column.from_header:
        return pl.col(HEADER + column.from_header)
    if column.first_of:
        return pl.coalesce([_trimmed(pl.col(VENDOR + name), column, strip=strip) for name in column.first_of])
    parts = [pl.col(VENDOR + name) for name in column.from_]
    text = parts[0] if len(parts) == 1 else pl.concat_str(parts, separator=column.join, ignore_nulls=column.optional)
    return _trimmed(text, column, strip=strip)


def _trimmed(text: pl.Expr, column: Column, *, strip: bool) -> pl.Expr:
    if column.strip or strip:
        text = text.str.strip_chars()
    for literal in column.remove:
        text = text.str.replace_all(literal, "", literal=True)
    if column.remove:
        text = text.str.strip_chars()
    if column.extract is not None:
        text = text.str.extract(column.extract)
    if column.case is not None:
        text = text.str.to_lowercase() if column.case == "lower" else text.str.to_uppercase()
    text = pl.when(~text.is_in(list(column.null_values))).then(text)
    return text + column.suffix if column.suffix else text


def _translated(text: pl.Expr, column: Column) -> tuple[pl.Expr, pl.Expr]:
    """The text in our words, and a failure where the vendor's word is not a listed one."""
    if column.values is None:
        return text, pl.lit(None, pl.String)
    words = list(column.values)
    unknown = text.is_not_null() & ~text.is_in(words)
    ours = text.replace_strict(column.values, default=None, return_dtype=pl.String)
    ours = pl.when(ours != "").then(ours)
    if column.otherwise is not None:
        return pl.when(unknown).then(pl.lit(column.otherwise)).otherwise(ours), pl.lit(None, pl.String)
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


def _as_decimal(text: pl.Expr, column: Column, dtype: pl.Decimal) -> Cell:
    scale = dtype.scale
    amount = text.str.contains(_AMOUNT)
    if column.rounded:
        # Scripts add prices up as floats, and write 19.990000000000002.
        exact = text.str.extract(r"^\+?(-?[0-9]*(?:\.[0-9]{1,18})?)").cast(pl.Decimal(38, 18), strict=False)
        text = pl.when(amount).then(exact.round(scale, mode="half_away_from_zero").cast(pl.String)).otherwise(text)
    holdable = text.str.contains(rf"^[+-]?0*[0-9]{{0,{_DIGITS - scale}}}(?:\.[0-9]{{0,{scale}}}0*)?$")
    kept = text.str.extract(rf"^\+?(-?[0-9]*(?:\.[0-9]{{1,{scale}}})?)")
    kept = kept.str.replace(r"^(-?)\.", "${1}0.")
    value = pl.when(amount & holdable).then(kept.cast(dtype, strict=False))
    decimals = {4: "four", 8: "eight"}.get(scale, str(scale))
    failure = (
        pl.when(~amount)
        .then(pl.lit("is not an amount"))
        .when(~holdable)
        .then(pl.lit(f"is an amount of more than {_DIGITS - scale} digits or {decimals} decimals"))
        .when(value.is_null() & text.is_not_null())
        .then(pl.lit("is not an amount"))
    )
    return Cell(-value if column.negate else value, failure)


def _as_flag(text: pl.Expr) -> Cell:
    word = text.str.to_lowercase()
    value = pl.when(word.is_in(list(_TRUE))).then(statement=True).when(word.is_in(list(_FALSE))).then(statement=False)
    return Cell(value, pl.when(text.is_not_null() & value.is_null()).then(pl.lit("is neither yes nor no")))


def _as_date(text: pl.Expr, column: Column) -> Cell:
    formats = ("%Y-%m-%d",) if column.file_date else column.formats
    value = pl.coalesce(_local(text, form) for form in formats).dt.date()
    value = pl.when(value.dt.year().is_between(_EARLIEST, _LATEST)).then(value)
    return Cell(
        value, pl.when(text.is_not_null() & value.is_null()).then(pl.lit("is not a day in the expected format"))
    )


def _as_instant(text: pl.Expr, column: Column, zone_name: str) -> Cell:
    """UTC from local times.

    A time that occurs twice, when clocks go back, is taken as the earlier one: sources write no offset, and a
    choice that is always the same keeps a rerun equal. A time that never occurred is quarantined.
    """
    formats = ("%Y-%m-%d",) if column.file_date else column.formats
    aware = [_aware(text, form) for form in formats if is_aware(form)]
    local = [_local(text, form) for form in formats if not is_aware(form)]
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


def _local(text: pl.Expr, form: str) -> pl.Expr:
    return text.str.strptime(pl.Datetime("us"), form, strict=False)


def _aware(text: pl.Expr, form: str) -> pl.Expr:
    if form in _EPOCHS:
        units = text.cast(pl.Float64, strict=False)  # exact to the microsecond until the year 2112
        micros = (units * _EPOCHS[form]).round(0)
        return pl.from_epoch(pl.when(micros.abs() < _MICROS).then(micros).cast(pl.Int64), time_unit="us")
    if form.endswith("Z"):
        return _local(text, form)
    return text.str.strptime(pl.Datetime("us", "UTC"), form, strict=False).dt.replace_time_zone(None)
