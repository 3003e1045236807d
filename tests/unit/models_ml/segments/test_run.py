"""The segment tables, and the RFM rule beside the mart's."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from lakehouse.settings import Settings
from models_ml import segments, value
from models_ml.segments.config import default_assumptions
from models_ml.segments.features import product_features
from models_ml.segments.rfm import month_starts, segments_at
from tests.support.made_up_marts import MadeUpReader, made_up_reader

MART = Path(__file__).parents[4] / "dbt_project/models/marts/customers/fct_customer_rfm.sql"
UNTIL = date(2011, 3, 1)
AS_OF = datetime(2011, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def reader() -> MadeUpReader:
    """Three hundred customers who come often with much, once with little, or long ago."""
    rng, reader = np.random.default_rng(4), made_up_reader()
    rows = []
    for number in range(300):
        kind = number % 3
        for turn in range((8, 1, 2)[kind]):
            day = int(rng.integers(0, 30) if kind < 2 else rng.integers(120, 200))
            worth = float(rng.gamma(20, (10, 1, 4)[kind]))
            rows.append(
                f"('o{number}-{turn}', 'c{number:03}', date '2011-02-28' - {day}, {worth:.2f}, {(9, 1, 3)[kind]})"
            )
    reader.execute(f"insert into made_up_order values {', '.join(rows)}")
    reader.execute("insert into fct_return values ('c000', 'return', date '2011-02-20', 5000, 1)")
    reader.execute("insert into fct_return values ('c003', 'cancellation', date '2011-02-20', 5000, 1)")
    return reader


def test_the_rfm_rule_is_the_mart_s(reader: MadeUpReader) -> None:
    mart = MART.read_text(encoding="utf-8")
    ranked = re.search(r"ranked as \((.*?)\n\),\n\nfinal", mart, re.DOTALL)
    rule = re.search(r"(case\n.*?end as segment_id)", mart, re.DOTALL)
    assert ranked
    assert rule
    theirs = reader.frame(
        f"""
        with build as (select date '{UNTIL}' as as_of_date),
        customers as (
            select
                orders.customer_id, orders.order_count, orders.last_order_date,
                orders.sales_shop - coalesce(returned.amount_shop, 0) as net_sales_shop
            from (
                select
                    customer_id, count(*) as order_count, sum(sales_shop) as sales_shop,
                    max(order_date) as last_order_date
                from fct_customer_order group by customer_id
            ) as orders
            left join (select * from fct_return where return_kind <> 'cancellation') as returned using (customer_id)
        ),
        ranked as ({ranked.group(1)})
        select customer_id, {rule.group(1)} from ranked order by customer_id
        """
    )
    ours = segments_at(reader, UNTIL)
    assert ours.equals(theirs)
    assert ours["segment_id"].n_unique() >= 6


def test_the_tables_of_a_shop(reader: MadeUpReader, settings: Settings) -> None:
    tables = segments.run(reader, as_of=AS_OF, settings=settings)
    members = tables["segment_member"].filter(kind="customer")
    kinds = members.with_columns(kind_of=pl.col("member_id").str.slice(1).cast(pl.Int64) % 3)
    assert kinds.group_by("kind_of").agg(pl.col("cluster_id").n_unique())["cluster_id"].to_list() == [1, 1, 1]
    assert kinds["cluster_id"].n_unique() == 3
    profile = tables["segment_profile"].filter(kind="customer", feature="order_count").sort("median_value")
    assert profile["median_value"].to_list() == [1, 2, 8]
    assert profile["member_count"].to_list() == [100, 100, 100]
    assert "order_count.high" in profile["label_key"][2]
    assert tables["segment_choice"].filter(kind="customer", is_chosen=True)["cluster_count"].to_list() == [3]


def test_nobody_is_lost_between_two_months(reader: MadeUpReader, settings: Settings) -> None:
    moves = segments.run(reader, as_of=AS_OF, settings=settings)["segment_migration"]
    last = moves.filter(pl.col("to_date") == UNTIL)
    assert last.group_by("scheme").agg(pl.col("customer_count").sum()).sort("scheme").rows() == [
        ("cluster", 300),
        ("rfm", 300),
    ]
    rfm = moves.filter(scheme="rfm").sort("from_date")
    for before, after in zip(rfm["to_date"].unique().sort()[:-1], rfm["to_date"].unique().sort()[1:], strict=True):
        came = rfm.filter(to_date=before).group_by(s="to_segment_id").agg(pl.col("customer_count").sum()).sort("s")
        left = rfm.filter((pl.col("to_date") == after) & (pl.col("from_segment_id") != "(new)"))
        assert came.rows() == left.group_by(s="from_segment_id").agg(pl.col("customer_count").sum()).sort("s").rows()


def test_twice_is_the_same(reader: MadeUpReader, settings: Settings) -> None:
    first, second = (segments.run(reader, as_of=AS_OF, settings=settings) for _ in range(2))
    assert all(first[name].equals(second[name]) for name in first)


def test_an_empty_shop_has_empty_tables(settings: Settings) -> None:
    empty = made_up_reader()
    empty.execute("delete from fct_daily_product_sales")
    for model in (segments, value):
        tables = model.run(empty, as_of=AS_OF, settings=settings)
        assert all(table.is_empty() for name, table in tables.items() if name != "value_parameter")


def test_value_reads_orders_and_margins(reader: MadeUpReader, settings: Settings) -> None:
    reader.execute("insert into fct_contribution values ('10001', date '2011-02-01', 100, 10, 40, 9, 0)")
    tables = value.run(reader, as_of=AS_OF, settings=settings)
    assert tables["customer_value"].height == 300
    parameters = {row["parameter"]: row["value"] for row in tables["value_parameter"].iter_rows(named=True)}
    assert parameters["margin_share"] == pytest.approx(40 / 90)
    again = "select customer_id from fct_customer_order group by customer_id having count(distinct order_date) > 1"
    assert parameters["repeat_customers"] == reader.frame(again).height


def test_month_starts_end_with_the_day_itself() -> None:
    assert month_starts(date(2024, 3, 5), 3) == [date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1), date(2024, 3, 5)]
    assert month_starts(date(2024, 1, 1), 2) == [date(2023, 12, 1), date(2024, 1, 1)]


def test_chance_is_no_season() -> None:
    """Ten units a month, give or take their root, are steady; ninety in one month and none in others are not."""
    rows = [("steady", month, units) for month, units in enumerate([10, 13, 7, 11, 9, 10], start=1)]
    rows += [("season", month, units) for month, units in enumerate([0, 0, 90, 0, 0, 0], start=1)]
    months = pl.DataFrame(
        [(name, date(2024, month, 1), 30.0, float(units), 0.0, 2.0 * units) for name, month, units in rows],
        schema=["product_id", "month", "days", "units", "returned_units", "sales_shop"],
        orient="row",
    )
    found = product_features(months, until=date(2024, 7, 1), assumptions=default_assumptions())
    assert found.select("member_id", "price", "demand_rate").rows() == [
        ("season", 2.0, pytest.approx(15.0)),
        ("steady", 2.0, pytest.approx(10.0)),
    ]
    assert found["seasonality"].to_list() == pytest.approx([np.sqrt(5 - 6 / 90), 0.0])
