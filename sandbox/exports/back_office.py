"""The back office: suppliers, purchase orders, receipts, costs, stock, tickets, reviews, targets, carriers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from sandbox.exports.writing import (
    amount,
    days,
    files_in,
    local_day,
    stamped,
    write_csv,
    write_workbook,
)
from sandbox.world.store import World

_DAY = "__day"


def write(world: World, folder: Path, first_day: date, last_day: date) -> dict[str, int]:
    """Every file of the back office for those days of London."""
    _suppliers(world, folder / "suppliers_csv", first_day)
    _supply(world, folder / "product_supply_csv", first_day)
    _bundles(world, folder / "bundle_components_csv", first_day)
    dailies: dict[str, tuple[str, Callable[[World], pl.DataFrame]]] = {
        "purchase_orders_csv": ("purchase_orders", _purchase_orders),
        "receipts_csv": ("receipts", _receipts),
        "product_costs_csv": ("product_costs", _product_costs),
        "tickets_csv": ("tickets", _tickets),
        "reviews_csv": ("reviews", _reviews),
        "targets_csv": ("targets", _targets),
        "shipping_costs_csv": ("shipping_costs", _shipping_costs),
    }
    for drop, (stem, rows_of) in dailies.items():
        _write_daily(folder / drop, stem, rows_of(world), first_day, last_day)
    _stock(world, folder / "stock_on_hand_csv", first_day, last_day)
    _movements(world, folder / "stock_movements_csv", first_day, last_day)
    standing = ["suppliers_csv", "product_supply_csv", "bundle_components_csv"]
    drops = [*standing, *dailies, "stock_on_hand_csv", "stock_movements_csv"]
    return {drop: files_in(folder / drop) for drop in drops if (folder / drop).is_dir()}


def _write_daily(folder: Path, stem: str, rows: pl.DataFrame, first_day: date, last_day: date) -> None:
    """A file for every day on which there is something; what is older goes into the first day's."""
    placed = rows.with_columns(pl.max_horizontal(pl.col(_DAY), pl.lit(first_day)).alias(_DAY))
    for day in days(first_day, last_day):
        own = placed.filter(pl.col(_DAY) == day).drop(_DAY)
        if own.height:
            write_csv(folder / f"{stem}_{day}.csv", own)


def _skus(world: World) -> pl.LazyFrame:
    return world.scan("variants").select("variant_id", pl.col("sku").alias("product_ref"))


def _suppliers(world: World, folder: Path, day: date) -> None:
    rows = world.frame("suppliers").select(
        pl.col("supplier_id").cast(pl.String).alias("supplier_ref"),
        pl.col("name").alias("supplier_name"),
        "country",
        pl.col("currency").alias("currency_code"),
        pl.lit(30).alias("payment_days"),
        pl.col("lead_time_mean_days").round().cast(pl.Int64).alias("lead_time_days"),
        pl.lit(None, pl.String).alias("minimum_order_amount"),
    )
    write_workbook(folder / f"suppliers_{day}.xlsx", rows)


def _supply(world: World, folder: Path, day: date) -> None:
    """The terms of supply on the first day: who delivers, how soon, at what price, in what packs."""
    suppliers = world.scan("suppliers").select(
        "supplier_id", "minimum_order_units", "lead_time_mean_days", pl.col("name").alias("supplier_name")
    )
    costs = (
        world.scan("variant_costs")
        .filter(pl.col("valid_from").dt.date() <= day)
        .sort("valid_from")
        .unique("variant_id", keep="last")
    )
    rows = (
        world.scan("variants")
        .select("variant_id", "pack_units", pl.col("sku").alias("product_ref"))
        .join(costs, on="variant_id")
        .join(suppliers, on="supplier_id")
        .sort("product_ref")
        .select(
            "product_ref",
            "supplier_name",
            pl.col("lead_time_mean_days").round().cast(pl.Int64).alias("lead_time_days"),
            amount(pl.col("unit_cost_minor"), pl.col("currency")).alias("unit_cost"),
            pl.col("currency").alias("currency_code"),
            pl.col("pack_units").alias("minimum_order_units"),
            "pack_units",
        )
        .collect()
    )
    write_csv(folder / f"supply_{day}.csv", rows)


def _bundles(world: World, folder: Path, day: date) -> None:
    """What each bundle is made of, all of them on the first day."""
    parts = _skus(world).rename({"variant_id": "component_variant_id", "product_ref": "component_product_ref"})
    rows = (
        world.scan("bundles")
        .join(_skus(world).rename({"variant_id": "bundle_variant_id"}), on="bundle_variant_id")
        .join(parts, on="component_variant_id")
        .sort("product_ref", "component_product_ref")
        .select("product_ref", "component_product_ref", "quantity")
        .collect()
    )
    if rows.height:
        write_csv(folder / f"bundles_{day}.csv", rows)


def _purchase_orders(world: World) -> pl.DataFrame:
    """A line when it is ordered, and again, with another status, whenever something of it arrives."""
    orders = world.scan("purchase_orders").drop("status")
    lines = world.scan("po_lines").join(orders, on="po_id").join(_skus(world), on="variant_id")
    arrived = (
        world.scan("receipts")
        .sort("received_at", "receipt_id")
        .select(
            "po_id", "line_no", "received_at", pl.col("quantity").cum_sum().over("po_id", "line_no").alias("so_far")
        )
    )
    opened = lines.with_columns(pl.col("ordered_at").alias("changed_at"), pl.lit("open").alias("status"))
    done = pl.when(pl.col("so_far") >= pl.col("quantity")).then(pl.lit("received")).otherwise(pl.lit("partial"))
    moved = lines.join(arrived, on=["po_id", "line_no"]).with_columns(
        pl.col("received_at").alias("changed_at"), done.alias("status")
    )
    columns = [
        local_day(pl.col("changed_at")).alias(_DAY),
        pl.col("po_number").alias("purchase_order_ref"),
        pl.col("line_no").alias("line_ref"),
        pl.col("supplier_id").alias("supplier_ref"),
        "product_ref",
        pl.col("location_id").alias("location_ref"),
        "status",
        "quantity",
        amount(pl.col("unit_cost_minor"), pl.col("currency")).alias("unit_cost"),
        pl.col("currency").alias("currency_code"),
        stamped(pl.col("ordered_at")).alias("ordered_at"),
        stamped(pl.col("expected_at")).alias("expected_at"),
        stamped(pl.col("changed_at")).alias("changed_at"),
    ]
    both = pl.concat([opened.select(columns), moved.select(columns)])
    return both.sort("changed_at", "purchase_order_ref", "line_ref", maintain_order=True).collect()


def _receipts(world: World) -> pl.DataFrame:
    orders = world.scan("purchase_orders").select("po_id", "po_number", "location_id")
    lines = world.scan("po_lines").select("po_id", "line_no", "variant_id").join(_skus(world), on="variant_id")
    rows = world.scan("receipts").join(orders, on="po_id").join(lines, on=["po_id", "line_no"]).sort("receipt_id")
    return rows.select(
        local_day(pl.col("received_at")).alias(_DAY),
        pl.col("receipt_id").alias("receipt_ref"),
        pl.col("po_number").alias("purchase_order_ref"),
        pl.col("line_no").alias("line_ref"),
        "product_ref",
        pl.col("location_id").alias("location_ref"),
        "quantity",
        "damaged_quantity",
        stamped(pl.col("received_at")).alias("received_at"),
    ).collect()


def _product_costs(world: World) -> pl.DataFrame:
    rows = world.scan("variant_costs").join(_skus(world), on="variant_id").sort("valid_from", "variant_id")
    return rows.select(
        local_day(pl.col("valid_from")).alias(_DAY),
        "product_ref",
        pl.col("supplier_id").alias("supplier_ref"),
        amount(pl.col("unit_cost_minor"), pl.col("currency")).alias("unit_cost"),
        pl.col("currency").alias("currency_code"),
        stamped(pl.col("valid_from")).alias("valid_from"),
    ).collect()


def _tickets(world: World) -> pl.DataFrame:
    """A ticket as it stands when it is opened, answered and solved, without what comes later."""
    orders = world.scan("orders").select("order_id", "platform_order_id")
    agents = world.scan("employees").select(pl.col("name").alias("agent"), "team").unique("agent")
    tickets = world.scan("tickets").join(orders, on="order_id", how="left").join(agents, on="agent", how="left")
    stages = [
        tickets.filter(pl.col(moment).is_not_null()).with_columns(
            pl.col(moment).alias("changed_at"),
            pl.lit(status).alias("status"),
            pl.when(pl.lit(status != "open")).then("first_reply_at").alias("first_reply_at"),
            pl.when(pl.lit(status == "solved")).then("solved_at").alias("solved_at"),
            pl.when(pl.lit(status == "solved")).then("satisfaction").alias("satisfaction"),
        )
        for moment, status in (("created_at", "open"), ("first_reply_at", "pending"), ("solved_at", "solved"))
    ]
    rows = pl.concat(stages).sort("changed_at", "ticket_id", maintain_order=True)
    return rows.select(
        local_day(pl.col("changed_at")).alias(_DAY),
        pl.col("ticket_id").alias("ticket_ref"),
        pl.col("platform_order_id").alias("order_ref"),
        pl.col("customer_id").alias("customer_ref"),
        "channel",
        "category",
        "priority",
        "status",
        pl.col("agent").alias("agent_ref"),
        "team",
        "satisfaction",
        stamped(pl.col("created_at")).alias("opened_at"),
        stamped(pl.col("first_reply_at")).alias("first_reply_at"),
        stamped(pl.col("solved_at")).alias("solved_at"),
        stamped(pl.col("changed_at")).alias("changed_at"),
    ).collect()


def _reviews(world: World) -> pl.DataFrame:
    rows = world.scan("reviews").join(_skus(world), on="variant_id").sort("created_at", "review_id")
    return rows.select(
        local_day(pl.col("created_at")).alias(_DAY),
        pl.col("review_id").alias("review_ref"),
        "product_ref",
        pl.col("customer_id").alias("customer_ref"),
        "rating",
        "title",
        pl.when(pl.col("customer_id").is_null()).then(pl.lit("no")).otherwise(pl.lit("yes")).alias("is_verified"),
        stamped(pl.col("created_at")).alias("written_at"),
    ).collect()


def _targets(world: World) -> pl.DataFrame:
    return world.frame("targets").select(
        pl.col("month").alias(_DAY),
        pl.col("month").dt.to_string("%Y-%m").alias("month"),
        "team",
        "metric",
        amount(pl.col("value_minor"), pl.col("currency")).alias("target_value"),
        pl.col("currency").alias("currency_code"),
    )


def _shipping_costs(world: World) -> pl.DataFrame:
    """What a carrier charges, known when it has delivered; Amazon bills its own in its settlements."""
    orders = world.scan("orders").select("order_id", "platform_order_id", "currency", "country")
    rows = (
        world.scan("fulfilments")
        .filter(pl.col("delivered_at").is_not_null() & (pl.col("carrier") != "Amazon Logistics"))
        .join(orders, on="order_id")
        .sort("delivered_at", "fulfilment_id")
    )
    return rows.select(
        local_day(pl.col("delivered_at")).alias(_DAY),
        pl.coalesce("tracking_number", pl.concat_str(pl.lit("UNTRACKED-"), "fulfilment_id")).alias("shipment_ref"),
        pl.col("platform_order_id").alias("order_ref"),
        "carrier",
        pl.lit("standard").alias("service"),
        pl.col("country").alias("destination_country"),
        pl.lit(None, pl.String).alias("weight_kg"),
        amount(pl.col("cost_minor"), pl.col("currency")).alias("amount"),
        pl.col("currency").alias("currency_code"),
        stamped(pl.col("shipped_at")).alias("sent_at"),
        stamped(pl.col("delivered_at")).alias("delivered_at"),
    ).collect()


def _stock(world: World, folder: Path, first_day: date, last_day: date) -> None:
    """Own warehouses are counted on Monday mornings: what the books of Sunday evening say.

    The books close with the day in UTC, the count is made when it ends in London: of summer evenings' last hour what
    moved is put back.
    """
    places = world.scan("locations").filter(~pl.col("is_fba")).select("location_id", "name")
    moved = world.scan("stock_movements").with_columns(pl.col("occurred_at").dt.date().alias("date"))
    key = ["date", "location_id", "variant_id"]
    later = (
        moved.filter(local_day(pl.col("occurred_at")) > pl.col("date"))
        .group_by(key)
        .agg(
            pl.col("quantity").sum().alias("moved"),
            pl.col("quantity").filter(kind="sale").sum().alias("sent"),
        )
    )
    for day in days(first_day, last_day):
        if day.weekday():
            continue
        rows = (
            world.scan("stock_levels")
            .filter(pl.col("date") == day - timedelta(days=1))
            .join(places, on="location_id")
            .join(_skus(world), on="variant_id")
            .join(later, on=key, how="left")
            .sort("location_id", "variant_id")
        )
        reserved = pl.col("reserved") - pl.col("sent").fill_null(0)
        counted = rows.select(
            "product_ref",
            pl.col("location_id").alias("location_ref"),
            (pl.col("on_hand") - pl.col("moved").fill_null(0) - reserved).alias("on_hand_units"),
            reserved.alias("reserved_units"),
        ).collect()
        if counted.height:
            write_csv(folder / f"stock_{day}.csv", counted)


def _movements(world: World, folder: Path, first_day: date, last_day: date) -> None:
    """What own warehouses booked, a file a day; Amazon's tell theirs in its ledger."""
    places = world.scan("locations").filter(~pl.col("is_fba")).select("location_id")
    rows = (
        world.scan("stock_movements")
        .with_columns(local_day(pl.col("occurred_at")).alias(_DAY))
        .filter(pl.col(_DAY).is_between(first_day, last_day))
        .join(places, on="location_id")
        .join(_skus(world), on="variant_id")
        .sort("occurred_at", "movement_id")
        .select(
            _DAY,
            pl.col("movement_id").alias("movement_ref"),
            "product_ref",
            pl.col("location_id").alias("location_ref"),
            "kind",
            "quantity",
            "reference",
            pl.lit(None, pl.String).alias("reason"),
            stamped(pl.col("occurred_at")).alias("moved_at"),
        )
        .collect()
    )
    _write_daily(folder, "movements", rows, first_day, last_day)
