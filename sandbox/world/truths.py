"""What no merchant knows: how things belong together, and what customers are worth."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.world.catalogue import FIRST_VARIANT, Assortment
from sandbox.world.people import People
from sandbox.world.seasons import Floats
from sandbox.world.spec import WorldSpec

ONE_MORE = 0.46  # chance of one more line in a basket of the web shop


def affinities(made: Assortment, share: Floats) -> pl.DataFrame:
    """The lift of every designed pair in the baskets of the web shop, P(a and b) / (P(a) P(b)), from the design.

    A basket begins with one thing; with the chance `ONE_MORE` it goes on, again and again. The second thing is one of
    the two partners of the first with the first one's chance `attach`, half for each; all others are drawn freely.

    Args:
        made: The assortment.
        share: Each variant's share of free draws, averaged over the days.
    """
    rows = np.repeat(np.arange(made.size), 2)
    flow = share[rows] * ONE_MORE * made.attach[rows] / 2
    pairs = pl.DataFrame({"a": rows, "b": made.partners.ravel(), "flow": flow}).filter(pl.col("a") != pl.col("b"))
    pairs = pairs.group_by("a", "b", maintain_order=True).agg(pl.col("flow").sum())
    back = pairs.select(a="b", b="a", back="flow")
    pairs = pairs.join(back, on=["a", "b"], how="left", maintain_order="left").with_columns(
        pl.col("back").fill_null(0.0)
    )
    attached = float((share * made.attach).sum())
    free = 1 / (1 - ONE_MORE) - ONE_MORE * attached
    drawn = share * free + np.bincount(made.partners.ravel(), flow, minlength=made.size)
    # Of n lines drawn freely, a and b both occur with n (n - 1) shares: the mean of that for a geometric n.
    together = 2 * ONE_MORE / (1 - ONE_MORE) ** 2
    a, b = pairs["a"].to_numpy(), pairs["b"].to_numpy()
    joint = (pairs["flow"] + pairs["back"].fill_null(0.0)).to_numpy() + together * share[a] * share[b]
    lift = joint / np.maximum(drawn[a] * drawn[b], 1e-18)
    table = pl.DataFrame({"variant_a": a + FIRST_VARIANT, "variant_b": b + FIRST_VARIANT, "lift": lift})
    sold = (share[a] > 0) & (share[b] > 0) & made.has_stock[a]
    return table.filter(pl.Series(sold)).sort("variant_a", "variant_b")


def customer_values(spec: WorldSpec, people: People, orders_by_market: Floats) -> pl.DataFrame:
    """What each customer orders in a year while active, and when that ended."""
    churned = pl.Series(people.ends < spec.days)
    ends = np.datetime64(spec.first_day, "us") + np.minimum(people.ends, spec.days).astype("timedelta64[D]")
    return people.table.select("customer_id").with_columns(
        expected_orders_per_year=pl.Series(people.orders_a_year(orders_by_market / spec.days)),
        churned_at=pl.when(churned).then(pl.Series(ends, dtype=pl.Datetime("us"))),
    )
