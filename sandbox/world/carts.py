"""Carts of the two web shops: those that became orders, and those that were left."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.world.catalogue import FIRST_VARIANT
from sandbox.world.demand import Wanted
from sandbox.world.fates import DAY
from sandbox.world.seasons import Integers
from sandbox.world.setting import Placed, Setting

_ABANDONED_PER_ORDER = 2.1


def carts(setting: Setting, number: int, wanted: Wanted, placed: Placed) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Carts that became orders, and those that were left; with their lines."""
    rng = setting.spec.rng("carts", number)
    web = placed.orders.filter((pl.col("market") < 2) & ~pl.col("counter") & ~pl.col("is_test"))
    bought = web.select(
        "order_id",
        "market",
        "shop",
        "customer_id",
        "email",
        "currency",
        "created",
        paid="total_minor",
        begun=pl.col("created") - 120 - (pl.col("draw") * 1_500).cast(pl.Int64),
        done=pl.col("created"),
    )
    bought_lines = placed.lines.filter(pl.col("order_id").is_in(web["order_id"].implode()) & ~pl.col("added")).select(
        "order_id", "line_no", "variant_id", quantity="got", unit_price_minor="price"
    )
    left, left_lines = _abandoned(setting, rng, wanted, web)
    every = pl.concat([bought.with_columns(pl.lit(None, pl.Int64).alias("key")), left.select([*bought.columns, "key"])])
    every = every.sort("begun", "order_id", maintain_order=True)
    start = setting.take("cart", every.height, 41_001)
    every = every.with_columns(cart_id=pl.int_range(start, start + every.height, dtype=pl.Int64))
    lines = pl.concat(
        [
            bought_lines.join(
                every.select("order_id", "cart_id"), on="order_id", how="inner", maintain_order="left"
            ).drop("order_id"),
            left_lines.join(every.select("key", "cart_id"), on="key", how="inner", maintain_order="left").drop("key"),
        ]
    ).sort("cart_id", "line_no")
    totals = lines.group_by("cart_id", maintain_order=True).agg(
        total_minor=(pl.col("quantity") * pl.col("unit_price_minor")).sum()
    )
    every = every.join(totals, on="cart_id", maintain_order="left").with_columns(
        created_at=setting.instant("begun"),
        updated_at=setting.instant(pl.coalesce("done", pl.col("begun") + 400)),
        completed_at=setting.instant("done"),
    )
    return every, lines


def _abandoned(
    setting: Setting, rng: np.random.Generator, wanted: Wanted, web: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Carts in the manner of the bought ones, at times and by people of their own."""
    count = int(rng.poisson(web.height * _ABANDONED_PER_ORDER)) if web.height else 0
    like = web[np.sort(rng.integers(0, max(web.height, 1), count))] if web.height else web
    shift = rng.integers(-6 * 3_600, 6 * 3_600, count)
    known = pl.Series(rng.random(count) < 0.45)
    left = like.select(
        "market",
        "shop",
        "currency",
        "created",
        "day",
        customer_id=pl.when(known).then("customer_id"),
        email=pl.when(known | pl.Series(rng.random(count) < 0.3)).then("email"),
    ).with_columns(
        order_id=pl.lit(None, pl.Int64),
        paid=pl.lit(None, pl.Int64),
        begun=pl.col("day") * DAY + (pl.col("created") + pl.Series(shift)) % DAY,
        done=pl.lit(None, pl.Int64),
        key=pl.int_range(count, dtype=pl.Int64),
    )
    many = rng.geometric(0.6, count)
    rows = left.select("key", "market", day=pl.col("begun") // DAY)[np.repeat(np.arange(count), many)]
    variant = popular(setting, rng, rows["market"].to_numpy(), wanted.first)
    price = wanted.prices[rows["day"].to_numpy() - wanted.first, rows["market"].to_numpy(), variant]
    lines = rows.select("key").with_columns(
        line_no=pl.int_range(1, pl.len() + 1).over("key"),
        variant_id=pl.Series(variant + FIRST_VARIANT, dtype=pl.Int64),
        quantity=pl.Series(1 + (rng.random(len(variant)) < 0.15), dtype=pl.Int64),
        unit_price_minor=pl.Series(price, dtype=pl.Int64),
    )
    return left, lines


def popular(setting: Setting, rng: np.random.Generator, market: Integers, day: int) -> Integers:
    """Row numbers of variants on sale, as they are looked at."""
    made = setting.made
    result = np.zeros(len(market), np.int64)
    for number in range(4):
        own = market == number
        weight = made.popularity * made.listed[number] * ((made.starts < day + 1) & (made.ends > day))
        steps = weight.cumsum()
        result[own] = np.minimum(
            np.searchsorted(steps, rng.random(int(own.sum())) * steps[-1], side="right"), made.size - 1
        )
    return result
