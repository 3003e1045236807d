"""Rows as the tables have them, from what the simulation holds."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.world.seasons import CURVES
from sandbox.world.setting import Placed, Setting
from sandbox.world.words import DEPARTMENTS


def seasonality(tree: pl.DataFrame) -> pl.DataFrame:
    """The months' factors of every lower category."""
    curves = [CURVES[kind.season] for department in DEPARTMENTS.values() for kind in department] + [CURVES["gift"]]
    lower = tree.filter(pl.col("parent_id").is_not_null())["category_id"].to_numpy()
    return pl.DataFrame(
        {
            "category_id": np.repeat(lower, 12),
            "month": np.tile(np.arange(1, 13), len(lower)),
            "factor": np.ravel(curves),
        }
    )


def line_table(setting: Setting, placed: Placed) -> pl.DataFrame:
    """All lines of the orders; charges without a product come last, the shipping at the end."""
    goods = (
        placed.lines.select(
            "order_id",
            "line_no",
            "platform_line_id",
            "variant_id",
            "sku",
            "title",
            quantity="got",
            current_quantity="current",
            unit_price_minor="price",
            discount_minor="discount",
            tax_minor="tax",
            kind="kind",
            bundle_variant_id="bundle_variant_id",
            fulfilled_quantity="shipped_units",
            added_s="added_at",
            original_tax_minor="original_tax",
        )
        .with_columns(added_at=setting.instant("added_s"))
        .drop("added_s")
    )
    wrapping = _charges(setting, placed, "custom", "wrapping", "Geschenkverpackung / gift wrapping", 1)
    shipping = _charges(setting, placed, "shipping", "shipping", "Shipping", 2)
    every = pl.concat([goods, wrapping.select(goods.columns), shipping.select(goods.columns)])
    numbers = pl.int_range(1, pl.len() + 1).over("order_id")
    return every.sort("order_id", "line_no").with_columns(line_no=numbers)


def _charges(setting: Setting, placed: Placed, kind: str, name: str, title: str, place: int) -> pl.DataFrame:
    """One line for each order with that charge, `place` lines after its goods."""
    last = placed.lines.group_by("order_id").agg(line_no=pl.col("line_no").max() + place)
    orders = placed.orders.rename({"shipping_minor": "shipping"})
    charged = orders.filter(pl.col(name) > 0).join(last, on="order_id", maintain_order="left")
    start = setting.take("charge", charged.height)
    running = pl.int_range(start, start + charged.height)
    return charged.select(
        "order_id",
        "line_no",
        platform_line_id=(7_700_000_000_000 + running * 17).cast(pl.String),
        variant_id=pl.lit(None, pl.Int64),
        sku=pl.lit(None, pl.String),
        title=pl.lit(title),
        quantity=pl.lit(1, pl.Int64),
        current_quantity=pl.lit(1, pl.Int64),
        unit_price_minor=name,
        discount_minor=pl.lit(0, pl.Int64),
        tax_minor=f"{name}_tax",
        kind=pl.lit(kind),
        bundle_variant_id=pl.lit(None, pl.Int64),
        fulfilled_quantity=pl.lit(0, pl.Int64),
        original_tax_minor=f"{name}_tax",
        added_at="created_at",
    )


def purchase_orders(setting: Setting, orders: pl.DataFrame) -> pl.DataFrame:
    """Orders with their numbers and the currency of their suppliers."""
    terms = setting.made.frames["suppliers"].select("supplier_id", "currency")[orders["supplier"].to_numpy()]
    return pl.concat([orders, terms], how="horizontal").with_columns(
        po_number=pl.lit("PO-") + pl.col("po_id").cast(pl.String).str.zfill(6),
        status=pl.when(pl.col("is_received") == 1).then(pl.lit("received")).otherwise(pl.lit("open")),
    )


def priced(lines: pl.DataFrame, costs: pl.DataFrame) -> pl.DataFrame:
    """The lines at what the supplier charged on the day of the order."""
    steps = costs.select("variant_id", "valid_from", "unit_cost_minor").sort("valid_from", "variant_id")
    rows = lines.sort("ordered_at", maintain_order=True).join_asof(
        steps, left_on="ordered_at", right_on="valid_from", by="variant_id", check_sortedness=False
    )
    return rows.sort("po_id", "line_no")
