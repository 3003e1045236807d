"""The whole merchant over HTTP equals the world that it was made from: to the penny and to the yen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sandbox.amazon import MARKETPLACES
from sandbox.serving import Fault, Faults
from sandbox.world import World
from tests.integration.extractors.amazon.shop import BEGIN, END, Shop, running

_MONEY = pl.Decimal(38, 4)
_MINOR = pl.when(pl.col("currency") == "JPY").then(pl.lit(Decimal(1))).otherwise(pl.lit(Decimal("0.01")))


def _orders(world: World) -> pl.DataFrame:
    return world.frame("orders").filter(shop="amazon")


def _amount(column: str) -> pl.Expr:
    return (pl.col(column).cast(_MONEY) * _MINOR.cast(_MONEY)).cast(_MONEY)


def _true_orders(world: World) -> pl.DataFrame:
    priced = pl.col("paid_at").is_not_null() & pl.col("cancelled_at").is_null()
    return (
        _orders(world)
        .select(
            pl.col("platform_order_id").alias("order_ref"),
            pl.col("created_at").alias("occurred_at"),
            pl.col("updated_at").alias("version_at"),
            pl.col("currency").alias("currency_code"),
            pl.col("cancelled_at").is_not_null().alias("is_cancelled"),
            *(
                pl.when(priced).then(_amount(f"{name}_minor")).alias(f"{name}_amount")
                for name in ("total", "tax", "shipping")
            ),
        )
        .sort("order_ref")
    )


def _true_lines(world: World) -> pl.DataFrame:
    """Goods: quantity, what was paid without tax, and tax, by line of an order that has proceeds."""
    orders = _orders(world).filter(pl.col("paid_at").is_not_null() & pl.col("cancelled_at").is_null())
    lines = world.frame("order_lines").join(orders.select("order_id", "platform_order_id", "currency"), on="order_id")
    net = pl.col("current_quantity") * pl.col("unit_price_minor") - pl.col("discount_minor") - pl.col("tax_minor")
    return (
        lines.filter(pl.col("kind") != "shipping")
        .with_columns(net.alias("net_minor"))
        .select(
            pl.col("platform_order_id").alias("order_ref"),
            pl.col("platform_line_id").alias("order_line_ref"),
            pl.col("sku").alias("product_ref"),
            pl.col("current_quantity").alias("quantity"),
            _amount("net_minor").alias("net"),
            _amount("tax_minor").alias("tax"),
        )
        .sort("order_ref", "order_line_ref")
    )


def _check_orders(world: World, shop: Shop, resource: str = "orders") -> None:
    landed = shop.rows(resource, "orders").sort("order_ref")
    is_cancelled = (pl.col("status") == "cancelled").alias("is_cancelled")
    amounts = [pl.col(f"{name}_amount").cast(_MONEY) for name in ("total", "tax", "shipping")]
    told = landed.select("order_ref", "occurred_at", "version_at", "currency_code", is_cancelled, *amounts)
    assert_frame_equal(told, _true_orders(world))


def _check_lines(world: World, shop: Shop) -> None:
    lines = shop.rows("orders", "order_lines")
    net = (pl.col("quantity") * pl.col("unit_price") - pl.col("discount_amount").fill_null(0)).cast(_MONEY)
    lines = lines.with_columns(net.alias("net"))
    goods = lines.filter(pl.col("line_kind") == "product").sort("order_ref", "order_line_ref")
    columns = ["order_ref", "order_line_ref", "product_ref", "quantity"]
    truth = _true_lines(world)
    assert_frame_equal(goods.select(*columns, pl.col("tax_amount").cast(_MONEY).alias("tax")), truth.drop("net"))
    # A price of one unit has four decimals: a line of three may be a ten-thousandth off, its order never is.
    off = (goods["net"] - truth["net"]).abs() / goods["quantity"]
    assert (off < Decimal("0.0001")).all()
    sums = lines.group_by("order_ref").agg(pl.col("net").sum()).sort("order_ref")
    orders = _true_orders(world).filter(pl.col("total_amount").is_not_null())
    due = orders.select("order_ref", (pl.col("total_amount") - pl.col("tax_amount")).cast(_MONEY).alias("net"))
    assert_frame_equal(sums, due, check_dtypes=False)


def _true_refunds(world: World) -> pl.DataFrame:
    refunds = world.frame("refunds").join(
        _orders(world).select("order_id", "platform_order_id", "currency"), on="order_id"
    )
    return refunds.select(
        pl.col("platform_refund_id").alias("refund_ref"),
        pl.col("platform_order_id").alias("order_ref"),
        pl.col("created_at").alias("occurred_at"),
        *(
            _amount(f"{name}_minor").alias("amount" if name == "amount" else f"{name}_amount")
            for name in ("amount", "tax", "shipping")
        ),
    ).sort("refund_ref")


def _check_refunds(world: World, shop: Shop) -> None:
    truth = _true_refunds(world)
    assert truth.height > 20
    landed = shop.rows("finances", "refunds").sort("refund_ref").select(truth.columns)
    assert_frame_equal(landed.cast(dict.fromkeys(("amount", "tax_amount", "shipping_amount"), _MONEY)), truth)
    lines = shop.rows("finances", "order_lines")
    assert (lines["quantity"] < 0).all()
    back = (-pl.col("quantity") * pl.col("unit_price") - pl.col("tax_amount").fill_null(0)).cast(_MONEY)
    sums = lines.with_columns(back.alias("amount")).group_by("order_ref").agg(pl.col("amount").sum()).sort("order_ref")
    due = truth.group_by("order_ref").agg(pl.col("amount").sum()).sort("order_ref")
    assert_frame_equal(sums, due, check_dtypes=False)
    parts = world.frame("refund_lines").join(_orders(world).select("order_id", "platform_order_id"), on="order_id")
    goods = lines.filter(pl.col("line_kind") == "product")
    assert -goods["quantity"].sum() == parts["quantity"].sum()
    goodwill = truth.height - parts["refund_id"].n_unique()
    assert goodwill > 0
    assert lines.filter(pl.col("line_kind") == "goodwill").height == goodwill


def test_orders_lines_and_refunds_are_the_worlds(world: World, shop: Shop) -> None:
    shop.extract("orders")
    shop.extract("finances")
    _check_orders(world, shop)
    _check_lines(world, shop)
    _check_refunds(world, shop)


@pytest.mark.parametrize("days", [17, 50])
def test_windows_of_any_size_come_to_the_same(world: World, tmp_path: Path, days: int) -> None:
    """Each window is extracted when it is over, as a schedule does, so every order is seen at several ages."""
    with running(world, tmp_path, now=BEGIN) as shop:
        start = BEGIN
        while start < END:
            end = min(start + timedelta(days=days), END)
            shop.clock.set(end + timedelta(hours=1))
            shop.extract("orders", start, end)
            shop.extract("finances", start, end)
            start = end
        # Transactions show up to two days late, so the last window is not the end of it.
        shop.clock.set(END + timedelta(days=3))
        shop.extract("finances", END, END + timedelta(days=2))
        _check_orders(world, shop)
        _check_lines(world, shop)
        _check_refunds(world, shop)


def test_extracting_twice_changes_nothing(world: World, shop: Shop) -> None:
    for _ in range(2):
        shop.extract("orders")
        shop.extract("finances")
    _check_orders(world, shop)
    _check_lines(world, shop)
    _check_refunds(world, shop)


_BROKEN = [
    Fault("throttle", "orders|transactions", probability=0.15, seed=1),
    Fault("throttle_after", "orders|transactions", probability=0.1, seed=2),
    Fault("error_html", probability=0.1, seed=3),
    Fault("drop", probability=0.05, seed=4),
    Fault("truncate", probability=0.05, seed=5),
    Fault("truncate_quietly", "orders|transactions", probability=0.05, seed=6),
    Fault("duplicate", probability=0.3, seed=7),
    Fault("reorder", probability=0.3, seed=8),
    Fault("schema_extra", probability=0.3, seed=9),
    Fault("expired_cursor", "orders", at=(2,)),
]


def test_faults_change_nothing(world: World, tmp_path: Path) -> None:
    with running(world, tmp_path, faults=Faults(_BROKEN)) as shop:
        start = BEGIN
        while start < END:
            end = min(start + timedelta(days=30), END)
            shop.extract("orders", start, end)
            shop.extract("finances", start, end)
            start = end
        struck = {one["kind"]: one["struck"] for one in shop.faults.counts()}
        shop.faults.replace([])
        _check_orders(world, shop)
        _check_lines(world, shop)
        _check_refunds(world, shop)
    assert all(
        struck[kind] for kind in ("throttle", "error_html", "duplicate", "reorder", "schema_extra", "expired_cursor")
    )


def test_the_flat_file_of_orders_says_the_same(world: World, shop: Shop) -> None:
    shop.extract("orders_report")
    landed = shop.rows("orders_report", "orders").sort("order_ref")
    truth = _true_orders(world)
    assert landed["order_ref"].to_list() == truth["order_ref"].to_list()
    told = landed.select((pl.col("total_amount") - pl.col("tax_amount")).cast(_MONEY).alias("net"))
    off = (told["net"] - (truth["total_amount"] - truth["tax_amount"])).abs()
    # The report knows neither the order's total nor the tax in a discount, which is in proportion, and rounded.
    lines = shop.rows("orders_report", "order_lines").filter(pl.col("line_kind") == "product")
    most = lines.group_by("order_ref").len()["len"].to_list()
    assert (off.drop_nulls() <= Decimal(max(most))).all()
    assert off.null_count() == truth["total_amount"].null_count()
    assert lines["quantity"].sum() == _true_lines(world)["quantity"].sum()


def test_settlements_add_up_to_the_payouts(world: World, tmp_path: Path) -> None:
    # Reports are kept for 90 days: two runs see all of them.
    with running(world, tmp_path, now=datetime(2025, 12, 20, tzinfo=UTC)) as shop:
        shop.extract("settlements", BEGIN, datetime(2025, 12, 20, tzinfo=UTC))
        shop.clock.set(END)
        shop.extract("settlements", datetime(2025, 12, 20, tzinfo=UTC), END)
        payouts = shop.rows("settlements", "payouts").sort("payout_ref")
        lines = shop.rows("settlements", "settlement_lines")
    truth = world.frame("payouts").filter(shop="amazon").sort(pl.col("payout_id").cast(pl.String))
    told = truth.select(
        pl.col("payout_id").cast(pl.String).alias("payout_ref"),
        _amount("amount_minor").alias("amount"),
        pl.col("issued_at").alias("occurred_at"),
    )
    assert_frame_equal(payouts.select("payout_ref", pl.col("amount").cast(_MONEY), "occurred_at"), told)
    sums = lines.group_by("payout_ref").agg(pl.col("amount").sum().cast(_MONEY)).sort("payout_ref")
    assert_frame_equal(sums, told.select("payout_ref", "amount"))
    fees = lines.filter(pl.col("line_kind") == "fee").group_by("currency_code").agg(pl.col("amount").sum())
    kept = world.frame("payout_lines").join(truth.select("payout_id", "currency"), on="payout_id")
    due = kept.with_columns(_amount("fee_minor").alias("fee")).group_by("currency").agg(-pl.col("fee").sum())
    assert dict(fees.iter_rows()) == dict(due.iter_rows())


def test_transactions_add_up_to_the_balance_though_some_are_told_twice(world: World, shop: Shop) -> None:
    shop.extract("finances")
    lines = shop.rows("finances", "settlement_lines")
    found = dict(lines.group_by("currency_code").agg(pl.col("amount").sum().cast(_MONEY)).iter_rows())
    paid = world.frame("payouts").filter(shop="amazon")
    due = dict(
        paid.with_columns(_amount("amount_minor").alias("due"))
        .group_by("currency")
        .agg(pl.col("due").sum())
        .iter_rows()
    )
    assert found == due
    deferred = lines.filter(pl.col("source_kind").str.contains("Unexplained"))
    assert deferred.is_empty()


def test_every_movement_of_stock_once(world: World, shop: Shop) -> None:
    middle = datetime(2025, 11, 20, 13, 30, tzinfo=UTC)  # within a day: a report's days are whole, windows need not be
    shop.extract("inventory_ledger", BEGIN, middle)
    shop.extract("inventory_ledger", middle, END)
    landed = shop.rows("inventory_ledger", "inventory_movements")
    places = world.frame("locations").filter("is_fba")["location_id"].implode()
    truth = world.frame("stock_movements").filter(
        pl.col("location_id").is_in(places) & (pl.col("occurred_at") >= BEGIN.replace(tzinfo=None))
    )
    skus = world.frame("variants").select("variant_id", pl.col("sku").alias("product_ref"))
    due = truth.join(skus, on="variant_id").select(
        "product_ref", "occurred_at", pl.col("kind").alias("movement_kind"), "quantity"
    )
    key = ["product_ref", "occurred_at", "movement_kind", "quantity"]
    assert_frame_equal(landed.select(key).sort(key), due.select(key).sort(key))


def test_returns_are_those_that_came_back(world: World, shop: Shop) -> None:
    shop.extract("customer_returns")
    landed = shop.rows("customer_returns", "customer_returns")
    came = world.frame("returns").filter((pl.col("shop") == "amazon") & pl.col("received_at").is_not_null())
    orders = _orders(world).select("order_id", pl.col("platform_order_id").alias("order_ref"))
    due = came.join(orders, on="order_id").select("order_ref", "quantity", pl.col("received_at").alias("occurred_at"))
    key = ["order_ref", "quantity", "occurred_at"]
    assert_frame_equal(landed.select(key).sort(key), due.select(key).sort(key))


def test_stock_is_what_can_be_sold_what_is_promised_and_what_comes(world: World, tmp_path: Path) -> None:
    with running(world, tmp_path, now=datetime(2025, 12, 1, 6, tzinfo=UTC)) as shop:
        shop.extract("inventory", datetime(2025, 11, 30, tzinfo=UTC), datetime(2025, 12, 1, tzinfo=UTC))
        landed = shop.rows("inventory", "stock_on_hand")
    places = world.frame("locations").filter("is_fba").select("location_id", "country")
    levels = world.frame("stock_levels").filter(date=datetime(2025, 11, 30).date()).join(places, on="location_id")  # noqa: DTZ001
    names = {one.country: f"FBA/{one.id}" for one in MARKETPLACES.values()}
    truth = levels.join(world.frame("variants").select("variant_id", "sku"), on="variant_id").select(
        pl.col("sku").alias("product_ref"),
        pl.col("country").replace_strict(names).alias("location_ref"),
        pl.max_horizontal(pl.col("on_hand") - pl.col("reserved"), 0).alias("on_hand_units"),
        pl.col("reserved").alias("reserved_units"),
        pl.col("inbound").alias("inbound_units"),
    )
    key = ["location_ref", "product_ref"]
    found = landed.select(truth.columns).sort(key)
    assert_frame_equal(found, truth.join(found, on=key, how="semi").sort(key))
    assert found.height > 40


def test_products_have_their_sku_brand_and_way_to_the_root(world: World, shop: Shop) -> None:
    shop.extract("catalog")
    landed = shop.rows("catalog", "products")
    variants = (
        world.frame("variants")
        .join(world.frame("products"), on="product_id")
        .join(world.frame("categories"), on="category_id")
    )
    sold = variants.filter(pl.col("sold_by_amazon_uk") | pl.col("sold_by_amazon_jp"))
    truth = sold.select(
        pl.col("sku").alias("product_ref"),
        "asin",
        "gtin",
        "brand",
        pl.col("path_en").alias("category"),
        pl.col("weight_g").alias("weight_grams"),
    )
    found = landed.select(truth.columns).sort("product_ref")
    assert_frame_equal(found, truth.join(found, on="product_ref", how="semi").sort("product_ref"))
    assert found.height == landed["asin"].n_unique()
    assert found.height > 30
