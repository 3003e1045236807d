"""The demo on three shops: a whole day's work on what comes over HTTP, compared with the merchant's own books."""

from __future__ import annotations

import io
from datetime import date, timedelta

import polars as pl
import pytest
from rich.console import Console

import ecomops.demo.shops
from lakehouse.errors import ConfigError
from lakehouse.objectstore import open_store
from lakehouse.settings import Settings
from lakehouse.warehouse import Reader
from lakehouse.windows import Window
from sandbox.world import World
from tests.integration.shops.conftest import MOMENT, NOW
from tests.support import shop

pytestmark = pytest.mark.integration


def placed(world: World) -> pl.DataFrame:
    """The orders that were there at the demo's moment, by shop and number, with what they then amounted to."""
    edited_later = (pl.col("edited_at") > MOMENT).fill_null(value=False)
    deleted = (pl.col("deleted_at") <= MOMENT).fill_null(value=False)
    orders = world.frame("orders").filter(pl.col("created_at") < MOMENT, ~deleted)
    digits = pl.when(pl.col("currency") == "JPY").then(1).otherwise(100)
    total = pl.when(edited_later).then("original_total_minor").otherwise("total_minor")
    return orders.select("shop", "order_number", "platform_order_id", "currency", total=total, digits=digits)


def test_every_order_of_every_shop_is_there_once(reader: Reader, world: World) -> None:
    found = reader.frame("select source as shop, count(*) as orders from stg_orders where not is_deleted group by 1")
    expected = placed(world).group_by("shop").len("orders")
    assert dict(found.sort("shop").iter_rows()) == dict(expected.sort("shop").iter_rows())


def test_orders_amount_to_what_the_merchant_has_in_its_books(reader: Reader, world: World) -> None:
    found = reader.frame(
        "select source as shop, currency_code as currency, sum(total_amount) as total from stg_orders "
        "where not is_deleted and total_amount is not null and status <> 'cancelled' group by all order by all"
    )
    cancelled = world.frame("orders").filter(pl.col("cancelled_at") <= MOMENT).select("shop", "platform_order_id")
    paid = world.frame("orders").filter(pl.col("paid_at") <= MOMENT).select("shop", "platform_order_id")
    books = placed(world).join(cancelled, on=["shop", "platform_order_id"], how="anti")
    # Amazon tells no amount before an order is paid
    known = pl.concat([books.filter(pl.col("shop") != "amazon"), books.join(paid, on=["shop", "platform_order_id"])])
    expected = (
        known.unique(["shop", "platform_order_id"]).group_by("shop", "currency", "digits").agg(pl.col("total").sum())
    )
    exact = {
        (shop_name, currency): pl.Series([total]).cast(pl.Decimal(18, 2))[0] / digits
        for shop_name, currency, digits, total in expected.iter_rows()
    }
    assert {(one, two): total for one, two, total in found.iter_rows()} == exact


def test_the_lines_of_an_order_add_up_to_it(reader: Reader) -> None:
    off = reader.frame(
        "with lines as (select order_id, sum(line_amount - discount_amount + tax_amount) as amount "
        "from stg_order_lines where source_line_kind = 'rounding' or quantity > 0 and credits_line_ref is null "
        "and source_line_kind is distinct from 'goodwill' group by 1) "
        "select orders.order_id, total_amount, amount from stg_orders as orders inner join lines using (order_id) "
        "where total_amount is not null and not is_deleted and abs(total_amount - amount) >= 0.005"
    )
    assert off.rows() == []


def test_every_currency_is_worth_something(reader: Reader) -> None:
    rows = reader.rows(
        "select currency_code, count(*), min(gross_sales_shop / nullif(gross_sales_order, 0)), "
        "max(gross_sales_shop / nullif(gross_sales_order, 0)) from fct_order_line group by 1"
    )
    rates = {currency: (float(low), float(high)) for currency, _, low, high in rows}
    assert rates["GBP"] == (1, 1)
    assert all(0.8 < rate < 0.95 for rate in rates["EUR"])
    assert all(0.004 < rate < 0.007 for rate in rates["JPY"])


def test_a_day_ends_with_reports_in_both_languages(made: Settings, words: io.StringIO) -> None:
    files = {path.name for path in (made.var / "reports" / "2025-12-08").iterdir()}
    assert {"weekly-2025-12-08.en.pdf", "weekly-2025-12-08.zh_CN.pdf", "dashboard.html"} <= files
    assert "0 quarantined" in words.getvalue()
    assert "Done in" in words.getvalue()


def test_what_has_no_mart_yet_can_be_queried(reader: Reader) -> None:
    for view in (
        "payments", "refunds", "fulfilments", "settlement_lines", "payouts", "events", "ad_spend", "suppliers",
        "purchase_order_lines", "receipts", "product_costs", "tickets", "reviews", "targets", "shipping_costs",
        "fx_rates", "holidays", "carts", "discounts", "customers", "products", "stock_on_hand", "sales_traffic",
    ):  # fmt: skip
        assert reader.rows(f"select count(*) from stg_{view}")[0][0] > 0, view


def test_it_does_not_mix_with_another_merchant(settings: Settings) -> None:
    online_retail = shop.SHOP.model_copy(update={"name": "online_retail"})
    window = Window.local_day(date(2011, 3, 24), "Europe/London")
    line = shop.Line("1", window.start + timedelta(hours=9))
    shop.land(open_store(settings), window, [line], source=online_retail)
    with pytest.raises(ConfigError, match="two merchants do not belong in one warehouse"):
        ecomops.demo.shops.run_shops(settings, now=NOW, out=Console(file=io.StringIO()))
