"""Advertising, competitors' prices, and targets."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.world.catalogue import FIRST_VARIANT
from sandbox.world.seasons import Integers
from sandbox.world.setting import Placed, Setting

_CAMPAIGNS = (
    ("google", "Brand search", "exact", 0.10, 0.09, 42, 0.075, "GBP"),
    ("google", "Shopping – all", "all products", 0.34, 0.012, 38, 0.024, "GBP"),
    ("google", "Shopping DE", "alle Produkte", 0.12, 0.011, 35, 0.021, "EUR"),
    ("meta", "Prospecting, UK", "broad", 0.22, 0.011, 55, 0.009, "GBP"),
    ("meta", "Retargeting", "viewers 30d", 0.08, 0.016, 48, 0.030, "GBP"),
    ("amazon", "SP | Auto", "auto", 0.14, 0.006, 46, 0.055, "GBP"),
)
_BUDGET_SHARE = 0.11  # of a day's sales
_USUAL_ORDER = 4_000.0  # pence
_COMPETITORS = ("HomeNest", "Casa & Co", "Lagerhaus24")


def ad_spend(setting: Setting, number: int, first: int, last: int, placed: Placed) -> pl.DataFrame:
    """A budget that follows sales, with the click and conversion rates of each kind of advertising."""
    rng = setting.spec.rng("ads", number)
    pounds = pl.when(pl.col("currency") == "JPY").then(pl.col("total_minor") * 100 // 192).otherwise("total_minor")
    sales = placed.orders.filter(~pl.col("is_test")).group_by("day").agg(sold=pounds.sum(), count=pl.len())
    days = pl.DataFrame({"day": np.arange(first, last)}).join(sales, on="day", how="left").sort("day")
    table = pl.DataFrame(
        _CAMPAIGNS, ["platform", "campaign_name", "ad_group", "share", "ctr", "cpc", "cvr", "currency"], orient="row"
    )
    rows = days.join(table.with_row_index("campaign"), how="cross").sort("day", "campaign")
    usual = setting.spec.orders_per_day * _USUAL_ORDER
    cost = (
        np.maximum(rows["sold"].fill_null(0).to_numpy() * 0.6 + usual * 0.4, 100)
        * _BUDGET_SHARE
        * rows["share"].to_numpy()
    )
    cost = cost * rng.lognormal(0, 0.18, rows.height)
    clicks = rng.poisson(cost / (rows["cpc"].to_numpy() * rng.lognormal(0, 0.1, rows.height)))
    shown = np.maximum(np.round(clicks / (rows["ctr"].to_numpy() * rng.lognormal(0, 0.12, rows.height))), clicks)
    bought = rng.binomial(clicks, rows["cvr"].to_numpy())
    mean = rows.select((pl.col("sold") / pl.col("count")).fill_null(_USUAL_ORDER)).to_series().to_numpy()
    value = bought * mean * rng.uniform(0.8, 1.2, rows.height)
    best = np.argsort(-setting.made.popularity * setting.made.listed[2], kind="stable")[:9] + FIRST_VARIANT
    promoted = pl.Series(best)
    variant = pl.when(pl.col("platform") == "amazon").then(promoted.gather(rows["day"].to_numpy() // 14 % 9))
    return rows.with_columns(
        date=setting.instant(pl.col("day") * 86_400).dt.date(),
        campaign_id=(23_400_000_017 + pl.col("campaign").cast(pl.Int64) * 1_299_709).cast(pl.String),
        variant_id=variant.cast(pl.Int64),
        impressions=pl.Series(shown.astype(np.int64)),
        clicks=pl.Series(clicks),
        cost_minor=pl.Series(np.where(clicks > 0, cost, 0).astype(np.int64)),
        conversions=pl.Series(bought),
        conversion_value_minor=pl.Series(value.astype(np.int64)),
    )


def competitor_prices(setting: Setting, number: int, first: int, last: int, prices: Integers) -> pl.DataFrame:
    """Once a week, what three others ask for a part of the assortment; about the merchant's own price, and moving."""
    rng = setting.spec.rng("competitors", number)
    made = setting.made
    days = np.array([day for day in range(first, last) if day % 7 == 0], np.int64)
    watched = np.flatnonzero(made.has_stock & (np.arange(made.size) % 3 == 0))
    day, rival, variant = (grid.ravel() for grid in np.meshgrid(days, np.arange(3), watched, indexing="ij"))
    own = prices[day - first, 0, variant]
    stance = np.array([0.97, 1.04, 0.92])[rival] * (1 + 0.06 * np.sin(variant * 1.7 + rival))
    asked = np.maximum(np.round(own * stance * rng.lognormal(0, 0.03, len(own)) / 50) * 50 - 1, 99).astype(np.int64)
    alive = (made.starts[variant] <= day) & (made.ends[variant] > day)
    return (
        pl.DataFrame(
            {
                "day": day,
                "competitor": np.array(_COMPETITORS)[rival],
                "variant_id": variant + FIRST_VARIANT,
                "price_minor": asked,
            }
        )
        .with_columns(
            date=setting.instant(pl.col("day") * 86_400).dt.date(),
            currency=pl.lit("GBP"),
            in_stock=pl.Series(rng.random(len(own)) < 0.93),
        )
        .filter(pl.Series(alive))
    )


def targets(setting: Setting) -> pl.DataFrame:
    """What the management hoped for, by month: a budget made beforehand, so never quite what came."""
    rng = setting.spec.rng("targets")
    months = sorted({day.replace(day=1) for day in setting.spec.day_list})
    year = np.array([0.90, 0.84, 0.92, 0.93, 0.93, 0.90, 0.88, 0.92, 0.98, 1.06, 1.75, 1.55])
    rows = []
    for team, share, currency in (("web", 0.5, "GBP"), ("marketplaces", 0.34, "GBP"), ("web_eu", 0.24, "EUR")):
        for month in months:
            level = setting.spec.orders_per_day * 30.4 * 4_600 * share * year[month.month - 1]
            value = round(level * float(rng.uniform(0.95, 1.12)) / 100_000) * 100_000
            rows.append((month, team, "net_sales", value, currency))
            rows.append((month, team, "gross_margin", value * 52 // 100, currency))
    return pl.DataFrame(rows, ["month", "team", "metric", "value_minor", "currency"], orient="row").sort(
        "month", "team", "metric"
    )
