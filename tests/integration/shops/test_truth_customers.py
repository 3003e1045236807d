"""Persons, first orders and cohorts against the sandbox merchant's own books."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest

from lakehouse.warehouse import Reader
from sandbox.world import World
from tests.integration.shops.conftest import MOMENT

pytestmark = pytest.mark.integration


def people(world: World) -> pl.DataFrame:
    """The books' orders of somebody, with who that is: the account, or the address of a guest."""
    return (
        world.frame("orders")
        .filter((pl.col("created_at") < MOMENT) & (pl.col("shop") != "amazon"))
        .with_columns(
            pl.concat_str("shop", pl.lit("/"), "platform_order_id").alias("order_id"),
            pl.coalesce(pl.col("customer_id").cast(pl.String), pl.col("email").str.to_lowercase()).alias("person"),
        )
        .filter(pl.col("person").is_not_null())
        .select("order_id", "person", "created_at")
    )


def counted(reader: Reader) -> pl.DataFrame:
    columns = ["order_id", "customer_id", "order_sequence", "is_new", "cohort_month"]
    rows = reader.rows(f"select {', '.join(columns)} from fct_customer_order")
    return pl.DataFrame(rows, schema=columns, orient="row")


def test_a_person_of_the_books_is_one_customer(reader: Reader, world: World) -> None:
    both = people(world).join(counted(reader), on="order_id")
    assert both.height == counted(reader).height > 0
    pairs = both.select("person", "customer_id").unique()
    assert pairs.height == pairs["person"].n_unique() == pairs["customer_id"].n_unique()


def test_orders_without_anybody_are_nobodys(reader: Reader, world: World) -> None:
    known = set(people(world)["order_id"])
    ours = dict(reader.rows("select order_id, customer_id from fct_order"))
    assert {order for order, customer in ours.items() if customer is not None} == known & ours.keys()


def test_first_orders_and_cohorts_are_those_of_the_books(reader: Reader, world: World) -> None:
    ours = counted(reader)
    both = people(world).join(ours, on="order_id").sort("person", "created_at", "order_id")
    both = both.with_columns(pl.int_range(1, pl.len() + 1).over("person").alias("place"))
    assert both.filter((pl.col("place") == 1) != pl.col("is_new")).is_empty()
    months = both.filter(pl.col("place") == 1).select(
        pl.col("created_at")
        .dt.replace_time_zone("UTC")
        .dt.convert_time_zone("Europe/London")
        .dt.date()
        .dt.truncate("1mo")
    )
    sizes = dict(reader.rows("select cohort_month, cohort_size from fct_customer_cohort where months_since = 0"))
    assert sizes == dict(Counter(months.to_series()))
