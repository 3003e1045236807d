"""The whole shop through HTTP into the store is the merchant's own books, to the cent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from sandbox.serving import Fault, Faults, SandboxClock, serve
from sandbox.woocommerce import app
from sandbox.world import World, WorldSpec, generate
from tests.support.woocommerce import END, Books, books, made_up_shop

BEGIN = datetime(2025, 10, 15, tzinfo=UTC)
CENT = pl.lit(100).cast(pl.Decimal(38, 4))


@dataclass
class Shop:
    """A shop that runs."""

    url: str
    world: World
    clock: SandboxClock
    faults: Faults

    @property
    def orders(self) -> pl.DataFrame:
        """The merchant's orders that are there in the end."""
        return self.world.frame("orders").filter(pl.col("shop") == "woocommerce", pl.col("deleted_at").is_null())

    @property
    def refunds(self) -> pl.DataFrame:
        """Their refunds."""
        orders = self.orders.select("order_id", "platform_order_id")
        return self.world.frame("refunds").join(orders, on="order_id")

    def take_in(self, kept: Books, bounds: Sequence[datetime]) -> None:
        """Extracts window after window, each at its end."""
        for start, end in pairwise(bounds):
            self.clock.set(end)
            for resource in ("orders", "refunds", "deletions"):
                kept.take_in(resource, start, end)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    world = made_up_shop(tmp_path_factory.mktemp("world"))
    clock, faults = SandboxClock(END), Faults()
    with serve(app(world, clock, faults)) as server:
        yield Shop(server.url, world, clock, faults)


@pytest.fixture
def shop(running: Shop) -> Shop:
    running.clock.set(END)
    running.faults.replace([])
    return running


def minor(column: str) -> pl.Expr:
    """An amount in cents; it must have no more decimals."""
    return (pl.col(column).cast(pl.Decimal(38, 4)) * CENT).cast(pl.Int64).alias(column)


def assert_orders_are_right(shop: Shop, kept: Books) -> None:
    told = kept.newest("orders", "orders").select(
        "order_ref",
        "customer_ref",
        "currency_code",
        "is_tax_included",
        "is_test",
        "occurred_at",
        minor("total_amount"),
        minor("tax_amount"),
        minor("shipping_amount"),
        minor("subtotal_amount"),
    )
    true = shop.orders.select(
        order_ref="platform_order_id",
        customer_ref=pl.col("customer_id").cast(pl.String),
        currency_code="currency",
        is_tax_included="taxes_included",
        is_test="is_test",
        occurred_at="created_at",
        total_amount="total_minor",
        tax_amount="tax_minor",
        shipping_amount="shipping_minor",
        subtotal_amount="subtotal_minor",
    )
    assert told.sort("order_ref").equals(true.sort("order_ref"))


def assert_lines_are_right(shop: Shop, kept: Books) -> None:
    """Each line to the cent, and with the explicit rest each order to the cent (quirk 9)."""
    told = kept.newest("orders", "order_lines").with_columns(
        net=(pl.col("quantity").cast(pl.Decimal(38, 4)) * pl.col("unit_price").cast(pl.Decimal(38, 4)))
        - pl.col("discount_amount").cast(pl.Decimal(38, 4)).fill_null(0)
    )
    lines = told.filter(pl.col("line_kind") != "rounding").select(
        "order_ref",
        "order_line_ref",
        "quantity",
        net=(pl.col("net") * CENT).round(0).cast(pl.Int64),
        tax=minor("tax_amount"),
        is_shipping=pl.col("line_kind") == "shipping",
        sku=pl.when(pl.col("line_kind").is_in(["product", "gift_voucher"])).then("product_ref"),
    )
    sold = shop.world.frame("order_lines").join(shop.orders.select("order_id", "platform_order_id"), on="order_id")
    paid = pl.col("current_quantity") * pl.col("unit_price_minor") - pl.col("discount_minor") - pl.col("tax_minor")
    true = sold.filter((pl.col("current_quantity") > 0) | (pl.col("kind") == "shipping")).select(
        order_ref="platform_order_id",
        order_line_ref="platform_line_id",
        quantity="current_quantity",
        net=paid,
        tax="tax_minor",
        is_shipping=pl.col("kind") == "shipping",
        sku="sku",
    )
    assert lines.sort("order_line_ref").equals(true.sort("order_line_ref"))
    sums = told.group_by("order_ref").agg(net=(pl.col("net").sum() * CENT).round(0).cast(pl.Int64))
    totals = shop.orders.select(order_ref="platform_order_id", net=pl.col("total_minor") - pl.col("tax_minor"))
    assert sums.sort("order_ref").equals(totals.sort("order_ref"))


def assert_refunds_are_right(shop: Shop, kept: Books) -> None:
    alive = shop.orders["platform_order_id"].to_list()
    told = kept.newest("refunds", "refunds").filter(pl.col("order_ref").is_in(alive))
    true = shop.refunds.select(
        refund_ref="platform_refund_id",
        order_ref="platform_order_id",
        occurred_at="created_at",
        amount="amount_minor",
        tax_amount="tax_minor",
        shipping_amount="shipping_minor",
    )
    seen = told.select(
        "refund_ref", "order_ref", "occurred_at", *(minor(name) for name in ("amount", "tax_amount", "shipping_amount"))
    )
    assert seen.sort("refund_ref").equals(true.sort("refund_ref"))
    lines = kept.newest("refunds", "order_lines").filter(pl.col("order_ref").is_in(alive))
    given = (pl.col("quantity") * pl.col("unit_price").cast(pl.Decimal(38, 4))).sum() + pl.col("tax_amount").cast(
        pl.Decimal(38, 4)
    ).sum()
    sums = lines.group_by(refund_ref="record_ref").agg(amount=(-given * CENT).round(0).cast(pl.Int64))
    assert sums.sort("refund_ref").equals(true.select("refund_ref", "amount").sort("refund_ref"))


def assert_payments_are_right(shop: Shop, kept: Books) -> None:
    """What was moved and kept, by order: the shop tells an order's payments as one."""
    alive = shop.orders.select("order_id", "platform_order_id")
    paid = kept.newest("orders", "payments")
    back = kept.newest("refunds", "payments")
    told = (
        pl.concat([paid, back])
        .filter(pl.col("order_ref").is_in(alive["platform_order_id"].to_list()))
        .group_by("order_ref", "payment_kind")
        .agg(minor("amount").sum(), minor("fee_amount").sum())
    )
    moved = shop.world.frame("transactions").join(alive, on="order_id")
    kinds = {"sale": "sale", "capture": "sale", "refund": "refund"}
    true = (
        moved.filter(pl.col("status") == "success", pl.col("kind").is_in(list(kinds)), pl.col("amount_minor") > 0)
        .with_columns(payment_kind=pl.col("kind").replace_strict(kinds))
        .group_by("platform_order_id", "payment_kind")
        .agg(pl.sum("amount_minor"), pl.sum("fee_minor"))
        .rename({"platform_order_id": "order_ref", "amount_minor": "amount", "fee_minor": "fee_amount"})
    )
    assert told["fee_amount"].sum() > 0
    assert told.sort("order_ref", "payment_kind").equals(true.sort("order_ref", "payment_kind"))


def assert_all_is_right(shop: Shop, kept: Books) -> None:
    assert_payments_are_right(shop, kept)
    assert_orders_are_right(shop, kept)
    assert_lines_are_right(shop, kept)
    assert_refunds_are_right(shop, kept)


def every(step: timedelta) -> list[datetime]:
    bounds = [BEGIN]
    while bounds[-1] < END:
        bounds.append(min(bounds[-1] + step, END))
    return bounds


IRREGULAR = [
    BEGIN,
    BEGIN + timedelta(hours=1),
    BEGIN + timedelta(days=21, seconds=1),
    BEGIN + timedelta(days=21, hours=5),
    BEGIN + timedelta(days=50, minutes=59),
    BEGIN + timedelta(days=90),
    END,
]


@pytest.mark.parametrize("bounds", [[BEGIN, END], IRREGULAR], ids=["one", "any"])
def test_windows_of_any_size_give_the_merchants_books(shop: Shop, tmp_path: Path, bounds: list[datetime]) -> None:
    kept = books(shop.url, tmp_path)
    shop.take_in(kept, bounds)
    assert_all_is_right(shop, kept)


def test_twice_is_as_once(shop: Shop, tmp_path: Path) -> None:
    kept = books(shop.url, tmp_path)
    middle = BEGIN + timedelta(days=40)
    shop.take_in(kept, [BEGIN, middle, END])
    before = kept.newest("orders", "order_lines").height
    for start, end in ((BEGIN, middle), (middle, END), (BEGIN, END)):
        for resource in ("orders", "refunds", "deletions"):
            kept.take_in(resource, start, end)
    assert kept.newest("orders", "order_lines").height == before
    assert_all_is_right(shop, kept)


def test_history_backfilled_in_any_order_is_whole(shop: Shop, tmp_path: Path) -> None:
    kept = books(shop.url, tmp_path)
    bounds = every(timedelta(days=30))
    for start, end in reversed(list(pairwise(bounds))):
        for resource in ("orders", "refunds"):
            kept.take_in(resource, start, end)
    kept.take_in("deletions", bounds[-2], END)
    assert_all_is_right(shop, kept)


FAULTS = [
    Fault("throttle", probability=0.06, seed=1),
    Fault("throttle_after", probability=0.06, seed=2),
    Fault("error_html", probability=0.06, seed=3, status=502),
    Fault("truncate", probability=0.05, seed=4),
    Fault("truncate_quietly", probability=0.05, seed=5),
    Fault("drop", probability=0.05, seed=6),
    Fault("duplicate", path="/(orders|refunds)$", probability=0.1, seed=7),
    Fault("reorder", path="/(orders|refunds)$", probability=0.1, seed=8),
    Fault("missing_rows", path="/(orders|refunds)$", probability=0.1, seed=9),
    Fault("schema_extra", path="/(orders|refunds)$", probability=0.2, seed=10),
]


def test_quirk_14_broken_answers_lose_nothing(shop: Shop, tmp_path: Path) -> None:
    kept = books(shop.url, tmp_path, page_size=40)
    shop.faults.replace(FAULTS)
    shop.take_in(kept, every(timedelta(days=30)))
    struck = {one["kind"] for one in shop.faults.counts() if one["struck"]}
    assert struck == {fault.kind for fault in FAULTS}
    shop.faults.replace([])
    assert_all_is_right(shop, kept)


def test_quirk_03_a_shop_that_changes_while_it_is_paged_through(shop: Shop, tmp_path: Path) -> None:
    """Orders come in and are changed between the pages; what changed late comes with the next window."""
    kept = books(shop.url, tmp_path, page_size=25)
    middle = datetime(2025, 11, 25, tzinfo=UTC)
    shop.clock.set(middle)
    shop.faults.replace(
        [Fault("late_update", path="/orders$", probability=0.5), Fault("insert_while_paging", probability=0.3)]
    )
    kept.take_in("orders", BEGIN, middle)
    assert shop.clock.now() > middle + timedelta(minutes=30)
    shop.faults.replace([])
    shop.clock.set(END)
    for resource in ("orders", "refunds"):
        kept.take_in(resource, middle if resource == "orders" else BEGIN, END)
    kept.take_in("deletions", middle, END)
    assert_all_is_right(shop, kept)


def test_quirk_01_a_refund_that_leaves_its_order_alone(shop: Shop, tmp_path: Path) -> None:
    silent = shop.refunds.join(
        shop.orders.filter(~pl.col("bumps_on_refund")).select("order_id"), on="order_id", how="semi"
    )
    refund = silent.sort("created_at").row(-1, named=True)
    at = refund["created_at"].replace(tzinfo=UTC)
    start, end = at - timedelta(minutes=5), at + timedelta(minutes=5)
    shop.clock.set(end)
    kept = books(shop.url, tmp_path)
    kept.take_in("orders", start, end)
    assert refund["platform_order_id"] not in kept.versions("orders", "orders")["order_ref"].to_list()
    kept.take_in("refunds", start, end)
    assert refund["platform_refund_id"] in kept.versions("refunds", "refunds")["refund_ref"].to_list()


def test_quirk_02_prices_and_stock_that_leave_the_modified_time_alone(shop: Shop, tmp_path: Path) -> None:
    kept = books(shop.url, tmp_path)
    prices = shop.world.frame("variant_prices").filter(pl.col("shop") == "woocommerce").sort("valid_from")
    for now in (datetime(2025, 11, 1, tzinfo=UTC), END):
        shop.clock.set(now)
        kept.take_in("products", now - timedelta(days=1), now)
        told = kept.newest("products", "products").select("product_ref", price=minor("price_amount"))
        sold = shop.world.frame("variants").filter(
            pl.col("sold_by_woocommerce"), pl.col("created_at") <= now.replace(tzinfo=None)
        )
        latest = prices.filter(pl.col("valid_from") <= now.replace(tzinfo=None)).group_by("variant_id").last()
        true = sold.join(latest, on="variant_id").select(product_ref="sku", price="price_minor_right")
        assert told.sort("product_ref").equals(true.sort("product_ref"))


def test_quirk_04_trash_and_hard_deletes_become_deletions_once(shop: Shop, tmp_path: Path) -> None:
    kept = books(shop.url, tmp_path)
    gone = shop.world.frame("orders").filter(pl.col("shop") == "woocommerce", pl.col("deleted_at").is_not_null())
    first = gone.sort("deleted_at").row(0, named=True)["deleted_at"].replace(tzinfo=UTC)
    early = first - timedelta(seconds=1)
    shop.clock.set(early)
    kept.take_in("orders", BEGIN, early)
    there = gone.filter(pl.col("created_at") < early.replace(tzinfo=None))
    shop.clock.set(END)
    for end in (END - timedelta(days=1), END):
        kept.take_in("deletions", end - timedelta(days=1), end)
    told = kept.versions("deletions", "deletions").select("record_ref", "entity", "deletion_kind")
    kinds = {"trash": "trashed", "hard": "deleted"}
    true = there.select(
        record_ref="platform_order_id",
        entity=pl.lit("orders"),
        deletion_kind=pl.col("deleted_how").replace_strict(kinds),
    )
    assert there.height > 0
    assert told.sort("record_ref").equals(true.sort("record_ref"))


def test_quirk_05_refunds_count_once_and_with_their_sign(shop: Shop, tmp_path: Path) -> None:
    kept = books(shop.url, tmp_path)
    shop.take_in(kept, [BEGIN, END])
    by_order = kept.newest("orders", "orders").filter(pl.col("refunded_amount") > 0)
    by_refund = kept.newest("refunds", "refunds").group_by("order_ref").agg(pl.col("amount").sum())
    both = by_order.join(by_refund, on="order_ref", how="full")
    assert both.height == by_refund.height == by_order.height
    assert (both["refunded_amount"] == both["amount"]).all()
    lines = kept.newest("refunds", "order_lines").filter(pl.col("line_kind") == "goodwill")
    goodwill = shop.refunds.join(shop.world.frame("refund_lines"), on="refund_id", how="anti")
    assert sorted(lines["record_ref"]) == sorted(goodwill["platform_refund_id"])
    assert (lines["quantity"] == -1).all()


def test_quirk_11_guests_have_no_number_and_keep_their_address(shop: Shop, tmp_path: Path) -> None:
    kept = books(shop.url, tmp_path)
    kept.take_in("orders", BEGIN, END)
    kept.take_in("deletions", END - timedelta(days=1), END)
    guests = kept.newest("orders", "orders")
    true = shop.orders.filter(pl.col("customer_id").is_null())
    assert sorted(guests.filter(pl.col("customer_ref").is_null())["order_ref"]) == sorted(true["platform_order_id"])
    assert guests["email_ref"].null_count() == shop.orders["email"].null_count()


def test_quirk_10_an_edited_order_has_what_is_left_of_it(shop: Shop, tmp_path: Path) -> None:
    edited = shop.orders.filter(pl.col("edited_at").is_not_null()).sort("edited_at").row(0, named=True)
    at = edited["edited_at"].replace(tzinfo=UTC)
    kept = books(shop.url, tmp_path)
    totals = []
    for start, end in ((at - timedelta(days=2), at), (at, at + timedelta(seconds=2))):
        shop.clock.set(end - timedelta(seconds=1))
        kept.take_in("orders", start, end)
        kept.take_in("deletions", start, end)
        order = kept.newest("orders", "orders").filter(pl.col("order_ref") == edited["platform_order_id"])
        totals.append(order.select(minor("total_amount")).item())
    assert totals == [edited["original_total_minor"], edited["total_minor"]]


def test_quirk_15_what_came_to_light_late_is_within_the_overlap(shop: Shop, tmp_path: Path) -> None:
    """A change is dated before its transaction ends: one of 11:59:58 may be seen at 12:00:01 only."""
    change = shop.orders.sort("created_at").row(500, named=True)["created_at"].replace(tzinfo=UTC)
    kept = books(shop.url, tmp_path)
    start = change + timedelta(minutes=20)
    shop.clock.set(start + timedelta(minutes=5))
    kept.take_in("orders", start, start + timedelta(minutes=5))
    dated = kept.versions("orders", "orders")["version_at"]
    earliest = (start - timedelta(hours=1)).replace(tzinfo=None)
    assert earliest <= dated.min() < start.replace(tzinfo=None)


def test_an_older_woocommerce_gives_the_same_books(tmp_path: Path) -> None:
    """Without /refunds and /variations: order by order, product by product."""
    world, clock = generate(tmp_path / "world", WorldSpec.tiny()), SandboxClock(END)
    with serve(app(world, clock, Faults(), newer_lists=False)) as old, serve(app(world, clock, Faults())) as new:
        shop = Shop(old.url, world, clock, Faults())
        kept, other = books(old.url, tmp_path / "old"), books(new.url, tmp_path / "new")
        shop.take_in(kept, [BEGIN, datetime(2025, 12, 5, tzinfo=UTC), END])
        assert_all_is_right(shop, kept)
        for one in (kept, other):
            one.take_in("products", END - timedelta(days=1), END)
    columns = ["product_ref", "product_title", "variant_title", "category", "brand", "status", "product_group_ref"]
    mine, theirs = (one.newest("products", "products").select(columns).sort("product_ref") for one in (kept, other))
    assert mine.equals(theirs)
    assert mine["variant_title"].is_not_null().any()


def test_the_stock_is_the_warehouses(shop: Shop, tmp_path: Path) -> None:
    kept = books(shop.url, tmp_path)
    now = datetime(2025, 12, 1, 9, 30, tzinfo=UTC)
    shop.clock.set(now)
    kept.take_in("products", now - timedelta(days=1), now)
    told = kept.newest("products", "stock_on_hand").select("product_ref", "on_hand_units", "occurred_at")
    assert set(told["occurred_at"]) == {now.replace(tzinfo=None)}
    places = shop.world.frame("locations").filter(pl.col("country") == "DE")["location_id"].to_list()
    levels = shop.world.frame("stock_levels").filter(
        pl.col("date") == datetime(2025, 11, 30, tzinfo=UTC).date(), pl.col("location_id").is_in(places)
    )
    units = levels.select("variant_id", units=pl.col("on_hand") - pl.col("reserved"))
    variants = shop.world.frame("variants").filter(
        pl.col("sold_by_woocommerce"), pl.col("created_at") <= now.replace(tzinfo=None)
    )
    bundles = shop.world.frame("products").filter(pl.col("is_bundle")).select("product_id")
    true = variants.join(bundles, on="product_id", how="anti").join(units, on="variant_id", how="left")
    assert (
        told.select("product_ref", units="on_hand_units")
        .sort("product_ref")
        .equals(true.select(product_ref="sku", units=pl.col("units").fill_null(0)).sort("product_ref"))
    )


def test_customers_and_coupons(shop: Shop, tmp_path: Path) -> None:
    kept = books(shop.url, tmp_path, page_size=20)
    for resource in ("customers", "coupons"):
        kept.take_in(resource, END - timedelta(days=1), END)
    told = kept.newest("customers", "customers").select("customer_ref", "email_ref", "country", "occurred_at")
    people = shop.world.frame("customers").filter(pl.col("shop") == "woocommerce")
    true = people.select(
        customer_ref=pl.col("customer_id").cast(pl.String),
        email_ref=pl.col("email").str.to_lowercase(),
        country="country",
        occurred_at=pl.col("created_at").dt.truncate("1s"),
    )
    assert told.sort("customer_ref").equals(true.sort("customer_ref"))
    coupons = kept.newest("coupons", "discounts")
    codes = shop.world.frame("promotions").filter(pl.col("shop") == "woocommerce", pl.col("code").is_not_null())
    assert sorted(coupons["discount_code"]) == sorted(codes["code"].str.to_lowercase())
    assert set(coupons["status"]) == {"expired"}
    fixed = coupons.filter(pl.col("discount_kind") == "fixed_amount")
    assert sorted(fixed["amount"].cast(pl.Float64)) == sorted(
        codes.filter(pl.col("kind") == "fixed_amount")["value"] / 100
    )
    assert set(coupons["currency_code"]) == {"EUR"}
