"""The whole merchant over HTTP: what the connector lands is what the merchant's books say."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from sandbox.world import World
from tests.integration.extractors.shopify.merchant import ALL, NOW, Books, assert_books, days, known, newest, open_shop

pytestmark = pytest.mark.integration
_LATE = timedelta(hours=2)  # a day is extracted two hours after it is over


@pytest.mark.parametrize("bulk_from_days", [1, 1_000], ids=["in bulk", "by pages"])
def test_every_order_line_and_refund_is_the_merchants(world: World, bulk_from_days: float) -> None:
    with open_shop(world) as merchant:
        tables = merchant.extract(merchant.connector(bulk_from_days=bulk_from_days), "orders", ALL)
    assert tables["refunds"].height > 20
    assert tables["orders"].filter("is_test").height > 0
    assert_books(tables, Books(world))


@pytest.mark.parametrize("length", [timedelta(days=9, hours=7), timedelta(days=40)])
def test_windows_of_any_size_twice_give_the_same(world: World, length: timedelta) -> None:
    with open_shop(world) as merchant:
        connector = merchant.connector(bulk_from_days=20)
        windows = days(ALL, length)
        loads = [merchant.extract(connector, "orders", window) for window in [*windows, *windows]]
    assert_books({name: newest([load[name] for load in loads]) for name in loads[0]}, Books(world))


def test_windows_extracted_while_the_merchant_goes_on(world: World) -> None:
    """Orders are paid, edited, refunded and deleted after they were landed; sweeps and later versions find it all."""
    loads = []
    with open_shop(world) as merchant:
        connector = merchant.connector(bulk_from_days=2)
        for window in days(ALL, timedelta(days=8)):
            merchant.clock.set(window.end + _LATE)
            loads += [merchant.extract(connector, name, window) for name in ("orders", "refunds")]
        merchant.clock.set(NOW)
        landed = {name: newest([load[name] for load in loads]) for name in loads[0]}
        gone = merchant.extract(connector, "deletions", ALL, known=known(landed["orders"]))["deletions"]
    books = Books(world)
    assert set(gone["record_ref"]) == books.deleted & set(landed["orders"]["record_ref"])
    assert gone.height > 0
    left = {name: rows.join(gone, on="record_ref", how="anti") for name, rows in landed.items()}
    assert_books(left, books)


def test_the_rest_of_the_shop(world: World) -> None:
    shop = world.frame("customers").filter(pl.col("shop") == "shopify", pl.col("created_at") < NOW.replace(tzinfo=None))
    sold = world.frame("variants").filter("sold_by_shopify")
    with open_shop(world) as merchant:
        connector = merchant.connector(bulk_from_days=2)
        since = ALL.start - timedelta(days=3_000)
        ever = type(ALL)(since, ALL.end)
        found = {
            name: merchant.extract(connector, name, ever)
            for name in ("customers", "products", "variants", "locations", "discounts", "checkouts", "payouts")
        }
        found["inventory"] = merchant.extract(connector, "inventory", days(ALL, timedelta(days=150))[0])
        found["balance_transactions"] = merchant.extract(connector, "balance_transactions", ALL)
    assert found["customers"]["customers"].height == shop.height
    assert set(found["variants"]["products"]["product_ref"]) <= set(sold["sku"])
    assert set(found["products"]["products"]["product_ref"]) == set(found["variants"]["products"]["product_ref"])
    payouts = found["payouts"]["payouts"]
    lines = found["balance_transactions"]["settlement_lines"]
    settled = lines.group_by("payout_ref").agg(pl.col("amount").sum())
    joined = payouts.select("payout_ref", told="amount").join(settled, on="payout_ref")
    assert joined.height == payouts.height > 0
    assert joined.filter(pl.col("told") != pl.col("amount")).is_empty()
    stock = found["inventory"]["stock_on_hand"]
    assert stock.height > 0
    assert stock["occurred_at"].unique().to_list() == [
        days(ALL, timedelta(days=150))[0].end.replace(tzinfo=None) - timedelta(seconds=1)
    ]
    carts = found["checkouts"]
    assert set(carts["cart_lines"]["cart_ref"]) <= set(carts["carts"]["cart_ref"])
