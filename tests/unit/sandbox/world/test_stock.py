"""The ledger holds: every unit on a shelf came from somewhere, and nothing is sold that was not there."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from sandbox.world import World

PLACE = ["location_id", "variant_id"]


def test_opening_and_movements_give_the_levels_of_every_day(tiny: World) -> None:
    levels = tiny.frame("stock_levels")
    first = tiny.spec.first_day - timedelta(days=1)
    opening = levels.filter(pl.col("date") == first).select(*PLACE, opening="on_hand")
    moved = (
        tiny.frame("stock_movements")
        .group_by(*PLACE, date=pl.col("occurred_at").dt.date())
        .agg(moved=pl.col("quantity").sum())
    )
    rows = (
        levels.filter(pl.col("date") > first)
        .join(opening, on=PLACE, how="left")
        .join(moved, on=[*PLACE, "date"], how="left", validate="1:1")
        .sort(*PLACE, "date")
        .with_columns(reckoned=pl.col("opening").fill_null(0) + pl.col("moved").fill_null(0).cum_sum().over(PLACE))
    )
    assert rows.filter(pl.col("reckoned") != pl.col("on_hand")).is_empty()
    seen = moved.filter(pl.col("date") <= tiny.spec.last_day).join(levels, on=[*PLACE, "date"], how="anti")
    assert seen.is_empty(), "movements where no level is told"


def test_stock_is_never_below_what_is_reserved(tiny: World) -> None:
    levels = tiny.frame("stock_levels")
    assert levels.filter((pl.col("reserved") < 0) | (pl.col("on_hand") < pl.col("reserved"))).is_empty()
    assert levels.filter(pl.col("inbound") < 0).is_empty()


def test_reserved_is_what_was_sold_and_has_not_left(tiny: World) -> None:
    """At the end: units of orders that were neither shipped, cut, cancelled nor paid back for being missing."""
    end = pl.lit(tiny.spec.last_day).cast(pl.Datetime("us")) + timedelta(days=1)
    orders = tiny.frame("orders").filter(~pl.col("is_test"))
    lines = tiny.frame("order_lines").filter(pl.col("kind") == "product").join(orders, on="order_id")
    held = lines.filter(pl.col("cancelled_at").is_null() | (pl.col("cancelled_at") >= end))
    shipped = tiny.frame("fulfilment_lines").join(tiny.frame("fulfilments"), on="fulfilment_id")
    shipped = (
        shipped.filter(pl.col("shipped_at") < end).group_by("order_id", "line_no").agg(gone=pl.col("quantity").sum())
    )
    missing = (
        tiny.frame("refund_lines")
        .join(tiny.frame("refunds"), on="refund_id")
        .filter((pl.col("reason") == "out_of_stock") & (pl.col("created_at") < end))
    )
    missing = missing.group_by("order_id", "line_no").agg(missing=pl.col("quantity").sum())
    keys = ["order_id", "line_no"]
    held = held.join(shipped, on=keys, how="left").join(missing, on=keys, how="left")
    still = held.filter(pl.col("paid_at").is_not_null())
    left = pl.col("current_quantity") - pl.col("gone").fill_null(0) - pl.col("missing").fill_null(0)
    reckoned = still.group_by("location_id", "variant_id").agg(reserved=left.sum())
    levels = tiny.frame("stock_levels").filter(pl.col("date") == tiny.spec.last_day)
    rows = levels.join(reckoned, on=PLACE, how="left").with_columns(pl.col("reserved_right").fill_null(0))
    unpaid = held.filter(pl.col("paid_at").is_null()).select("location_id", "variant_id").unique()
    rows = rows.join(unpaid, on=PLACE, how="anti")
    assert rows.height > 50
    assert rows.filter(pl.col("reserved") != pl.col("reserved_right")).is_empty()


def test_demand_is_sales_and_lost_sales(tiny: World) -> None:
    orders = (
        tiny.frame("orders").filter(~pl.col("is_test")).select("order_id", "shop", date=pl.col("created_at").dt.date())
    )
    lines = tiny.frame("order_lines").filter(pl.col("variant_id").is_not_null()).join(orders, on="order_id")
    key = ["date", "shop", "variant_id"]
    sold = lines.group_by(key).agg(sold=pl.col("quantity").sum())
    rows = tiny.truth("true_demand").join(
        tiny.truth("lost_sales").drop("value_minor").rename({"units": "lost"}),
        on=key,
        how="full",
        coalesce=True,
        validate="1:1",
    )
    rows = rows.join(sold, on=key, how="full", coalesce=True, validate="1:1")
    assert rows.filter(pl.col("units") != pl.col("sold").fill_null(0) + pl.col("lost").fill_null(0)).is_empty()
    assert rows["units"].null_count() == 0
    assert 0 < rows["lost"].sum() < rows["units"].sum() / 4


def test_lost_sales_lie_where_stock_was_short(tiny: World) -> None:
    """A sale is lost on a day at whose end less is left than one more basket."""
    levels = tiny.frame("stock_levels").with_columns(left=pl.col("on_hand") - pl.col("reserved"))
    shopify = tiny.truth("lost_sales").filter(pl.col("shop") == "shopify")
    rows = shopify.join(levels.filter(pl.col("location_id") == 1), on=["date", "variant_id"], how="left")
    bundled = tiny.frame("bundles")["component_variant_id"].implode()
    rows = rows.filter(~pl.col("variant_id").is_in(bundled))
    assert rows.height > 0
    assert rows.filter(pl.col("left") >= 3 * pl.col("units").clip(12)).is_empty()


def test_receipts_deliver_what_was_ordered(tiny: World) -> None:
    keys = ["po_id", "line_no"]
    came = (
        tiny.frame("receipts")
        .group_by(keys)
        .agg(came=pl.col("quantity").sum(), broken=pl.col("damaged_quantity").sum())
    )
    rows = came.join(tiny.frame("po_lines"), on=keys, how="left", validate="1:1").join(
        tiny.frame("purchase_orders"), on="po_id"
    )
    assert rows.height == came.height > 0
    assert rows.filter(pl.col("came") > pl.col("quantity")).is_empty()
    done = rows.filter(pl.col("status") == "received")
    assert done.filter(pl.col("came") != pl.col("quantity")).is_empty()
    moved = tiny.frame("stock_movements").filter(pl.col("reference").str.starts_with("PO-"))["quantity"].sum()
    assert moved == (rows["came"] - rows["broken"]).sum()
    assert rows["unit_cost_minor"].null_count() == 0


def test_transfers_take_as_much_as_they_bring(tiny: World) -> None:
    moves = tiny.frame("stock_movements").filter(pl.col("kind") == "transfer")
    sums = moves.group_by("reference").agg(pl.col("quantity").sum(), legs=pl.col("location_id").n_unique())
    assert sums.filter((pl.col("legs") == 2) & (pl.col("quantity") != 0)).is_empty()
    assert sums.filter(pl.col("legs") == 2).height > 0


def test_returns_reach_the_shelf_only_if_they_can_be_sold(tiny: World) -> None:
    returns = tiny.frame("returns").filter(pl.col("received_at").is_not_null())
    moves = tiny.frame("stock_movements").filter(pl.col("reference").str.starts_with("RMA"))
    net = moves.group_by("reference").agg(net=pl.col("quantity").sum())
    rows = returns.with_columns(reference=pl.format("RMA{}", "return_id")).join(
        net, on="reference", how="full", validate="1:1"
    )
    expected = pl.when(pl.col("disposition") == "sellable").then("quantity").otherwise(0)
    assert rows.height > 0
    assert rows.filter(pl.col("net").ne_missing(expected)).is_empty()
