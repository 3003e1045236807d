"""Exact amounts: text to ten-thousandths and back, so that nothing is ever a float.

Amounts are computed with as whole ten-thousandths of the currency, the streams' own precision. What is no amount or no
whole number is found before, record by record: see `misfit`.
"""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from lakehouse.streams import MONEY

UNIT = 10_000
_AMOUNT = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,4}0*)?", re.ASCII)
_WHOLE = re.compile(r"-?[0-9]{1,9}", re.ASCII)
_AMOUNTS = frozenset({"amount", "price", "compareAtPrice"})
_NUMBERS = frozenset({"quantity", "currentQuantity", "totalQuantity"})
_NO_CENTS = [
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
]
_THOUSANDTHS = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]


def misfit(value: Any, path: str = "") -> str | None:  # noqa: ANN401 -- whatever JSON holds
    """The path of the first amount or count in a record that is none; null is nothing, and fits."""
    if isinstance(value, dict):
        for key, inner in value.items():
            place = f"{path}.{key}" if path else key
            if isinstance(inner, dict | list):
                found = misfit(inner, place)
                if found:
                    return found
            elif inner is not None and key in _AMOUNTS | _NUMBERS:
                pattern = _AMOUNT if key in _AMOUNTS else _WHOLE
                if not (isinstance(inner, str) and pattern.fullmatch(inner)):
                    return place
    elif isinstance(value, list):
        for inner in value:
            found = misfit(inner, f"{path}[]")
            if found:
                return found
    return None


def units(text: pl.Expr) -> pl.Expr:
    """Ten-thousandths of an amount."""
    return (text.cast(MONEY) * UNIT).cast(pl.Int64)


def money(count: pl.Expr) -> pl.Expr:
    """An amount of so many ten-thousandths."""
    # multiplied by a decimal, not divided: exact
    return (count.cast(pl.Decimal(28, 4)) * pl.lit("0.0001").cast(pl.Decimal(10, 4))).cast(MONEY)


def step_of(currency: pl.Expr) -> pl.Expr:
    """The smallest unit of a currency, in ten-thousandths."""
    return pl.when(currency.is_in(_NO_CENTS)).then(UNIT).when(currency.is_in(_THOUSANDTHS)).then(10).otherwise(100)


def share(count: pl.Expr, part: pl.Expr, of: pl.Expr, step: pl.Expr) -> pl.Expr:
    """The share `part / of` of an amount that is not negative, half up, in whole steps."""
    divisor = of.cast(pl.Int128) * step
    rounded = (2 * count.cast(pl.Int128) * part + divisor) // (2 * divisor) * step
    return pl.when(part == of).then(count).when(of != 0).then(rounded.cast(pl.Int64)).otherwise(0)


def price_without_tax(price: pl.Expr, net: pl.Expr, gross: pl.Expr) -> pl.Expr:
    """A unit price that held its tax, without it: times `net / gross`, rounded up.

    Up, so that quantity × price never falls below what was paid, and the discount, which takes the difference, is
    never negative.
    """
    divisor = gross.cast(pl.Int128)
    up = (price.cast(pl.Int128) * net + divisor - 1) // divisor
    return pl.when(gross > 0).then(up.cast(pl.Int64)).otherwise(price)
