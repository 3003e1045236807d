"""The audit on small warehouses: sound ones pass, and each kind of harm is found by its check."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from expectations.audit import CHECKS_SCHEMA, AuditReport, audit
from lakehouse.errors import AuditError, EcomopsError

Frame = Callable[[str], pl.DataFrame]
_AS_OF = datetime(2024, 3, 6, 4, tzinfo=UTC)

_MARTS = """
create schema raw;
create table raw.order_lines as select range as n from range(4);
create table raw.loads as select 5 as rows_received, 4 as rows_landed, 1 as rows_deduplicated, 0 as rows_quarantined;
create table dim_product as select * from (values ('A'), ('B')) t(product_id);
create table dim_customer as select 'c1' as customer_id;
create table dim_country as select 'GB' as country_id;
create table dim_channel as select 'shop' as channel_id;
create table dim_date as select date '2024-03-05' as date_day;
create table fct_order as select * from (values ('o1', timestamp '2024-03-05 10:00:00'),
    ('o2', timestamp '2024-03-05 20:00:00')) t(order_id, ordered_at);
create table fct_order_line as select * from (values ('l1'), ('l2'), ('l3')) t(order_line_id);
create table fct_return as select 'r1' as return_line_id, timestamp '2024-03-05 21:00:00' as returned_at,
    cast(2.5 as decimal(18, 4)) as amount_shop;
create table fct_daily_country_sales as select date '2024-03-05' as sales_date, 'GB' as country_id,
    cast(10 as decimal(18, 4)) as gross_sales_shop, cast(1 as decimal(18, 4)) as discounts_shop,
    cast(2.5 as decimal(18, 4)) as returns_shop, cast(6.5 as decimal(18, 4)) as net_sales_shop;
create table fct_daily_product_sales as select date '2024-03-05' as sales_date, 'A' as product_id,
    cast(10 as decimal(18, 4)) as gross_sales_shop, cast(0 as decimal(18, 4)) as discounts_shop,
    cast(2.5 as decimal(18, 4)) as returns_shop, cast(7.5 as decimal(18, 4)) as net_sales_shop;
create table fct_source_reconciliation as select * from (values
    ('sale', true, 3, 3, cast(10 as decimal(18, 4)), cast(10 as decimal(18, 4))),
    ('credit', true, 1, 1, cast(-2.5 as decimal(18, 4)), cast(-2.5 as decimal(18, 4))))
    t(row_class, is_in_marts, row_count, mart_row_count, amount_shop, mart_amount_shop);
"""


def _warehouse(*harm: str) -> Frame:
    con = duckdb.connect()
    con.execute(_MARTS)
    for statement in harm:
        con.execute(statement)

    def frame(sql: str) -> pl.DataFrame:
        try:
            found = pl.from_arrow(con.sql(sql).to_arrow_table())
        except duckdb.Error as error:
            raise EcomopsError(f"The query failed: {error}") from error
        assert isinstance(found, pl.DataFrame)
        return found

    return frame


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., AuditReport]:
    def call(frame: Frame, base: Frame | None = None) -> AuditReport:
        return audit(frame, as_of=_AS_OF, base=base, keep_in=tmp_path / "results")

    return call


def _status(report: AuditReport) -> dict[str, str]:
    return {check.check_id: check.status for check in report.checks}


def test_a_sound_warehouse_passes(run: Callable[..., AuditReport]) -> None:
    report = run(_warehouse(), _warehouse())
    assert set(_status(report).values()) == {"pass"}
    assert len(report.checks) > 40
    report.raise_if_failed()
    assert report.frame().schema == CHECKS_SCHEMA
    details = {check.check_id: check.detail for check in report.checks}
    assert details["fct_order_line_collapsed"] == "3 rows, published before: 3"
    assert details["hours_since_last_order"] == "8"


_HARM: list[tuple[str, str, str]] = [
    ("insert into fct_order_line values ('l1')", "fct_order_line_repeated_keys", "fail"),
    ("insert into fct_order_line values (null)", "fct_order_line_missing_keys", "fail"),
    ("insert into dim_product values ('A')", "dim_product_repeated_keys", "fail"),
    ("delete from fct_order_line", "fct_order_line_rows", "fail"),
    (
        "insert into fct_daily_product_sales select * from fct_daily_product_sales",
        "fct_daily_product_sales_repeated_keys",
        "fail",
    ),
    ("update fct_daily_country_sales set net_sales_shop = 6.5001", "country_net_sales_off", "fail"),
    ("update fct_daily_product_sales set net_sales_shop = 7.4999", "product_net_sales_off", "fail"),
    ("update fct_daily_product_sales set gross_sales_shop = 11", "gross_sales_off", "fail"),
    ("update fct_return set amount_shop = 2.4", "returns_off", "fail"),
    ("update fct_source_reconciliation set mart_row_count = 2 where row_class = 'sale'", "rows_astray", "fail"),
    (
        "update fct_source_reconciliation set mart_amount_shop = 9.9999 where row_class = 'sale'",
        "amount_astray",
        "fail",
    ),
    (
        "insert into fct_source_reconciliation values ('unclassified', false, 1, 0, 1, 0); "
        "insert into raw.order_lines values (9)",
        "rows_unclassified",
        "warn",
    ),
    (
        "insert into fct_source_reconciliation values ('no_exchange_rate', false, 1, 0, 0, 0); "
        "insert into raw.order_lines values (9)",
        "rows_without_exchange_rate",
        "fail",
    ),
    ("insert into raw.order_lines values (9)", "rows_not_reconciled", "fail"),
    ("update raw.loads set rows_received = 6", "rows_dropped", "fail"),
    ("update raw.loads set rows_received = 6, rows_quarantined = 1", "rows_quarantined", "warn"),
    (
        "update fct_order set ordered_at = timestamp '2024-03-06 04:00:01' where order_id = 'o1'",
        "orders_in_the_future",
        "fail",
    ),
    ("update fct_return set returned_at = timestamp '2030-01-01'", "returns_in_the_future", "fail"),
    ("update fct_order set ordered_at = timestamp '2024-02-01'", "hours_since_last_order", "warn"),
    ("update fct_order set ordered_at = null", "hours_since_last_order", "warn"),
    ("drop table fct_return", "fct_return_repeated_keys", "fail"),
    ("alter table fct_order drop column ordered_at", "orders_in_the_future", "fail"),
]


@pytest.mark.parametrize(("harm", "check_id", "status"), _HARM)
def test_each_harm_is_found_by_its_check(
    harm: str, check_id: str, status: str, run: Callable[..., AuditReport]
) -> None:
    report = run(_warehouse(harm))
    assert _status(report)[check_id] == status
    check = next(one for one in report.checks if one.check_id == check_id)
    assert check.detail
    if status == "fail":
        with pytest.raises(AuditError, match=re.escape(check.title) + "|checks failed"):
            report.raise_if_failed()
    else:
        report.raise_if_failed()
        assert check in report.warned


@pytest.mark.parametrize(("kept", "collapsed", "shrunk"), [(3, "pass", "pass"), (2, "fail", "warn")])
def test_a_collapse_against_what_was_published(
    kept: int, collapsed: str, shrunk: str, run: Callable[..., AuditReport]
) -> None:
    frame = _warehouse(f"delete from fct_order_line where order_line_id > 'l{kept}'")
    status = _status(run(frame, _warehouse()))
    assert (status["fct_order_line_collapsed"], status["fct_order_line_shrunk"]) == (collapsed, shrunk)
    assert "fct_order_line_collapsed" not in _status(run(frame))


@pytest.mark.parametrize("row_class", ["test_order", "deleted_order", "superseded_version"])
def test_what_belongs_in_no_mart_troubles_nobody(row_class: str, run: Callable[..., AuditReport]) -> None:
    counted = f"insert into fct_source_reconciliation values ('{row_class}', false, 1, 0, 9, 0)"
    report = run(_warehouse(counted, "insert into raw.order_lines values (9)"))
    assert set(_status(report).values()) == {"pass"}


def test_a_first_publication_over_an_empty_one(run: Callable[..., AuditReport]) -> None:
    empty = _warehouse("delete from fct_return", "delete from dim_customer")
    status = _status(run(_warehouse(), empty))
    assert status["fct_return_collapsed"] == "pass"


def test_the_audit_raises_nothing_where_nothing_is_there(run: Callable[..., AuditReport]) -> None:
    def nothing(sql: str) -> pl.DataFrame:
        raise EcomopsError("There is no such table.")

    report = run(nothing)
    assert {check.status for check in report.checks} == {"fail"}
    assert all("could not be evaluated" in check.detail for check in report.checks)
