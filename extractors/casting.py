"""Text to the types of a canonical stream, exactly: an amount is never a float, and a moment is always in UTC.

Everything is a polars expression over whole columns. A cell's outcome is a pair: its value, and the reason why it
has none. Reasons never repeat the value, which may be personal.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from lakehouse.streams import INSTANT

_WHOLE = r"^[+-]?[0-9]+(?:\.0+)?$"
_NUMBER = r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?$"
_FRACTION = r"^[^.eE]*\.([0-9]*?)0*(?:[eE]|$)"  # the digits behind the point, without the zeros at their end
_TRAILING = r"^[+-]?[0-9]*?(0*)\.?0*(?:[eE]|$)"  # of a number without a fraction, the zeros at its end
_EXPONENT = r"[eE]([+-]?[0-9]+)$"
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:$|[T ])"
_EXACT = pl.Decimal(38, 12)
_EARLIEST, _LATEST = 1990, 2099
_EPOCH = r"^[0-9]{9,13}(?:\.[0-9]+)?$|^[0-9]\.[0-9]+[eE]\+?(?:9|1[0-2])$"


@dataclass(frozen=True)
class Cell:
    """A column's outcome: at most one of the two is not null in any row.

    Attributes:
        value: The typed values.
        failure: Why a row has none, where the vendor wrote something that is none; text.
    """

    value: pl.Expr
    failure: pl.Expr


def cell(text: pl.Expr, dtype: pl.DataType | type[pl.DataType]) -> Cell:
    """How values of a type come from text; the empty text is nothing.

    Args:
        text: The column, of text.
        dtype: Text, whole numbers, a decimal, a moment, a day or yes and no.
    """
    if dtype == pl.String:
        return Cell(pl.when(text != "").then(text), pl.lit(None, pl.String))
    plain = text.str.strip_chars()
    plain = pl.when(plain != "").then(plain)
    if isinstance(dtype, pl.Decimal):
        return _decimal(plain, dtype)
    if dtype == INSTANT:
        return _judged(plain, _instant(plain), "is not a moment with its offset, and no epoch")
    if dtype == pl.Date:
        return _judged(plain, _day(plain), "is not a day")
    if dtype == pl.Boolean:
        words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
        value = plain.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean)
        return _judged(plain, value, "is neither true nor false")
    whole = pl.when(plain.str.contains(_WHOLE)).then(plain.str.replace(r"\.0+$", "").str.replace(r"^\+", ""))
    return _judged(plain, whole.cast(pl.Int64, strict=False), "is not a whole number")


def rounded(text: pl.Expr, decimals: int = 4) -> pl.Expr:
    """An amount of which the vendor writes more decimals than anybody pays, rounded half to even; as text.

    For taxes per unit and the like. What is no number stays as it is, and fails later.
    """
    exact = pl.when(text.str.contains(_NUMBER)).then(text).cast(_EXACT, strict=False).round(decimals)
    return pl.coalesce(exact.cast(pl.String), text)


def _judged(text: pl.Expr, value: pl.Expr, reason: str) -> Cell:
    return Cell(value, pl.when(text.is_not_null() & value.is_null()).then(pl.lit(reason)))


def _decimal(text: pl.Expr, dtype: pl.Decimal) -> Cell:
    number = pl.when(text.str.contains(_NUMBER)).then(text)
    kept = number.cast(_EXACT, strict=False).cast(dtype, strict=False)
    fits = kept.is_not_null() & (_decimals(number) <= dtype.scale)  # a cast rounds away what it has no room for
    failure = (
        pl.when(text.is_not_null() & number.is_null())
        .then(pl.lit("is not an amount"))
        .when(number.is_not_null() & ~fits)
        .then(pl.lit(f"is an amount of more than {dtype.precision - dtype.scale} digits or {dtype.scale} decimals"))
    )
    return Cell(pl.when(fits).then(kept), failure)


def _decimals(number: pl.Expr) -> pl.Expr:
    """How many decimals a written number has, those that are 0 at its end not counted; below 0 for whole tens."""
    fraction = number.str.extract(_FRACTION).str.len_chars().fill_null(0).cast(pl.Int64)
    zeros = number.str.extract(_TRAILING).str.len_chars().fill_null(0).cast(pl.Int64)
    exponent = number.str.extract(_EXPONENT).cast(pl.Int64).fill_null(0)
    is_zero = number.str.contains(r"^[+-]?[0.]*(?:[eE]|$)")
    written = pl.when(fraction > 0).then(fraction).otherwise(-zeros)
    return pl.when(is_zero).then(0).otherwise(written - exponent)


def _day(text: pl.Expr) -> pl.Expr:
    """The day that a date, or a moment in its own zone, begins with."""
    day = pl.when(text.str.contains(_DAY)).then(text.str.slice(0, 10)).str.to_date("%Y-%m-%d", strict=False)
    return pl.when(day.dt.year().is_between(_EARLIEST, _LATEST)).then(day)


def _instant(text: pl.Expr) -> pl.Expr:
    """A moment: ISO 8601 with an offset or Z, or seconds or milliseconds since 1970, in powers of ten as well."""
    marked = text.str.replace(r"[zZ]$", "+00:00").str.replace(r"^([0-9]{4}-[0-9]{2}-[0-9]{2}) ", "${1}T")
    # polars reads offsets with a colon only
    marked = marked.str.replace(r"([+-][0-9]{2})([0-9]{2})$", "${1}:${2}")
    written = [
        marked.str.strptime(pl.Datetime("us", "UTC"), form, strict=False).dt.replace_time_zone(None)
        for form in ("%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M%:z")
    ]
    number = pl.when(text.str.contains(_EPOCH)).then(text).cast(_EXACT, strict=False)
    seconds = pl.when(number < 100_000_000_000).then(number * 1_000_000).otherwise(number * 1_000)
    counted = pl.from_epoch(seconds.cast(pl.Int64, strict=False), time_unit="us")
    moment = pl.coalesce([*written, counted]).cast(INSTANT)
    return pl.when(moment.dt.year().is_between(_EARLIEST, _LATEST)).then(moment)
