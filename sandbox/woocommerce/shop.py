"""What the shop holds at an instant: which orders, refunds, products and people there are, and in which state."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import polars as pl

from sandbox.woocommerce.listing import INDEX_SCHEMA
from sandbox.world import World

SHOP = "woocommerce"

# Posts of all kinds share their numbers in WordPress; the world counts each kind from 1.
PRODUCT_POSTS, VARIATION_POSTS, COUPON_POSTS = 10_000_000, 20_000_000, 30_000_000

_NULL_STATUS = pl.lit("publish").alias("status")


class Shop:
    """The WooCommerce side of a world.

    Args:
        world: The merchant's whole history.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._view: View | None = None
        told = world.frame("shops").row(by_predicate=pl.col("shop") == SHOP, named=True)
        self.name: str = told["name"]
        self.currency: str = told["currency"]
        self.country: str = told["country"]
        self.taxes_included: bool = told["taxes_included"]
        self.site = ZoneInfo(told["time_zone"])

    def at(self, now: datetime) -> View:
        """The shop as it is at an instant (naive UTC); kept until another one is asked for."""
        if self._view is None or self._view.now != now:
            self._view = View(self, now)
        return self._view

    @cached_property
    def orders(self) -> pl.DataFrame:
        """All orders of all times, with the number that WordPress gives them."""
        orders = self._world.frame("orders").filter(pl.col("shop") == SHOP)
        return orders.with_columns(post_id=pl.col("platform_order_id").cast(pl.Int64))

    @cached_property
    def order_changes(self) -> pl.DataFrame:
        """What happened to orders, and when."""
        return self._world.frame("order_changes").filter(pl.col("shop") == SHOP)

    @cached_property
    def lines(self) -> pl.DataFrame:
        """All lines of the orders, with their product."""
        variants = self.variants.select("variant_id", "product_id", "is_variation")
        return (
            self._world.frame("order_lines")
            .join(self.orders.select("order_id"), on="order_id", how="semi")
            .join(variants, on="variant_id", how="left")
            .with_columns(item_id=pl.col("platform_line_id").cast(pl.Int64))
        )

    @cached_property
    def refunds(self) -> pl.DataFrame:
        """All refunds of all times."""
        refunds = self._world.frame("refunds").join(self.orders.select("order_id"), on="order_id", how="semi")
        return refunds.with_columns(post_id=pl.col("platform_refund_id").cast(pl.Int64))

    @cached_property
    def fees(self) -> pl.DataFrame:
        """What the gateways kept: `order_id, fee_minor, created_at`, a row a movement of money."""
        moved = self._world.frame("transactions").join(self.orders.select("order_id"), on="order_id", how="semi")
        kept = moved.filter(pl.col("status") == "success", pl.col("fee_minor") > 0)
        return kept.select("order_id", "fee_minor", "created_at")

    @cached_property
    def refund_lines(self) -> pl.DataFrame:
        """All lines of the refunds."""
        return self._world.frame("refund_lines").join(self.refunds.select("refund_id"), on="refund_id", how="semi")

    @cached_property
    def variants(self) -> pl.DataFrame:
        """What is sold here. A product with options is a variable product, and its variants are variations."""
        sold = self._world.frame("variants").filter(pl.col("sold_by_woocommerce"))
        return sold.with_columns(is_variation=(pl.len().over("product_id") > 1) | pl.col("option_value").is_not_null())

    @cached_property
    def products(self) -> pl.DataFrame:
        """The products of which a variant is sold here."""
        frame = self._world.frame("products").join(self.variants, on="product_id", how="semi")
        return frame.join(
            self._world.frame("categories").select("category_id", "path_en"), on="category_id", how="left"
        )

    @cached_property
    def product_changes(self) -> pl.DataFrame:
        """What happened to products, and when."""
        return self._world.frame("product_changes")

    @cached_property
    def prices(self) -> pl.DataFrame:
        """The history of prices here."""
        prices = self._world.frame("variant_prices")
        return prices.filter(pl.col("shop") == SHOP, pl.col("currency") == self.currency)

    @cached_property
    def customers(self) -> pl.DataFrame:
        """The people with an account."""
        return self._world.frame("customers").filter(pl.col("shop") == SHOP)

    @cached_property
    def coupons(self) -> pl.DataFrame:
        """Promotions with a code; those without are plain price cuts here."""
        promotions = self._world.frame("promotions")
        return promotions.filter(pl.col("shop") == SHOP, pl.col("code").is_not_null())

    def stock(self, now: datetime) -> pl.DataFrame:
        """Sellable units by variant in the warehouses of the shop's country, at the close of the day before."""
        warehouses = self._world.frame("locations").filter(~pl.col("is_fba"), pl.col("country") == self.country)
        ours = warehouses["location_id"].to_list()
        yesterday = now.date() - timedelta(days=1)
        levels = self._world.scan("stock_levels").filter(pl.col("date") == yesterday, pl.col("location_id").is_in(ours))
        return levels.group_by("variant_id").agg(units=(pl.col("on_hand") - pl.col("reserved")).sum()).collect()


class View:
    """The shop at one instant.

    Args:
        shop: The shop.
        now: The instant, naive UTC.
    """

    def __init__(self, shop: Shop, now: datetime) -> None:
        self.shop = shop
        self.now = now

    @cached_property
    def orders(self) -> pl.DataFrame:
        """An index row for each order that exists."""
        here = self.shop.orders.filter(pl.col("created_at") <= self.now, ~self._gone("hard"))
        return _index(
            here.join(self._touched(self.shop.order_changes, "order_id"), on="order_id", how="left")
            .join(self._refunded, on="order_id", how="left")
            .join(self._fulfilled, on="order_id", how="left"),
            key="order_id",
            modified=pl.coalesce("touched", "created_at"),
            status=self._status(),
            name=pl.col("order_number"),
        )

    def _gone(self, how: str) -> pl.Expr:
        deleted = (pl.col("deleted_at") <= self.now) & (pl.col("deleted_how") == how)
        return deleted.fill_null(value=False)

    def _status(self) -> pl.Expr:
        """An order's state: trash before cancelled before refunded before completed before paid."""
        return (
            pl.when(self._gone("trash"))
            .then(pl.lit("trash"))
            .when((pl.col("cancelled_at") <= self.now).fill_null(value=False))
            .then(pl.lit("cancelled"))
            .when((pl.col("total_minor") > 0) & (pl.col("given_back") >= pl.col("total_minor")))
            .then(pl.lit("refunded"))
            .when(pl.col("is_fulfilled").fill_null(value=False))
            .then(pl.lit("completed"))
            .when((pl.col("paid_at") <= self.now).fill_null(value=False))
            .then(pl.lit("processing"))
            .otherwise(pl.lit("pending"))
        )

    @cached_property
    def _refunded(self) -> pl.DataFrame:
        so_far = self.shop.refunds.filter(pl.col("created_at") <= self.now)
        return so_far.group_by("order_id").agg(given_back=pl.col("amount_minor").sum())

    @cached_property
    def _fulfilled(self) -> pl.DataFrame:
        sent = self.shop.order_changes.filter(pl.col("changed_at") <= self.now, pl.col("kind") == "fulfilled")
        return sent.group_by("order_id").agg(is_fulfilled=pl.lit(value=True), completed_at=pl.col("changed_at").max())

    @cached_property
    def completed(self) -> pl.DataFrame:
        """When each order was sent, for those that were."""
        return self._fulfilled.select("order_id", "completed_at")

    def _touched(self, changes: pl.DataFrame, key: str) -> pl.DataFrame:
        bumps = changes.filter(pl.col("changed_at") <= self.now, pl.col("bumps_updated_at"))
        return bumps.group_by(key).agg(touched=pl.col("changed_at").max())

    @cached_property
    def refunds(self) -> pl.DataFrame:
        """An index row for each refund of an order that is neither deleted nor in the trash."""
        parents = self.orders.filter(pl.col("status") != "trash")
        return _index(
            self.shop.refunds.filter(pl.col("created_at") <= self.now).join(
                parents.select(order_id="key", parent_id="post_id"), on="order_id"
            ),
            key="refund_id",
            modified=pl.col("created_at"),
            status=pl.lit("completed"),
            name=pl.col("platform_refund_id"),
        )

    @cached_property
    def products(self) -> pl.DataFrame:
        """An index row for each product that exists."""
        changes = self.shop.product_changes
        deleted = changes.filter(pl.col("kind") == "deleted", pl.col("changed_at") <= self.now)
        here = self.shop.products.filter(pl.col("created_at") <= self.now).join(deleted, on="product_id", how="anti")
        withdrawn = (pl.col("discontinued_at") <= self.now).fill_null(value=False)
        return _index(
            here.join(self._touched(changes, "product_id"), on="product_id", how="left").with_columns(
                post_id=pl.col("product_id") + PRODUCT_POSTS
            ),
            key="product_id",
            modified=pl.coalesce("touched", "created_at"),
            status=pl.when(withdrawn).then(pl.lit("private")).otherwise(pl.lit("publish")),
            name=pl.col("title_en"),
        )

    @cached_property
    def variations(self) -> pl.DataFrame:
        """An index row for each variation; a change of its price is a change of it, not of its product."""
        priced = self.shop.prices.filter(pl.col("valid_from") <= self.now)
        parents = self.products.select(product_id="key", parent_id="post_id")
        return _index(
            self.shop.variants.filter(pl.col("is_variation"), pl.col("created_at") <= self.now)
            .join(parents, on="product_id")
            .join(priced.group_by("variant_id").agg(touched=pl.col("valid_from").max()), on="variant_id", how="left")
            .with_columns(post_id=pl.col("variant_id") + VARIATION_POSTS),
            key="variant_id",
            modified=pl.max_horizontal(pl.coalesce("touched", "created_at"), "created_at"),
            status=_NULL_STATUS,
            name=pl.col("sku"),
        )

    @cached_property
    def customers(self) -> pl.DataFrame:
        """An index row for each account."""
        return _index(
            self.shop.customers.filter(pl.col("created_at") <= self.now).with_columns(post_id="customer_id"),
            key="customer_id",
            modified=pl.col("created_at"),
            status=_NULL_STATUS,
            name=pl.col("email"),
        )

    @cached_property
    def coupons(self) -> pl.DataFrame:
        """An index row for each coupon; it is made when it begins to count."""
        begun = self.shop.coupons.filter(pl.col("starts_at") <= self.now)
        return _index(
            begun.with_columns(post_id=pl.col("promotion_id") + COUPON_POSTS, created_at=pl.col("starts_at")),
            key="promotion_id",
            modified=pl.col("starts_at"),
            status=_NULL_STATUS,
            name=pl.col("code"),
        )

    @cached_property
    def current_prices(self) -> pl.DataFrame:
        """The price of each variant now."""
        known = self.shop.prices.filter(pl.col("valid_from") <= self.now).sort("valid_from")
        return known.group_by("variant_id").agg(pl.col("price_minor", "compare_at_minor").last())

    @cached_property
    def stock(self) -> pl.DataFrame:
        """Sellable units by variant."""
        return self.shop.stock(self.now)

    def next_change(self, *, created: bool) -> datetime | None:
        """When the next order comes in, or the next one that exists is changed; None after the last."""
        later = self.shop.order_changes.filter(pl.col("changed_at") > self.now)
        if created:
            return _first(later.filter(pl.col("kind") == "created"))
        existing = self.orders.select(order_id="key")
        return _first(later.filter(pl.col("bumps_updated_at")).join(existing, on="order_id", how="semi"))


def _first(changes: pl.DataFrame) -> datetime | None:
    moment = changes["changed_at"].min()
    return moment if isinstance(moment, datetime) else None


def _index(rows: pl.DataFrame, *, key: str, modified: pl.Expr, status: pl.Expr, name: pl.Expr) -> pl.DataFrame:
    parent = pl.col("parent_id") if "parent_id" in rows.columns else pl.lit(0)
    return rows.select(
        post_id=pl.col("post_id").cast(pl.Int64),
        key=pl.col(key),
        parent_id=parent.cast(pl.Int64),
        created=pl.col("created_at"),
        modified=modified,
        status=status,
        name=name,
    ).match_to_schema(INDEX_SCHEMA)
