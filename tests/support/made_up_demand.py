"""A made-up shop for the forecast tests: seeded, small, with known behaviour."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

START = date(2011, 1, 10)
SATURDAY = 5
DEMAND_SCHEMA = {"product_id": pl.String, "sales_date": pl.Date, "demand_units": pl.Float64}


def demand_of(series: dict[str, list[float]], start: date = START) -> pl.DataFrame:
    """Rows of the days with demand; a list's first entry is that of `start`."""
    rows = [
        (product, start + timedelta(days=day), float(units))
        for product, values in series.items()
        for day, units in enumerate(values)
        if units
    ]
    return pl.DataFrame(rows, schema=DEMAND_SCHEMA, orient="row")


def totals_of(demand: pl.DataFrame, price: float = 2.0) -> pl.DataFrame:
    """The daily totals that go with it, at one price."""
    return (
        demand.group_by("sales_date")
        .agg(pl.col("demand_units").sum())
        .with_columns(net_sales_shop=pl.col("demand_units") * price)
        .select("sales_date", "net_sales_shop", "demand_units")
        .sort("sales_date")
    )


def total(frame: pl.DataFrame, column: str) -> float:
    """The sum of a column."""
    return float(frame.select(pl.col(column).sum()).item())


def shop(days: int = 210, products: int = 60, seed: int = 5) -> pl.DataFrame:
    """Products of all demand classes, no trade on Saturdays, a newcomer in the last two weeks."""
    random = np.random.default_rng(seed)
    opened = np.array([(START + timedelta(days=day)).weekday() != SATURDAY for day in range(days)])
    series: dict[str, list[float]] = {}
    for number in range(products):
        often = (0.95, 0.95, 0.3, 0.15)[number % 4]
        sizes = random.poisson(12, days) + 1 if number % 2 == 0 else np.ceil(random.lognormal(1.5, 1.2, days))
        series[f"P{number:03d}"] = list(np.where(opened & (random.random(days) < often), sizes, 0))
    series["NEW"] = [0.0] * (days - 14) + list(np.where(opened[-14:], 6.0, 0))
    return demand_of(series)
