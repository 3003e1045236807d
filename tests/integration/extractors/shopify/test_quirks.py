"""Quirks of modified times, over HTTP: what does not move them is found all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from lakehouse.windows import Window
from sandbox.world import World
from tests.integration.extractors.shopify.merchant import ALL, NOW, known, open_shop

pytestmark = pytest.mark.integration


def _day_of(at: datetime) -> Window:
    start = datetime(at.year, at.month, at.day, tzinfo=UTC)
    return Window(start, start + timedelta(days=1))


def test_quirk_01_a_refund_that_leaves_its_order_alone_is_found_by_the_money(world: World) -> None:
    orders = world.frame("orders").filter(
        pl.col("shop") == "shopify", ~pl.col("bumps_on_refund"), pl.col("deleted_at").is_null()
    )
    refunds = world.frame("refunds").join(orders.select("order_id", "platform_order_id", "updated_at"), on="order_id")
    silent = refunds.filter(pl.col("created_at") > pl.col("updated_at") + pl.duration(days=2))
    assert silent.height > 0
    row = silent.row(0, named=True)
    window = _day_of(row["created_at"])
    with open_shop(world, now=window.end + timedelta(hours=2)) as merchant:
        by_orders = merchant.extract(merchant.connector(), "orders", window)
        by_money = merchant.extract(merchant.connector(), "refunds", window)
    assert row["platform_order_id"] not in set(by_orders["orders"]["order_ref"] if by_orders["orders"].width else [])
    assert row["platform_refund_id"] in set(by_money["refunds"]["refund_ref"])
    assert row["platform_order_id"] in set(by_money["orders"]["order_ref"])


def test_quirk_02_a_price_that_changes_without_its_product_is_found_by_its_variant(world: World) -> None:
    sold = world.frame("variants").filter("sold_by_shopify").select("variant_id", "product_id", "sku")
    first_day = pl.lit(ALL.start.replace(tzinfo=None))
    prices = world.frame("variant_prices").filter(pl.col("shop") == "shopify", pl.col("valid_from") > first_day)
    touched = world.frame("product_changes").filter("bumps_updated_at")
    changed = prices.join(sold, on="variant_id").with_columns(day=pl.col("valid_from").dt.truncate("1d"))
    same_day = touched.with_columns(day=pl.col("changed_at").dt.truncate("1d")).select("product_id", "day")
    silent = changed.join(same_day, on=["product_id", "day"], how="anti").sort("valid_from")
    assert silent.height > 0
    row = silent.row(0, named=True)
    window = _day_of(row["valid_from"])
    with open_shop(world, now=window.end) as merchant:
        connector = merchant.connector()
        by_product = merchant.extract(connector, "products", window)["products"]
        by_variant = merchant.extract(connector, "variants", window)["products"]
    assert row["sku"] not in set(by_product["product_ref"] if by_product.width else [])
    found = by_variant.filter(pl.col("product_ref") == row["sku"])
    assert [int(price * 100) for price in found["price_amount"]] == [row["price_minor"]]


def test_quirk_04_deleted_orders_vanish_and_are_told(world: World) -> None:
    before = datetime(2025, 10, 22, tzinfo=UTC)
    with open_shop(world, now=before) as merchant:
        connector = merchant.connector(bulk_from_days=1)
        landed = merchant.extract(connector, "orders", ALL)["orders"]
        merchant.clock.set(NOW)
        again = merchant.extract(connector, "orders", ALL)["orders"]
        gone = merchant.extract(connector, "deletions", ALL, known=known(landed))["deletions"]
    vanished = set(landed["order_ref"]) - set(again["order_ref"])
    assert set(gone["record_ref"]) == vanished
    assert vanished
    assert gone["entity"].unique().to_list() == ["orders"]
    assert gone["occurred_at"].unique().to_list() == [ALL.end.replace(tzinfo=None)]


def test_quirk_10_a_checkout_that_was_left_is_a_cart_and_no_order(world: World) -> None:
    with open_shop(world) as merchant:
        connector = merchant.connector(bulk_from_days=1)
        carts = merchant.extract(connector, "checkouts", ALL)["carts"]
        orders = merchant.extract(connector, "orders", ALL)["orders"]
    assert carts.filter(pl.col("completed_at").is_null()).height > 0
    assert set(carts["cart_ref"]).isdisjoint(orders["order_ref"])
