"""The merchant's tables as the Shopify shop needs them: read once, grouped by what they belong to."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any

import polars as pl

from sandbox.world import World

SHOP = "shopify"
Row = dict[str, Any]
_CART_BECOMES_ABANDONED_AFTER = pl.duration(hours=1)


class Ledger:
    """Rows of one world, of its Shopify shop.

    Args:
        world: The merchant.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def frame(self, table: str) -> pl.DataFrame:
        """A table, of this shop only where it says whose rows are, instants to the second as Shopify knows them."""
        rows = self._world.scan(table)
        schema = rows.collect_schema()
        if "shop" in schema:
            rows = rows.filter(pl.col("shop") == SHOP)
        elif "order_id" in schema and table not in ("orders", "payout_lines"):
            rows = rows.join(self._order_ids.lazy(), on="order_id", how="semi")
        instants = [name for name, dtype in schema.items() if isinstance(dtype, pl.Datetime)]
        return rows.with_columns(pl.col(instants).dt.truncate("1s")).collect()

    @cached_property
    def _order_ids(self) -> pl.DataFrame:
        return self._world.scan("orders").filter(pl.col("shop") == SHOP).select("order_id").collect()

    @cached_property
    def shop(self) -> Row:
        """The shop itself."""
        return self.frame("shops").row(0, named=True)

    @cached_property
    def orders(self) -> pl.DataFrame:
        """Orders."""
        return self.frame("orders").sort("order_id")

    @cached_property
    def order_rows(self) -> dict[int, Row]:
        """Orders by number."""
        return {row["order_id"]: row for row in self.orders.to_dicts()}

    @cached_property
    def order_by_platform_id(self) -> dict[str, int]:
        """Numbers of the world's orders by those that Shopify gives them."""
        return {row["platform_order_id"]: number for number, row in self.order_rows.items()}

    @cached_property
    def order_changes(self) -> pl.DataFrame:
        """What happened to orders, and whether it counts as an update."""
        return self.frame("order_changes")

    @cached_property
    def lines(self) -> dict[int, list[Row]]:
        """Order lines by order."""
        return self._by("order_lines", "order_id", "line_no")

    @cached_property
    def transactions(self) -> dict[int, list[Row]]:
        """Transactions by order."""
        return self._by("transactions", "order_id", "created_at", "transaction_id")

    @cached_property
    def refunds(self) -> dict[int, list[Row]]:
        """Refunds by order."""
        return self._by("refunds", "order_id", "created_at", "refund_id")

    @cached_property
    def refund_by_platform_id(self) -> dict[str, int]:
        """Orders by the numbers of their refunds."""
        return {row["platform_refund_id"]: order for order, rows in self.refunds.items() for row in rows}

    @cached_property
    def refund_lines(self) -> dict[int, list[Row]]:
        """Refund lines by refund."""
        return self._by("refund_lines", "refund_id", "line_no")

    @cached_property
    def fulfilments(self) -> dict[int, list[Row]]:
        """Consignments by order."""
        return self._by("fulfilments", "order_id", "created_at", "fulfilment_id")

    @cached_property
    def fulfilment_lines(self) -> dict[int, list[Row]]:
        """Their lines by consignment."""
        wanted = pl.DataFrame(
            {"fulfilment_id": [f["fulfilment_id"] for rows in self.fulfilments.values() for f in rows]}
        )
        frame = self._world.frame("fulfilment_lines").join(wanted, on="fulfilment_id", how="semi")
        return _grouped(frame.sort("fulfilment_id", "line_no"), "fulfilment_id")

    @cached_property
    def customers(self) -> dict[int, Row]:
        """Customers by number."""
        return {row["customer_id"]: row for row in self.frame("customers").sort("customer_id").to_dicts()}

    @cached_property
    def variants(self) -> dict[int, Row]:
        """Variants that this shop sells, by number."""
        frame = self._world.frame("variants").filter("sold_by_shopify").sort("variant_id")
        return {row["variant_id"]: row for row in frame.to_dicts()}

    @cached_property
    def all_skus(self) -> dict[int, Row]:
        """All variants, sold here or not: what a line's `variant` may point to."""
        return {row["variant_id"]: row for row in self._world.frame("variants").to_dicts()}

    @cached_property
    def products(self) -> dict[int, Row]:
        """Products that this shop sells, by number."""
        sold = {row["product_id"] for row in self.variants.values()}
        rows = self._world.frame("products").sort("product_id").to_dicts()
        return {row["product_id"]: row for row in rows if row["product_id"] in sold}

    @cached_property
    def variants_of(self) -> dict[int, list[int]]:
        """Variants by product."""
        found: dict[int, list[int]] = defaultdict(list)
        for number, row in self.variants.items():
            found[row["product_id"]].append(number)
        return found

    @cached_property
    def product_changes(self) -> pl.DataFrame:
        """What happened to products."""
        return self.frame("product_changes")

    @cached_property
    def prices(self) -> dict[int, list[Row]]:
        """Prices by variant, oldest first."""
        return _grouped(self.frame("variant_prices").sort("variant_id", "valid_from"), "variant_id")

    @cached_property
    def categories(self) -> dict[int, Row]:
        """Categories by number."""
        return {row["category_id"]: row for row in self._world.frame("categories").to_dicts()}

    @cached_property
    def locations(self) -> dict[int, Row]:
        """The merchant's own locations, by number."""
        frame = self._world.frame("locations").filter(~pl.col("is_fba"))
        return {row["location_id"]: row for row in frame.sort("location_id").to_dicts()}

    @cached_property
    def stock_levels(self) -> pl.DataFrame:
        """Stock at the end of each day, of what this shop sells."""
        return (
            self._world.scan("stock_levels")
            .filter(pl.col("variant_id").is_in(list(self.variants)), pl.col("location_id").is_in(list(self.locations)))
            .collect()
        )

    @cached_property
    def promotions(self) -> dict[int, Row]:
        """Discounts by number."""
        return {row["promotion_id"]: row for row in self.frame("promotions").sort("promotion_id").to_dicts()}

    @cached_property
    def carts(self) -> dict[int, Row]:
        """Checkouts that were left for a while, or for good."""
        left = pl.col("completed_at").is_null() | (
            pl.col("completed_at") - pl.col("created_at") > _CART_BECOMES_ABANDONED_AFTER
        )
        return {row["cart_id"]: row for row in self.frame("carts").filter(left).sort("cart_id").to_dicts()}

    @cached_property
    def cart_lines(self) -> dict[int, list[Row]]:
        """Their lines."""
        wanted = pl.DataFrame({"cart_id": list(self.carts)}, schema={"cart_id": pl.Int64})
        frame = self._world.frame("cart_lines").join(wanted, on="cart_id", how="semi").sort("cart_id", "line_no")
        return _grouped(frame, "cart_id")

    @cached_property
    def payouts(self) -> dict[int, Row]:
        """Payouts by number."""
        return {row["payout_id"]: row for row in self.frame("payouts").sort("payout_id").to_dicts()}

    @cached_property
    def payout_lines(self) -> pl.DataFrame:
        """What payouts settle, numbered."""
        frame = self.frame("payout_lines").filter(pl.col("payout_id").is_in(list(self.payouts)))
        ordered = frame.sort("posted_at", "payout_id", "order_id", "amount_minor", maintain_order=True)
        return ordered.with_row_index("line_id", offset=1).with_columns(pl.col("line_id").cast(pl.Int64))

    def _by(self, table: str, key: str, *order: str) -> dict[int, list[Row]]:
        return _grouped(self.frame(table).sort(key, *order), key)


def _grouped(frame: pl.DataFrame, key: str) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in frame.to_dicts():
        found[row[key]].append(row)
    return found
