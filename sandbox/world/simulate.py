"""The merchant's history, chunk by chunk: wishes meet stock, and what is granted becomes orders."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.world.catalogue import Assortment
from sandbox.world.demand import Wanted
from sandbox.world.fates import DAY, Fates
from sandbox.world.stock import Asked, Stock


def trade(
    wanted: Wanted, fates: Fates, stock: Stock, made: Assortment, first: int, last: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Runs the days from `first` to before `last`.

    Returns:
        The lines with `got` (units granted), `cut`, `short`, `shipped_units` and `back_units`, in the order of
        `wanted.lines`; and the rows of `stock_levels` of these days.
    """
    lines = _with_times(wanted, fates, made)
    edges = np.searchsorted(lines["day"].to_numpy(), np.arange(first, last + 1))
    columns = {name: lines[name].to_numpy() for name in lines.columns}
    outcome = {
        name: np.zeros(lines.height, np.int64) for name in ("got", "cut", "short", "shipped_units", "back_units")
    }
    levels = []
    for day in range(first, last):
        rows = slice(edges[day - first], edges[day - first + 1])
        stock.open_day(day)
        today = {name: column[rows] for name, column in columns.items()}
        got = stock.grant(
            Asked(
                today["stock_place"],
                today["quantity"],
                today["before"],
                today["instance"],
                today["stocked"],
                today["takes_less"],
            )
        )
        result = _settle(today, got)
        for name, values in result.items():
            outcome[name][rows] = values
        _book(stock, today, result)
        levels.append(stock.close_day(day))
    return lines.with_columns(**{name: pl.Series(values) for name, values in outcome.items()}), pl.concat(levels)


def _with_times(wanted: Wanted, fates: Fates, made: Assortment) -> pl.DataFrame:
    """Lines with what their order's fate means for stock; they are in order of time already."""
    order = wanted.lines["order"].to_numpy()
    of_order = fates.orders.select(
        "created",
        "is_test",
        "active",
        "is_paid",
        "cancelled",
        "short_refunded",
        "never_back",
        "delivered",
        "paid",
        parcel=pl.col("shipped"),
        later="split_wait",
        cancel="cancel_at",
        back="back",
        short_day=(pl.col("shipped") + pl.col("short_wait")) // DAY,
    )[order]
    variant = wanted.lines["variant"].to_numpy()
    place = wanted.lines["market"].to_numpy() * made.size + variant
    frame = pl.concat([wanted.lines, fates.lines, of_order], how="horizontal").with_columns(
        stock_place=pl.Series(place), stocked=pl.Series(made.has_stock[variant]) & ~pl.col("is_test")
    )
    counted = pl.col("quantity") * pl.col("stocked")
    shipped = pl.col("parcel") + pl.when("second_parcel").then("later").otherwise(0)
    return frame.with_columns(
        before=counted.cum_sum().over("day", "stock_place") - counted,
        ship_day=shipped // DAY,
        cancel_day=pl.col("cancel") // DAY,
        back_day=(pl.col("back") + 4 * DAY * pl.col("second_refund")) // DAY,
    )


def _settle(today: dict[str, np.ndarray], got: np.ndarray) -> dict[str, np.ndarray]:
    """What becomes of the granted units: lowered by an edit, left unshipped, shipped, brought back."""
    cut = np.minimum(today["cut"], np.maximum(got - 1, 0)) * today["stocked"] * (today["bundle"] < 0)
    moves = today["active"]
    short = np.minimum(today["short"], got - cut) * moves * today["stocked"]
    shipped = (got - cut - short) * moves
    back = np.minimum(np.ceil(today["returned_share"] * shipped), shipped).astype(np.int64)
    return {"got": got, "cut": cut, "short": short, "shipped_units": shipped, "back_units": back}


def _book(stock: Stock, today: dict[str, np.ndarray], result: dict[str, np.ndarray]) -> None:
    place = today["stock_place"]
    stock.book("leaving", today["ship_day"], place, result["shipped_units"] * today["stocked"])
    stock.book("released", today["day"], place, result["cut"])
    stock.book("released", today["short_day"], place, result["short"] * today["short_refunded"])
    idle = today["stocked"] & ~today["active"]
    stock.book("released", today["cancel_day"], place, result["got"] * idle)
    sellable = (today["disposition"] == 0) & ~today["never_back"]
    stock.book("coming_back", today["back_day"], place, result["back_units"] * sellable)


def lost(lines: pl.DataFrame, shops: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Truth: what was wanted, and what stock did not have; by day, shop and variant (row number)."""
    real = lines.filter(~pl.col("is_test")).with_columns(
        shop=pl.col("market").replace_strict(dict(enumerate(shops))),
        missing=pl.col("quantity") - pl.col("got"),
    )
    by_day = real.group_by("day", "shop", "variant").agg(
        units=pl.col("quantity").sum(),
        missing=pl.col("missing").sum(),
        value=(pl.col("missing") * pl.col("price")).sum(),
    )
    by_day = by_day.sort("day", "shop", "variant")
    return by_day, by_day.filter(pl.col("missing") > 0)
