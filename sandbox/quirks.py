"""What makes a shop's export hard to read: undone orders, fees among the goods, write-offs, repeats."""

from __future__ import annotations

import numpy as np
import polars as pl

_REASONS = ("damages", "?", "lost", "check", "thrown away", "wet", None)
_MINUTE, _DAY = 60, 86_400
SCHEMA = pl.Schema(
    {
        "document": pl.Int64(),
        "prefix": pl.String(),
        "code": pl.String(),
        "title": pl.String(),
        "quantity": pl.Int64(),
        "at": pl.Datetime("us"),
        "price": pl.Float64(),
        "customer": pl.Float64(),
        "country": pl.String(),
    }
)


def add_quirks(rng: np.random.Generator, lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with everything that is not a plain sale put in.

    Args:
        rng: Source of chance.
        lines: Plain sales in `SCHEMA`; a `document` is an invoice.

    Returns:
        The same columns, invoices' lines together; new documents have numbers of their own.
    """
    last = lines["at"].max()
    parts = [lines, _carriage(rng, lines)]
    for make in (_giant, _cancellations, _fees, _discounts, _stock_corrections):
        begin = max(int(str(part["document"].max() or 0)) for part in parts) + 1
        parts.append(make(rng, lines, begin).filter(pl.col("at") <= last))
    everything = _stacked(*parts).sort("document", maintain_order=True)
    again = everything.filter(rng.random(everything.height) < 0.01)
    return pl.concat([everything, again]).sort("document", maintain_order=True)


def _stacked(*frames: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([frame.select(SCHEMA.names()).cast(SCHEMA) for frame in frames])


def _carriage(rng: np.random.Generator, lines: pl.DataFrame) -> pl.DataFrame:
    """Postage as a line of its own: POST abroad, C2 to Ireland, DOT on web orders."""
    orders = lines.unique("document", keep="first", maintain_order=True)
    chance = pl.Series(rng.random(orders.height))
    is_web = pl.col("customer").is_null()
    is_home = pl.col("country") == "United Kingdom"
    kinds = (
        (is_web & (chance < 0.5), "DOT", "DOTCOM POSTAGE", None),
        (~is_web & (pl.col("country") == "EIRE") & (chance < 0.4), "C2", "CARRIAGE", 50.0),
        (~is_web & ~is_home & (pl.col("country") != "EIRE") & (chance < 0.6), "POST", "POSTAGE", 18.0),
    )
    web = pl.Series(np.round(rng.gamma(3.0, 60.0, orders.height), 2))
    quantity = pl.Series(rng.integers(1, 5, orders.height))
    return _stacked(
        *(
            orders.with_columns(
                code=pl.lit(code),
                title=pl.lit(title),
                quantity=pl.lit(1) if price is None else quantity,
                price=web if price is None else pl.lit(price),
            ).filter(wanted)
            for wanted, code, title, price in kinds
        )
    )


def _cancellations(rng: np.random.Generator, lines: pl.DataFrame, begin: int) -> pl.DataFrame:
    """Credit notes: some minutes after the order, most days after it, in full or in part."""
    undone = lines.filter(rng.random(lines.height) < 0.017)
    size = undone.height
    seconds = np.where(rng.random(size) < 0.3, rng.integers(2, 90, size) * _MINUTE, rng.integers(1, 25, size) * _DAY)
    share = np.where(rng.random(size) < 0.6, 1.0, rng.random(size))
    back = -np.maximum(np.round(undone["quantity"].to_numpy() * share), 1).astype(np.int64)
    credited = undone.with_columns(
        prefix=pl.lit("C"),
        quantity=pl.Series(back),
        at=_open_time(pl.col("at") + pl.lit(pl.Series(seconds * 1_000_000)).cast(pl.Duration("us"))),
    )
    return credited.with_columns(document=begin + pl.struct("document", "at").rank("dense").cast(pl.Int64))


def _open_time(later: pl.Expr) -> pl.Expr:
    """A moment moved from Saturday to Sunday and out of the closed days, to the minute."""
    week = pl.when(later.dt.weekday() == 6).then(later.dt.offset_by("1d")).otherwise(later)
    closed = ((week.dt.month() == 12) & (week.dt.day() >= 24)) | ((week.dt.month() == 1) & (week.dt.day() <= 3))
    moved = pl.when(closed).then(week.dt.offset_by("11d")).otherwise(week)
    evening = pl.when(moved.dt.weekday() == 6).then(moved.dt.offset_by("1d")).otherwise(moved)
    return pl.when(evening.dt.hour() >= 20).then(evening.dt.truncate("1d").dt.offset_by("1199m")).otherwise(evening)


def _giant(_rng: np.random.Generator, lines: pl.DataFrame, begin: int) -> pl.DataFrame:
    """Two absurd orders, undone within a quarter of an hour: no forecast may see them."""
    usable = lines.filter(pl.col("customer").is_not_null(), pl.col("at").dt.hour() < 16)
    chosen = pl.concat([usable[usable.height // 7], usable[usable.height * 6 // 7]])
    ordered = chosen.with_columns(
        document=pl.Series([begin, begin + 2]), quantity=pl.Series([74_215, 30_300]), price=pl.lit(1.04)
    )
    undone = ordered.with_columns(
        document=pl.col("document") + 1,
        prefix=pl.lit("C"),
        quantity=-pl.col("quantity"),
        at=pl.col("at").dt.offset_by("15m"),
    )
    return _stacked(ordered, undone)


def _discounts(rng: np.random.Generator, lines: pl.DataFrame, begin: int) -> pl.DataFrame:
    """Discounts given afterwards, as credit notes with the code D."""
    given = lines.unique("document", keep="first", maintain_order=True).filter(pl.col("customer").is_not_null())
    given = given.filter(rng.random(given.height) < 0.012)
    return given.with_columns(
        document=begin + pl.int_range(pl.len()),
        prefix=pl.lit("C"),
        code=pl.lit("D"),
        title=pl.lit("Discount"),
        quantity=pl.lit(-1),
        price=pl.Series(np.round(rng.gamma(2.0, 12.0, given.height), 2)),
    )


def _fees(rng: np.random.Generator, lines: pl.DataFrame, begin: int) -> pl.DataFrame:
    """What bookkeeping enters among the goods, and three corrections of bad debt."""
    kinds = (
        ("", "M", "Manual", 1, (2.0, 90.0), 1.6),
        ("C", "M", "Manual", -1, (2.0, 150.0), 0.8),
        ("", "gift_0001_20", "Dotcomgiftshop Gift Voucher £20.00", 1, (16.67, 16.67), 0.5),
        ("C", "S", "SAMPLES", -1, (5.0, 60.0), 0.6),
        ("C", "CRUK", "CRUK Commission", -1, (2.0, 200.0), 0.3),
        ("C", "BANK CHARGES", "Bank Charges", -1, (15.0, 90.0), 0.5),
        ("C", "AMAZONFEE", "AMAZON FEE", -1, (200.0, 600.0), 0.25),
        ("", "PADS", "PADS TO MATCH ALL CUSHIONS", 1, (0.001, 0.001), 0.3),
    )
    moments = lines.unique("document", keep="first", maintain_order=True)
    fees = [
        _entries(rng, moments, prefix, code, title, quantity, prices, moments.height * share / 100)
        for prefix, code, title, quantity, prices, share in kinds
    ]
    debt = _entries(rng, moments, "A", "B", "Adjust bad debt", 1, (1_106.21, 1_106.21), 3)
    debt = debt.with_columns(pl.Series("price", [1_106.21, -1_106.21, -1_106.21]), customer=pl.lit(None))
    return _stacked(*fees, debt).with_columns(document=begin + pl.int_range(pl.len()))


def _entries(
    rng: np.random.Generator,
    moments: pl.DataFrame,
    prefix: str,
    code: str,
    title: str,
    quantity: int,
    prices: tuple[float, float],
    number: float,
) -> pl.DataFrame:
    size = max(round(number), 1)
    return moments[np.sort(rng.choice(moments.height, size, replace=False))].with_columns(
        prefix=pl.lit(prefix),
        code=pl.lit(code),
        title=pl.lit(title),
        quantity=pl.lit(quantity),
        price=pl.Series(np.round(rng.uniform(*prices, size), 3 if prices[0] < 0.01 else 2)),
    )


def _stock_corrections(rng: np.random.Generator, lines: pl.DataFrame, begin: int) -> pl.DataFrame:
    """Write-offs, and some finds: invoices at price 0 without a customer, the reason where the name should be."""
    concerned = lines.filter(rng.random(lines.height) < 0.004)
    size = concerned.height
    units = rng.geometric(0.05, size)
    reason = [_REASONS[number] for number in rng.integers(0, len(_REASONS), size)]
    return concerned.with_columns(
        document=begin + pl.int_range(pl.len()),
        title=pl.Series(reason, dtype=pl.String),
        quantity=pl.Series(np.where(rng.random(size) < 0.6, -units, units)),
        price=pl.lit(0.0),
        customer=pl.lit(None),
        country=pl.lit("United Kingdom"),
    )
