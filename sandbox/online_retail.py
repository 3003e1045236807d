"""A year of a made-up shop, in the shape and with the oddities of the UCI *Online Retail* data.

One CSV a trading day. Everything follows from the seed: the same arguments give the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from sandbox.catalogue import PRICES, Catalogue, Floats, Integers, make_catalogue, weekly_weights
from sandbox.quirks import SCHEMA, add_quirks

HEADER = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
FIRST_INVOICE = 536_365
# Share of a mean day's orders, Monday to Sunday: the office is closed on Saturdays.
_WEEKDAYS = np.array([0.95, 1.10, 1.12, 1.30, 0.97, 0.0, 0.56])
_MONTHS = np.array([0.72, 0.74, 0.85, 0.80, 0.90, 0.92, 0.88, 0.90, 1.15, 1.30, 1.70, 1.40])
_HOURS = np.array([1, 30, 90, 150, 165, 190, 170, 150, 95, 60, 17, 8]) / 1126.0  # from 7 to 18 o'clock
_YEARLY_GROWTH = 0.15
_COUNTRIES = (
    "United Kingdom", "Germany", "France", "EIRE", "Belgium", "Spain", "Netherlands", "Switzerland", "Portugal",
    "Australia", "Italy", "Finland", "Norway", "Channel Islands", "Unspecified",
)  # fmt: skip
_HOMES = np.array([84, 3, 2.5, 1.5, *[9 / 11] * 11]) / 100  # in the order of the countries
_GUEST_SHARE = 0.11  # orders without a customer number; they are long, as one order stands for a day's web sales


@dataclass(frozen=True)
class Generated:
    """What was written.

    Attributes:
        folder: Where.
        files: The daily files, in order.
        lines: How many lines they hold, headers not counted.
    """

    folder: Path
    files: tuple[Path, ...]
    lines: int


def generate(
    folder: Path,
    *,
    seed: int = 352,
    first_day: date = date(2010, 12, 1),
    days: int = 400,
    products: int = 420,
    customers: int = 900,
    orders_per_day: float = 7.5,
) -> Generated:
    """Writes one CSV for each trading day.

    Args:
        folder: Made where it is missing.
        seed: Decides everything that chance decides.
        first_day: First calendar day.
        days: Calendar days, at least 28.
        products: Different products.
        customers: Different customers with a number.
        orders_per_day: Orders on a mean day of the first year.

    Raises:
        ValueError: If an argument is out of range.
        FileExistsError: If the folder holds other CSV files, which would be taken for this shop's.
    """
    if days < 28 or customers < 10 or orders_per_day <= 0:
        raise ValueError("A shop needs at least 28 days, 10 customers and some orders a day.")
    rng = np.random.default_rng(seed)
    catalogue = make_catalogue(rng, products)
    orders = _orders(rng, trading_days(first_day, days), customers, orders_per_day)
    lines = add_quirks(rng, _lines(rng, orders, catalogue, first_day, days))
    return _write(_numbered(lines), folder)


def trading_days(first_day: date, days: int) -> list[date]:
    """The days with orders: no Saturdays, and closed from 24 December to 3 January."""
    every = (first_day + timedelta(days=number) for number in range(days))
    return [day for day in every if day.weekday() != 5 and not _is_closed(day)]


def _is_closed(day: date) -> bool:
    return (day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 3)


def _orders(rng: np.random.Generator, opened: list[date], customers: int, orders_per_day: float) -> pl.DataFrame:
    """One row an order: `document`, `at`, `customer` (null for guests), `country`, `line_count`."""
    elapsed = np.array([(day - opened[0]).days / 365.0 for day in opened])
    season = _WEEKDAYS[[day.weekday() for day in opened]] * _MONTHS[[day.month - 1 for day in opened]]
    counts = rng.poisson(orders_per_day * season * (1 + _YEARLY_GROWTH * elapsed))
    midnights = np.array(opened, dtype="datetime64[m]").repeat(counts)
    total = len(midnights)
    minutes = (7 + rng.choice(12, total, p=_HOURS)) * 60 + rng.integers(0, 60, total)
    customer = rng.choice(customers, total, p=_loyalty(rng, customers))
    is_guest = rng.random(total) < _GUEST_SHARE
    homes = rng.choice(len(_COUNTRIES), customers, p=_HOMES)
    homes[:8] = 0  # the largest accounts are at home
    country = np.where(is_guest, 0, homes[customer])
    moved = (customer % 150 == 7) & (rng.random(total) < 0.3)  # a few customers order from two countries
    country = np.where(moved & ~is_guest, (country + 3) % len(_COUNTRIES), country)
    line_count = 1 + rng.negative_binomial(1.1, np.where(is_guest, 1.1 / 31, 1.1 / 12.6))
    frame = pl.DataFrame(
        {
            "at": (midnights + minutes.astype("timedelta64[m]")).astype("datetime64[us]"),
            "customer": 12_346 + customer * 3,
            "is_guest": is_guest,
            "country": np.array(_COUNTRIES)[country],
            "line_count": line_count,
        }
    ).sort("at", maintain_order=True)
    known = pl.when(~pl.col("is_guest")).then(pl.col("customer").cast(pl.Float64)).alias("customer")
    return frame.with_columns(known).with_row_index("document")


def _loyalty(rng: np.random.Generator, customers: int) -> Floats:
    """Each customer's share of the orders: few order often, the first ones most."""
    share = np.sort(rng.pareto(1.4, customers) + 0.2)[::-1]
    capped = np.minimum(share, share.mean() * 25)
    result: Floats = capped / capped.sum()
    return result


def _lines(
    rng: np.random.Generator, orders: pl.DataFrame, catalogue: Catalogue, first_day: date, days: int
) -> pl.DataFrame:
    """One row a line of the orders, each product once an order."""
    starts = [first_day + timedelta(days=number) for number in range(0, days, 7)]
    weights = weekly_weights(rng, catalogue, np.array([start.month for start in starts]))
    lines = orders.select(pl.exclude("line_count").repeat_by("line_count").explode())
    began = datetime(first_day.year, first_day.month, first_day.day)  # noqa: DTZ001 - the shop's own local time
    elapsed = (lines["at"] - began).dt.total_days().to_numpy()
    week = elapsed // 7
    # One search for all lines: the weeks' cumulative weights stand one after another, a unit apart.
    steps = (weights.cumsum(axis=1) + np.arange(len(starts))[:, None]).ravel()
    found = np.searchsorted(steps, week + rng.random(len(week)))
    lines = lines.with_columns(product=np.minimum(found - week * len(catalogue), len(catalogue) - 1), week=week)
    lines = pl.concat([lines, _companions(rng, lines, catalogue, weights)])
    lines = lines.unique(["document", "product"], keep="first", maintain_order=True).sort(
        "document", maintain_order=True
    )
    return _priced(rng, lines, catalogue, len(starts))


def _companions(rng: np.random.Generator, lines: pl.DataFrame, catalogue: Catalogue, weights: Floats) -> pl.DataFrame:
    """Lines for what is bought together: who takes one colour of a thing often takes the others."""
    members = pl.DataFrame({"sibling": np.arange(len(catalogue)), "family": catalogue.families})
    family = pl.Series("family", catalogue.families[lines["product"].to_numpy()])
    pairs = lines.with_columns(family).join(members, on="family", maintain_order="left_right")
    on_sale = weights[pairs["week"].to_numpy(), pairs["sibling"].to_numpy()] > 1e-9
    pairs = pairs.filter(on_sale & (rng.random(pairs.height) < 0.45))
    return pairs.filter(pl.col("sibling") != pl.col("product")).select(
        pl.exclude("product", "sibling", "family", "week"), product="sibling", week="week"
    ).select(lines.columns)  # fmt: skip


def _priced(rng: np.random.Generator, lines: pl.DataFrame, catalogue: Catalogue, weeks: int) -> pl.DataFrame:
    """Codes, names, quantities and prices; guests pay retail prices and buy singly, shops buy packs."""
    product, week = lines["product"].to_numpy(), lines["week"].to_numpy()
    is_guest = lines["is_guest"].to_numpy()
    size = len(product)
    buys_pack = ~is_guest & (rng.random(size) < 0.55)
    many = np.where(rng.random(size) < 0.03, 8, 1)
    packs = catalogue.packs[product] * rng.geometric(0.7, size) * many
    quantity: Integers = np.where(buys_pack, packs, rng.geometric(0.45, size))
    rises = rng.integers(0, 3 * weeks, len(catalogue))  # a third of the prices go up one step on the way
    step = np.minimum(catalogue.prices[product] + (week >= rises[product]), len(PRICES) - 1)
    price = np.where(is_guest, np.round(PRICES[step] * 1.65 + 0.01, 2), PRICES[step])
    code = catalogue.codes[product]
    lower = rng.random(size) < 0.04  # the same code now and then with a small letter
    return lines.select(
        "document",
        prefix=pl.lit(""),
        code=pl.Series(np.where(lower, np.char.lower(code), code)),
        title=pl.Series(catalogue.titles[product]),
        quantity=pl.Series(quantity),
        at="at",
        price=pl.Series(price),
        customer="customer",
        country="country",
    ).cast(SCHEMA)


def _numbered(lines: pl.DataFrame) -> pl.DataFrame:
    """The file's columns: invoices numbered in time, some with their last lines a minute later."""
    begun = lines.group_by("document").agg(pl.col("at").min().alias("begun"))
    begun = begun.sort("begun", "document").with_row_index("number", offset=FIRST_INVOICE)
    spilled = (pl.col("document") % 250 == 3) & (pl.int_range(pl.len()).over("document") > 2)
    return (
        lines.with_columns(pl.when(spilled).then(pl.col("at").dt.offset_by("1m")).otherwise("at").alias("at"))
        .join(begun, on="document", maintain_order="left")
        .sort("number", maintain_order=True)
        .select(
            (pl.col("prefix") + pl.col("number").cast(pl.String)).alias("InvoiceNo"),
            pl.col("code").alias("StockCode"),
            pl.col("title").alias("Description"),
            pl.col("quantity").alias("Quantity"),
            pl.col("at").alias("InvoiceDate"),
            pl.col("price").alias("UnitPrice"),
            pl.col("customer").alias("CustomerID"),
            pl.col("country").alias("Country"),
        )
    )


def _write(lines: pl.DataFrame, folder: Path) -> Generated:
    parts = lines.with_columns(pl.col("InvoiceDate").dt.date().alias("day")).partition_by(
        "day", as_dict=True, include_key=False, maintain_order=True
    )
    named = {f"{day[0]:%Y-%m-%d}.csv": part for day, part in sorted(parts.items())}
    folder.mkdir(parents=True, exist_ok=True)
    strangers = sorted({path.name for path in folder.glob("*.csv")} - named.keys())
    if strangers:
        raise FileExistsError(f"{folder} holds {strangers[0]}, which is not of this shop. Give an empty folder.")
    for name, part in named.items():
        part.write_csv(folder / name, datetime_format="%Y-%m-%d %H:%M:%S")
    return Generated(folder, tuple(folder / name for name in named), lines.height)
