"""Alerts and compliance checks against the merchant's own books, and nothing of a customer in the published file."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from lakehouse.objectstore import open_store
from lakehouse.settings import Settings
from lakehouse.warehouse import Reader, Warehouse
from sandbox.world import World
from tests.integration.shops.conftest import MOMENT
from tests.support.identifiers import found_in_bytes, found_in_strings, identifiers

pytestmark = pytest.mark.integration

_RULES = (
    "stock_out_before_receipt", "overstock", "margin_below_floor", "price_undercut", "refund_spike_channel",
    "refund_spike_product", "supplier_slip", "fraud_chargeback", "fraud_countries", "fraud_failed_payments",
    "fraud_large_first_order", "data_late", "forecast_off", "model_failed", "quarantine_spike", "compliance_failed",
    "unusual_day",
)  # fmt: skip


def taken_back(world: World) -> set[str]:
    """Shopify's numbers of orders whose payment the bank had taken back by the demo's moment."""
    lines = world.frame("payout_lines").filter(
        pl.col("kind") == "adjustment",
        pl.col("order_id").is_not_null(),
        pl.col("posted_at").is_between(MOMENT - timedelta(days=90), MOMENT),
    )
    orders = world.frame("orders").filter(pl.col("shop") == "shopify").join(lines, on="order_id", how="semi")
    return set(orders["platform_order_id"].to_list())


def _suspects(reader: Reader, rule: str) -> set[str]:
    """The orders that a rule names: without the source."""
    rows = reader.rows(f"select subject_id from rpt_alert where rule_id = '{rule}'")
    return {str(subject).partition("/")[2] for (subject,) in rows}


def test_every_payment_that_the_bank_took_back_is_told_and_each_was_fraud(reader: Reader, world: World) -> None:
    fraud = world.frame("orders").join(world.truth("fraud"), on="order_id", how="semi")
    told = _suspects(reader, "fraud_chargeback")
    assert told == taken_back(world)  # precision 1 on fraud; its recall is what has come to light so far
    assert told <= set(fraud["platform_order_id"].to_list())


def test_other_signs_of_fraud_are_few(reader: Reader, world: World) -> None:
    """The world's fraudsters behave like anybody else: what these rules find is chance, and must stay rare."""
    rules = ("fraud_countries", "fraud_failed_payments", "fraud_large_first_order")
    found = sum(len(_suspects(reader, rule)) for rule in rules)
    placed = world.frame("orders").filter(pl.col("created_at").is_between(MOMENT - timedelta(days=30), MOMENT)).height
    assert found <= 0.01 * placed


def test_tax_fits_the_country_that_an_order_went_to(reader: Reader, world: World) -> None:
    verdicts = dict(reader.rows("select verdict, sum(order_count) from fct_tax_charged group by all"))
    assert "no_such_rate" not in verdicts
    # Amazon tells no destination: what does not fit its own country's rate went to another
    abroad = world.frame("orders").filter(
        pl.col("shop") == "amazon", pl.col("country") == "IE", pl.col("created_at") < MOMENT
    )
    assert int(verdicts.get("unknown", 0)) <= abroad.height


def test_reductions_that_hold_and_break_are_those_of_the_price_history(reader: Reader, world: World) -> None:
    told = reader.frame(
        "select product_id as sku, source as shop, verdict, days_observed, reference_price_order, lowest_price_order "
        "from fct_price_indication where verdict <> 'unknown'"
    )
    prices = (
        world.frame("variant_prices")
        .filter(pl.col("valid_from") < MOMENT)
        .join(world.frame("variants").select("variant_id", sku=pl.col("sku").str.to_uppercase()), on="variant_id")
    )
    agreed = [
        row for row in told.iter_rows(named=True) if row["verdict"] == _true_verdict(prices, row["sku"], row["shop"])
    ]
    assert len(agreed) == told.height, told
    # nobody can say that a reduction holds from the few days on which somebody bought
    assert reader.rows("select count(*) > 0 from fct_price_indication where verdict = 'unknown'") == [(True,)]


def _true_verdict(prices: pl.DataFrame, sku: str, shop: str) -> str:
    history = prices.filter(pl.col("sku") == sku, pl.col("shop") == shop).sort("valid_from")
    last = history.row(-1, named=True)
    before = history.filter(pl.col("valid_from") < last["valid_from"])
    in_window = before.filter(pl.col("valid_from") > last["valid_from"] - timedelta(days=30))
    at_start = before.filter(pl.col("valid_from") <= last["valid_from"] - timedelta(days=30)).tail(1)
    lowest = pl.concat([at_start, in_window])["price_minor"].min()
    return "holds" if lowest is not None and last["compare_at_minor"] <= lowest else "broken"


def test_supplier_that_slips_has_open_lines_past_their_day(reader: Reader, world: World) -> None:
    told = reader.frame("select subject_id, metric_value from rpt_alert where rule_id = 'supplier_slip'")
    orders = world.frame("purchase_orders").filter(pl.col("ordered_at") < MOMENT)
    arrived = (
        world.frame("receipts").filter(pl.col("received_at") < MOMENT)
        .group_by("po_id", "line_no").agg(pl.col("quantity").sum().alias("arrived"))
    )  # fmt: skip
    late = (
        world.frame("po_lines").join(orders, on="po_id").join(arrived, on=["po_id", "line_no"], how="left")
        .filter(pl.col("arrived").fill_null(0) < pl.col("quantity"), pl.col("expected_at") < MOMENT)
    )  # fmt: skip
    assert set(told["subject_id"].to_list()) <= {str(one) for one in late["supplier_id"].unique().to_list()}


def test_what_every_alert_says_can_be_looked_up(reader: Reader) -> None:
    rules = {str(rule) for (rule,) in reader.rows("select distinct rule_id from rpt_alert")}
    assert rules <= set(_RULES)
    assert reader.rows("select count(*) from rpt_alert where evidence is null or owner is null") == [(0,)]
    for (query,) in reader.rows(
        "select evidence_query from fct_compliance_check where evidence_query not like '%raw.%'"
    ):
        reader.frame(str(query))


def test_runs_tell_what_they_made(reader: Reader) -> None:
    (made,) = reader.rows("select count(*), sum(row_count) from rpt_run_node where node_name = 'fct_order'")
    assert made[0] == 1
    assert made[1] == reader.rows("select count(*) from fct_order")[0][0]
    assert reader.rows("select count(*) from rpt_check_result where status = 'fail'") == [(0,)]
    (loads,) = reader.rows("select loads_added from rpt_run_history where step = 'build' and channel = 'core'")
    assert loads == reader.rows("select count(*) from fct_load")[0]


def test_nothing_that_names_a_customer_is_in_the_published_file(made: Settings, reader: Reader, world: World) -> None:
    planted = identifiers(world)
    assert len(planted) > 1_000
    assert found_in_strings(reader, planted) == []
    warehouse = Warehouse(made, open_store(made))
    assert found_in_bytes(warehouse.path(reader.snapshot).read_bytes(), planted) == []
