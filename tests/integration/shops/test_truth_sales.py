"""Sales against the merchant's own books: orders by day, their parts, and refunds on the day they were given."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from lakehouse.warehouse import Reader
from sandbox.world import World
from tests.integration.shops.conftest import FIRST_DAY, MOMENT

pytestmark = pytest.mark.integration

PLACES = pl.when(pl.col("currency") == "JPY").then(1).otherwise(100)
# How late Amazon shows a transaction: sandbox/amazon/finances.py
AMAZON_LAG = pl.duration(hours=pl.col("transaction_id").abs() * 7 % 48)


def local_day(column: str) -> pl.Expr:
    """The merchant's calendar day of an instant."""
    return pl.col(column).dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/London").dt.date()


def amounts(frame: pl.DataFrame, keys: list[str], minor: str) -> dict[tuple[object, ...], Decimal]:
    """Sums of minor units by keys and currency, in the currency; what comes to nothing is left out."""
    summed = frame.group_by(*keys, "currency").agg(minor=pl.col(minor).sum(), places=PLACES.first())
    return {
        (*(row[name] for name in keys), row["currency"]): Decimal(row["minor"]) / row["places"]
        for row in summed.iter_rows(named=True)
        if row["minor"]
    }


def found(reader: Reader, sql: str) -> dict[tuple[object, ...], Decimal]:
    """Rows whose last column is an amount, the others their key."""
    return {tuple(keys): amount for *keys, amount in reader.rows(sql) if amount}


@pytest.fixture(scope="module")
def refunds(world: World) -> pl.DataFrame:
    """What was given back and could be known, with the money's movement."""
    orders = world.frame("orders").select("order_id", "shop", "currency", "is_test", "deleted_at", "platform_order_id")
    moved = world.frame("transactions").filter(pl.col("refund_id").is_not_null())
    lag = pl.when(pl.col("shop") == "amazon").then(AMAZON_LAG).otherwise(pl.duration())
    return (
        world.frame("refunds")
        .join(orders, on="order_id")
        .join(moved.select("refund_id", "transaction_id"), on="refund_id")
        .filter(
            ~pl.col("is_test"),
            pl.col("deleted_at").is_null() | (pl.col("deleted_at") >= MOMENT),
            pl.col("created_at") + lag < MOMENT,
        )
        .with_columns(day=local_day("created_at"))
    )


def test_refunds_are_those_of_the_books_on_the_day_they_were_given(reader: Reader, refunds: pl.DataFrame) -> None:
    assert amounts(refunds, ["shop", "day"], "amount_minor") == found(
        reader,
        "select split_part(order_id, '/', 1), refund_date, currency_code, sum(amount_order) from fct_refund "
        "group by all",
    )


def test_refunds_are_split_as_the_books_split_them(reader: Reader, refunds: pl.DataFrame) -> None:
    """Tax and shipping of what the sources tell; Amazon's are their own lines."""
    for part in ("tax", "shipping"):
        own = refunds.filter(pl.col("shop") != "amazon")
        assert amounts(own, ["shop"], f"{part}_minor") == found(
            reader,
            f"select split_part(order_id, '/', 1), currency_code, sum({part}_order) from fct_refund "
            "where not order_id like 'amazon/%' group by all",
        ), part


def test_every_refund_that_counts_not_is_of_an_order_that_never_counted(reader: Reader, world: World) -> None:
    left_out = reader.rows("select distinct split_part(order_id, '/', 2) from fct_refund where not is_in_sales")
    cancelled = world.frame("orders").filter(pl.col("cancelled_at") <= MOMENT)["platform_order_id"].to_list()
    assert {str(one) for (one,) in left_out} <= set(cancelled)


def test_orders_of_a_day_are_those_of_the_books(reader: Reader, world: World) -> None:
    gone = (pl.col("deleted_at") < MOMENT) | (pl.col("cancelled_at") < MOMENT)
    # Amazon tells no amounts before an order is paid; an order of gift cards alone sells nothing yet
    untold = (pl.col("shop") == "amazon") & (pl.col("paid_at").is_null() | (pl.col("paid_at") >= MOMENT))
    goods = world.frame("order_lines").filter(pl.col("kind").is_in(["product", "custom"]))
    books = (
        world.frame("orders")
        .join(goods, on="order_id", how="semi")
        .filter(pl.col("created_at") < MOMENT, ~pl.col("is_test"), ~gone.fill_null(value=False), ~untold)
        .with_columns(day=local_day("created_at"))
        .filter(pl.col("day") >= FIRST_DAY)
        .group_by("shop", "day")
        .len()
    )
    rows = reader.rows(
        "select split_part(order_id, '/', 1), order_date, count(*) from fct_order "
        "where status is distinct from 'cancelled' group by all"
    )
    assert {(shop, day): count for shop, day, count in rows} == {(shop, day): n for shop, day, n in books.iter_rows()}


def test_a_day_is_the_sum_of_its_orders_and_refunds(reader: Reader) -> None:
    off = reader.rows(
        "with orders as (select order_date as sales_date, channel_id, sum(gross_sales_shop) as gross, "
        "sum(discounts_shop) as discounts, sum(tax_shop) as tax, sum(shipping_charged_shop) as shipping, "
        "count(*) filter (where not is_fully_cancelled) as order_count from fct_order group by all), "
        "days as (select sales_date, channel_id, gross_sales_shop, discounts_shop, tax_shop, shipping_charged_shop, "
        "order_count from fct_daily_sales) "
        "select * from days full join orders using (sales_date, channel_id) where "
        "coalesce(days.gross_sales_shop, 0) <> coalesce(gross, 0) or coalesce(days.discounts_shop, 0) <> "
        "coalesce(discounts, 0) or coalesce(days.tax_shop, 0) <> coalesce(tax, 0) or "
        "coalesce(days.shipping_charged_shop, 0) <> coalesce(shipping, 0) or "
        "coalesce(days.order_count, 0) <> coalesce(orders.order_count, 0)"
    )
    assert off == []
    refunded = reader.rows(
        "with given as (select refund_date as sales_date, channel_id, sum(amount_shop) as given from fct_refund "
        "where is_in_sales group by all) select * from fct_daily_sales as days full join given "
        "using (sales_date, channel_id) where coalesce(days.refunds_shop, 0) <> coalesce(given.given, 0)"
    )
    assert refunded == []
