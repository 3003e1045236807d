"""A year of Online Retail: every row and every penny accounted for, and nobody's slip of the keyboard is demand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest

from lakehouse.settings import Settings
from lakehouse.warehouse import Reader, open_reader

_ROWS, _AMOUNT = 541_909, Decimal("9747747.9340")  # of the data set's own description


@pytest.fixture(scope="module")
def year(demo_warehouse: Settings) -> Iterator[Reader]:
    with open_reader(demo_warehouse, channel="core") as reader:
        yield reader


def test_every_record_was_landed(year: Reader) -> None:
    received = "select sum(rows_received), sum(rows_landed), sum(rows_deduplicated + rows_quarantined) from raw.loads"
    assert year.rows(received + " where source = 'online_retail' and stream = 'order_lines'") == [(_ROWS, _ROWS, 0)]


def test_every_row_and_every_penny_is_accounted_for(year: Reader) -> None:
    totals = year.rows("select sum(row_count), sum(amount_shop), bool_and(is_in_marts) from fct_source_reconciliation")
    assert totals == [(_ROWS, _AMOUNT, True)]
    sides = year.rows(
        "select count(*) from fct_source_reconciliation "
        "where row_count <> mart_row_count or amount_shop <> mart_amount_shop"
    )
    assert sides == [(0,)]


def test_net_sales_are_the_same_by_product_and_by_country_but_for_discount_lines(year: Reader) -> None:
    gap = year.rows(
        "select (select sum(net_sales_shop) from fct_daily_product_sales) "
        "- (select sum(net_sales_shop) from fct_daily_country_sales) "
        "+ (select sum(amount_shop) from fct_charge where charge_kind = 'discount')"
    )
    assert gap == [(0,)]


@pytest.mark.parametrize("units", [80_995, 74_215])
def test_orders_undone_within_minutes_never_were_demand(year: Reader, units: int) -> None:
    lines = year.rows("select cancelled_quantity, demand_quantity from fct_order_line where quantity = ?", [units])
    assert lines == [(units, 0)]
    credit = year.rows("select return_kind, count(*) from fct_return where quantity = ? group by 1", [units])
    assert credit == [("cancellation", 1)]


def test_what_is_no_product_is_no_demand(year: Reader) -> None:
    codes = ["POST", "DOT", "M", "D", "C2", "BANK CHARGES", "AMAZONFEE", "S", "CRUK", "B"]
    found = year.rows("select count(*) from fct_order_line where list_contains(?, product_id)", [codes])
    assert found == [(0,)]
    charged = year.rows("select distinct charge_code from fct_charge where list_contains(?, charge_code)", [codes])
    assert len(charged) == len(codes)


def test_no_customers_number_is_in_the_warehouse(year: Reader) -> None:
    """17850 bought often; a pseudonym is 20 hexadecimal digits."""
    ids = [name for (name,) in year.rows("select distinct customer_pseudonym from raw.order_lines")]
    ids.remove(None)  # guests
    assert len(ids) == 4372
    assert all(re.fullmatch("[0-9a-f]{20}", name) for name in ids)
