"""What suppliers charge, and exchange rates."""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import numpy as np
import polars as pl

from sandbox.world.catalogue import Assortment
from sandbox.world.spec import WorldSpec

PER_EURO = {"USD": 1.09, "GBP": 0.845, "JPY": 163.0, "CNY": 7.8}


def fx_rates(spec: WorldSpec) -> pl.DataFrame:
    """Reference rates in the manner of the ECB: units of a currency for one euro, on weekdays but its holidays."""
    rng = spec.rng("fx")
    first = spec.first_day - timedelta(days=10)
    days = pl.date_range(first, spec.last_day + timedelta(days=45), eager=True)
    frames = []
    for currency, level in sorted(PER_EURO.items()):
        walk = np.cumsum(rng.normal(0, 0.0035, len(days)))
        rate = pl.Series(level * np.exp(walk - np.linspace(0, walk[-1], len(days)) * 0.7))
        decimals = 2 if currency == "JPY" else 4
        text = rate.round(decimals).cast(pl.Decimal(18, decimals)).cast(pl.String)
        frames.append(pl.DataFrame({"date": days, "currency": [currency] * len(days), "rate_per_eur": text}))
    month_day = pl.col("date").dt.month().cast(pl.Int64) * 100 + pl.col("date").dt.day()
    moving = _easter(first.year, spec.last_day.year + 1)
    closed = month_day.is_in([101, 501, 1225, 1226]) | pl.col("date").is_in(moving)
    return pl.concat(frames).filter((pl.col("date").dt.weekday() < 6) & ~closed).sort("date", "currency")


def _easter(first: int, last: int) -> list[date]:
    """Good Fridays and Easter Mondays."""
    found = holidays.country_holidays("DE", years=range(first, last + 1), language="en_US")
    return [day for day, name in found.items() if name in ("Good Friday", "Easter Monday")]


def variant_costs(spec: WorldSpec, made: Assortment) -> pl.DataFrame:
    """What the supplier charges, in its currency; once a year in January it charges more."""
    rng = spec.rng("costs")
    home = made.frames["suppliers"]["currency"].to_numpy()[made.supplier]
    per_pound = {"GBP": 1.0, "EUR": 1.18, "USD": 1.28, "CNY": 9.2, "JPY": 192.0 / 100}
    base = made.cost * np.array([per_pound[c] for c in home])
    years = [spec.first_day.year - 1, *range(spec.first_day.year + 1, spec.last_day.year + 1)]
    frames, level = [], np.ones(made.size)
    for place, year in enumerate(years):
        level = level if place == 0 else level * rng.uniform(0.99, 1.06, made.size)
        cost = np.maximum(np.round(base * level), 1).astype(np.int64)
        frames.append(
            pl.DataFrame(
                {"variant_id": made.ids, "supplier_id": made.supplier + 501, "unit_cost_minor": cost, "currency": home}
            ).with_columns(valid_from=pl.lit(date(year, 1, 6)).cast(pl.Datetime("us")))
        )
    table = pl.concat(frames).filter(pl.Series(np.tile(made.has_stock, len(years))))
    return table.sort("variant_id", "valid_from")
