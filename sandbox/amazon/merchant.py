"""The merchant's Amazon business as it stands at a moment: what has not happened yet is not there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

import polars as pl

from sandbox.amazon.marketplaces import MARKETPLACES, Marketplace
from sandbox.world import World

Row = dict[str, Any]


class Merchant:
    """Reads the world's tables, once, and filters them by time.

    Args:
        world: The simulated merchant.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._orders = self._mine("orders").filter(pl.col("sales_channel").is_in(list(MARKETPLACES)))
        self._changes = self._mine("order_changes")
        self._of_orders = {
            name: self._world.frame(name).join(self._orders.select("order_id"), on="order_id", how="semi")
            for name in ("order_lines", "transactions", "refunds", "refund_lines", "fulfilments", "fulfilment_lines")
        }
        products = world.frame("products").select("product_id", "title_en", "brand", "category_id", "created_at")
        self._variants: dict[int, Row] = {
            row["variant_id"]: row
            for row in world.frame("variants")
            .join(products, on="product_id", suffix="_product")
            .join(world.frame("categories").select("category_id", "path_en"), on="category_id", how="left")
            .iter_rows(named=True)
        }
        self._by_asin = {row["asin"]: row for row in self._variants.values()}
        self._by_sku = {row["sku"]: row for row in self._variants.values()}
        self._at: Callable[[datetime], pl.DataFrame] = lru_cache(maxsize=4)(self._orders_at)

    def _mine(self, table: str) -> pl.DataFrame:
        return self._world.frame(table).filter(pl.col("shop") == "amazon")

    def table(self, name: str) -> pl.DataFrame:
        """A whole table of the world; of those with a shop, Amazon's part."""
        frame = self._world.frame(name)
        return self._mine(name) if "shop" in frame.columns else frame

    def variant(self, variant_id: int) -> Row:
        """A variant with its product's `title_en`, `brand`, `path_en`."""
        return self._variants[variant_id]

    def by_asin(self, asin: str) -> Row | None:
        """The variant with that ASIN."""
        return self._by_asin.get(asin)

    def by_sku(self, sku: str) -> Row | None:
        """The variant with that SKU."""
        return self._by_sku.get(sku)

    def variants(self, marketplace: Marketplace, now: datetime) -> list[Row]:
        """The variants that the marketplace lists at the time."""
        column = f"sold_by_amazon_{'uk' if marketplace.country == 'GB' else 'jp'}"
        return [row for row in self._variants.values() if row[column] and row["created_at"] <= now]

    def orders(self, now: datetime) -> pl.DataFrame:
        """Amazon's orders at a time, by `last_updated`.

        Besides the world's columns: `last_updated`, `is_paid`, `is_cancelled`, `is_edited`, `shipped`, `ordered`.
        """
        return self._at(now)

    def _orders_at(self, now: datetime) -> pl.DataFrame:
        updated = (
            self._changes.filter((pl.col("changed_at") <= now) & pl.col("bumps_updated_at"))
            .group_by("order_id")
            .agg(pl.col("changed_at").max().alias("last_updated"))
        )
        ordered = (
            self._of_orders["order_lines"]
            .filter(pl.col("kind") != "shipping")
            .group_by("order_id")
            .agg(pl.col("current_quantity").sum().alias("ordered"))
        )
        sent = self._of_orders["fulfilments"].filter(pl.col("shipped_at") <= now).select("fulfilment_id")
        shipped = (
            self._of_orders["fulfilment_lines"]
            .join(sent, on="fulfilment_id", how="semi")
            .group_by("order_id")
            .agg(pl.col("quantity").sum().alias("shipped"))
        )
        alive = (pl.col("created_at") <= now) & (pl.col("deleted_at").is_null() | (pl.col("deleted_at") > now))
        return (
            self._orders.filter(alive)
            .join(updated, on="order_id", how="left")
            .join(ordered, on="order_id", how="left")
            .join(shipped, on="order_id", how="left")
            .with_columns(
                pl.col("last_updated").fill_null(pl.col("created_at")),
                pl.col("shipped").fill_null(0),
                (pl.col("paid_at") <= now).fill_null(value=False).alias("is_paid"),
                (pl.col("cancelled_at") <= now).fill_null(value=False).alias("is_cancelled"),
                (pl.col("edited_at") <= now).fill_null(value=False).alias("is_edited"),
            )
            .sort("last_updated", "order_id")
        )

    def of(self, table: str, order_ids: Iterable[int]) -> dict[int, list[Row]]:
        """The rows of a table (of orders' parts) that belong to these orders, by order."""
        wanted = pl.Series("order_id", list(order_ids), dtype=pl.Int64)
        found: dict[int, list[Row]] = defaultdict(list)
        rows = self._of_orders[table].filter(pl.col("order_id").is_in(wanted.implode()))
        for row in rows.iter_rows(named=True):
            found[row["order_id"]].append(row)
        return found

    def part(self, table: str) -> pl.DataFrame:
        """All rows of a table of orders' parts: order_lines, transactions, refunds, refund_lines …"""
        return self._of_orders[table]
