"""Purchase orders, receipts, lead times and parcels are those of the merchant's own books."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from lakehouse.warehouse import Reader
from sandbox.world import World
from tests.integration.shops.conftest import MOMENT

pytestmark = pytest.mark.integration

_DIGITS = pl.when(pl.col("currency") == "JPY").then(1).otherwise(100)


def _lines(world: World) -> pl.DataFrame:
    """Lines of purchase orders that were placed before the moment, with what had come of them."""
    arrived = (
        world.frame("receipts")
        .filter(pl.col("received_at") < MOMENT)
        .group_by("po_id", "line_no")
        .agg(
            pl.col("quantity").sum().alias("received"),
            pl.col("damaged_quantity").sum().alias("damaged"),
            pl.col("received_at").min().alias("first_at"),
            pl.col("received_at").max().alias("last_at"),
        )
    )
    variants = world.frame("variants").select("variant_id", product_id=pl.col("sku").str.to_uppercase())
    return (
        world.frame("po_lines")
        .join(world.frame("purchase_orders").filter(pl.col("ordered_at") < MOMENT), on="po_id")
        .join(variants, on="variant_id")
        .join(arrived, on=["po_id", "line_no"], how="left")
        .with_columns(pl.col("received", "damaged").fill_null(0))
        .with_columns(
            line=pl.col("po_number") + "/" + pl.col("line_no").cast(pl.String),
            supplier=pl.col("supplier_id").cast(pl.String),
            location=pl.col("location_id").cast(pl.String),
            outstanding=pl.max_horizontal(pl.col("quantity") - pl.col("received"), 0),
            cost=pl.col("unit_cost_minor") * 10_000 // _DIGITS,
            state=pl.when(pl.col("received") >= pl.col("quantity"))
            .then(pl.lit("received"))
            .when(pl.col("received") > 0)
            .then(pl.lit("partial"))
            .otherwise(pl.lit("open")),
        )
    )


def test_purchase_orders_are_those_of_the_books(reader: Reader, world: World) -> None:
    found = reader.rows(
        "select purchase_order_line_id, product_id, supplier_id, location_id, line_status, ordered_units, "
        "received_units, damaged_units, outstanding_units, cast(unit_cost_order * 10000 as bigint), ordered_at, "
        "expected_at, first_received_at, last_received_at from fct_purchase_order_line order by 1"
    )
    columns = ["line", "product_id", "supplier", "location", "state", "quantity", "received", "damaged"]
    columns += ["outstanding", "cost", "ordered_at", "expected_at", "first_at", "last_at"]
    assert found == _lines(world).select(columns).sort("line").rows()
    assert len(found) > 100


def test_receipts_are_those_of_the_books(reader: Reader, world: World) -> None:
    found = reader.rows(
        "select purchase_order_line_id, received_units, damaged_units, received_at from fct_receipt order by all"
    )
    lines = _lines(world).select("po_id", "line_no", "line")
    books = world.frame("receipts").filter(pl.col("received_at") < MOMENT).join(lines, on=["po_id", "line_no"])
    columns = ["line", "quantity", "damaged_quantity", "received_at"]
    assert found == books.select(columns).sort(columns).rows()


def test_lead_times_are_those_of_the_books(reader: Reader, world: World) -> None:
    found = reader.rows(
        "select supplier_id, location_id, line_count, lead_time_mean_days from fct_supplier_lead_time order by all"
    )
    taken = (
        _lines(world)
        .filter(pl.col("state") == "received")
        .with_columns(days=(pl.col("last_at") - pl.col("ordered_at")).dt.total_seconds() / 86400)
    )
    books = taken.group_by("supplier", "location").agg(pl.len(), pl.col("days").mean()).sort("supplier", "location")
    assert [row[:3] for row in found] == books.select("supplier", "location", "len").rows()
    assert all(abs(float(row[3]) - mean) <= 0.0051 for row, mean in zip(found, books["days"], strict=True))


def test_what_was_due_and_came_in_time(reader: Reader, world: World) -> None:
    found = reader.rows(
        "select sum(due_line_count), sum(on_time_line_count), sum(otif_line_count) from fct_supplier_performance"
    )
    local = [pl.col(name).dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/London").dt.date() for name in
             ("last_at", "expected_at")]  # fmt: skip
    due = _lines(world).filter(pl.col("expected_at") <= MOMENT)
    timely = due.filter(pl.col("state") == "received", local[0] <= local[1])
    full = timely.filter(pl.col("received") - pl.col("damaged") >= pl.col("quantity"))
    assert found == [(due.height, timely.height, full.height)]


def test_parcels_cost_what_carriers_charged(reader: Reader, world: World) -> None:
    """Shops without parcels of their own, and Amazon's, are known by invoice or not at all."""
    orders = world.frame("orders").select("order_id", "currency", "shop", "platform_order_id")
    sent = (
        world.frame("fulfilments")
        .filter(pl.col("delivered_at") < MOMENT, pl.col("carrier") != "Amazon Logistics")
        .join(orders, on="order_id")
    )
    first = reader.rows("select min(cast(shipped_at as date)) from fct_shipment")[0][0]
    invoiced = sent.filter(pl.col("delivered_at").dt.date() >= first)
    found = reader.rows(
        "select currency_code, count(*), sum(cost_order) from fct_shipment where cost_order is not null "
        "group by 1 order by 1"
    )
    books = invoiced.group_by("currency").agg(pl.len(), pl.col("cost_minor").sum()).sort("currency")
    assert found == [(currency, count, Decimal(cost) / 100) for currency, count, cost in books.rows()]
    parcels = reader.rows(
        "select invoice_state, count(*), count(distinct order_id) from fct_shipment "
        "where delivered_at is not null group by 1 order by 1"
    )
    by_shop = dict(invoiced.group_by("shop").len().rows())
    counts = {state: count for state, count, _ in parcels}
    assert counts.get("invoiced", 0) + counts.get("invoice_only", 0) == invoiced.height
    # of deleted orders a shop tells no parcel
    assert 0 < counts["invoiced"] <= by_shop["shopify"]
