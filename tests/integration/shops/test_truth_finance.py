"""Money against the sandbox merchant's own books: payouts, fees, disputes, carriers, receipts, cost of goods."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from lakehouse.warehouse import Reader
from sandbox.world import World
from tests.integration.shops.conftest import MOMENT

pytestmark = pytest.mark.integration

# How long Amazon's settlement reports can be had, and how late its postings show: sandbox/amazon/{reports,finances}.py
REPORTS_KEPT = timedelta(days=90)
POSTING_LAG = pl.duration(hours=pl.col("transaction_id").abs() * 7 % 48)
PLACES = pl.when(pl.col("currency") == "JPY").then(1).otherwise(100)


def money(frame: pl.DataFrame, minor: str) -> dict[tuple[str, ...], Decimal]:
    """Sums of minor units by shop and currency, in the currency."""
    summed = frame.group_by("shop", "currency").agg(minor=pl.col(minor).sum(), places=PLACES.first())
    return {(shop, code): Decimal(minor) / places for shop, code, minor, places in summed.iter_rows() if minor}


def found(reader: Reader, sql: str) -> dict[tuple[str, ...], Decimal]:
    return {(shop, code): amount for shop, code, amount in reader.rows(sql)}


def test_payouts_are_those_of_the_books_and_the_sum_of_their_lines(reader: Reader, world: World) -> None:
    moment = pl.select(MOMENT).item()
    assert isinstance(moment, datetime)
    is_kept = (pl.col("shop") == "shopify") | (pl.col("issued_at") >= moment - REPORTS_KEPT)
    books = world.frame("payouts").filter(pl.col("issued_at") < MOMENT, pl.col("shop") != "woocommerce", is_kept)
    assert money(books, "amount_minor") == found(
        reader, "select source, currency_code, sum(amount_order) from fct_payout group by all"
    )
    assert reader.rows("select count(*) from fct_payout where difference_order <> 0 or line_count = 0") == [(0,)]


def test_fees_are_those_of_the_books(reader: Reader, world: World) -> None:
    # what WooCommerce deleted it tells no more, nor what the gateway kept of it
    told = world.frame("orders").filter(
        (pl.col("shop") != "woocommerce") | pl.col("deleted_at").is_null() | (pl.col("deleted_at") >= MOMENT)
    )
    orders = told.select("order_id", "shop", "is_test")
    moved = world.frame("transactions").join(orders, on="order_id")
    lag = pl.when(pl.col("shop") == "amazon").then(POSTING_LAG).otherwise(pl.duration())
    known = moved.filter(
        ~pl.col("is_test"),
        pl.col("created_at") + lag < MOMENT,
        pl.col("fee_minor") > 0,
    )
    assert money(known, "fee_minor") == found(
        reader,
        "select source, currency_code, sum(fee_order) from fct_fee "
        "where fee_kind in ('commission', 'fulfilment', 'payment') group by all",
    )


def test_an_order_comes_short_where_its_payment_was_disputed(reader: Reader, world: World) -> None:
    paid = world.frame("payouts").filter(pl.col("issued_at") < MOMENT).select("payout_id", "shop", "currency")
    taken = (
        world.frame("payout_lines")
        .filter(pl.col("kind") == "adjustment", pl.col("order_id").is_not_null(), pl.col("posted_at") < MOMENT)
        .join(paid, on="payout_id")
        .filter(pl.col("shop") == "shopify")
    )
    rows = reader.rows(
        "select count(*), coalesce(sum(difference_order), 0) from fct_settlement_reconciliation "
        "where settlement_status = 'short' and is_paid_out"
    )
    assert rows == [(taken.height, Decimal(taken["amount_minor"].sum()) / 100)]
    assert reader.rows("select count(*) from fct_settlement_reconciliation where settlement_status = 'over'") == [(0,)]


def test_shipping_is_what_carriers_charged_for_what_arrived(reader: Reader, world: World) -> None:
    orders = world.frame("orders").select("order_id", "shop", "currency")
    parcels = world.frame("fulfilments").filter(pl.col("delivered_at") < MOMENT).join(orders, on="order_id")
    books = money(parcels.filter(pl.col("shop") != "amazon"), "cost_minor")
    by_currency: dict[str, Decimal] = {}
    for (_, code), amount in books.items():
        by_currency[code] = by_currency.get(code, Decimal(0)) + amount
    rows = reader.rows(
        "select currency_code, sum(cost_order) from intermediate.int_shipping_costs__ordered group by all"
    )
    assert dict(rows) == by_currency


def test_what_was_received_cost_what_was_agreed(reader: Reader, world: World) -> None:
    lines = world.frame("po_lines").select("po_id", "line_no", "unit_cost_minor")
    purchases = world.frame("purchase_orders").select("po_id", "supplier_id", "currency")
    received = (
        world.frame("receipts")
        .filter(pl.col("received_at") < MOMENT)
        .join(lines, on=["po_id", "line_no"])
        .join(purchases, on="po_id")
    )
    home = received.filter(pl.col("currency") == "GBP")
    minor = (home["quantity"] * home["unit_cost_minor"]).sum()
    books = Decimal(int(minor)) / 100
    suppliers = ", ".join(f"'{one}'" for one in home["supplier_id"].unique().to_list())
    rows = reader.rows(
        "select sum(if(supplier_ref in (" + suppliers + "), (units + damaged_units) * unit_cost_shop, 0)), "
        "sum(units), sum(damaged_units) from intermediate.int_cost_layers__dated where not is_opening"
    )
    damaged = int(received["damaged_quantity"].sum())
    assert rows == [(books, int(received["quantity"].sum()) - damaged, damaged)]


def queue(layers: list[tuple[int, Decimal]], issues: list[int]) -> tuple[Decimal, Decimal]:
    """Cost of issues, unit by unit from the oldest layer, and the value of what is left."""
    waiting = deque(cost for units, cost in layers for _ in range(units))
    gone: list[Decimal] = []
    total = Decimal(0)
    for units in issues:
        for _ in range(units):
            gone.append(waiting.popleft())
            total += gone[-1]
        for _ in range(-units):
            waiting.appendleft(gone.pop())
            total -= waiting[0]
    return total, sum(waiting, Decimal(0))


def test_cost_of_goods_and_closing_stock_are_what_a_queue_of_units_says(reader: Reader) -> None:
    layers: dict[str, list[tuple[int, Decimal]]] = {}
    for product, units, cost in reader.rows(
        "select product_id, units, unit_cost_shop from intermediate.int_cost_layers__dated "
        "order by product_id, layer_number"
    ):
        layers.setdefault(product, []).append((units, cost))
    issues: dict[str, list[tuple[int, Decimal]]] = {}
    for product, units, cost in reader.rows(
        "select product_id, net_units, cost_fifo_shop from fct_cost_of_goods "
        "order by product_id, cost_date, issue_kind desc, channel_id"
    ):
        issues.setdefault(product, []).append((units, cost))
    compared = 0
    for product, moves in issues.items():
        try:
            cost, left = queue(layers[product], [units for units, _ in moves])
        except IndexError:
            continue  # more went out than ever came, or something came back from before the books began
        assert cost == sum((cost for _, cost in moves), Decimal(0)), product
        received = sum((units * cost for units, cost in layers[product]), Decimal(0))
        assert received == cost + left
        compared += 1
    assert compared > 0.9 * len(issues)


def test_margins_are_believable(reader: Reader) -> None:
    rows = reader.rows(
        "select channel_id, 100 * sum(gross_margin_shop) / sum(net_sales_shop), "
        "100 * sum(marketplace_fees_shop) / sum(net_sales_shop) from fct_contribution "
        "where channel_id <> '(unallocated)' group by 1"
    )
    assert rows
    assert all(35 < margin < 75 for _, margin, _ in rows)
    assert all(12 < fees < 30 for channel, _, fees in rows if channel.startswith("Amazon"))
