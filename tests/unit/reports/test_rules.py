"""What a report says about its numbers."""

from __future__ import annotations

import polars as pl
import pytest

from reports import rules
from reports.formatting import Formatter
from reports.rules import Kpi
from reports.sections import summary
from reports.sections.kit import Kit
from reports.tables import ReportTables, load
from reports.words import Words
from tests.support.report_tables import WEEK, report_tables


def _kpi(
    value: float,
    *,
    previous: float | None = 100.0,
    reference: float | None = 100.0,
    unit: str = "money",
    good: str = "up",
) -> Kpi:
    return Kpi("net_sales", unit, good, value, previous, None, reference, False, False, (value,))


@pytest.fixture(scope="module")
def tables() -> ReportTables:
    return load(report_tables())


@pytest.mark.parametrize(
    ("value", "previous", "verdict"),
    [
        (100.4, 100, "held"),
        (99.6, 100, "held"),
        (100.6, 100, "rose"),
        (99.4, 100, "fell"),
        (50, None, "first"),
        (50, 0, "first"),
        (0, 100, "fell"),
    ],
)
def test_the_headline_says_what_sales_did(
    tables: ReportTables, value: float, previous: float | None, verdict: str
) -> None:
    assert rules.headline(tables, [_kpi(value, previous=previous)]).sales == verdict


def test_a_week_without_any_sales_after_one_with_some_can_be_told(tables: ReportTables) -> None:
    words = Words("en")
    kit = Kit(words, Formatter(words, "GBP"))
    message = rules.headline(tables, [_kpi(0, previous=100)])
    assert summary.headline(kit, message).startswith("Net sales fell 100% to £0")


def test_a_week_without_figures_says_so(tables: ReportTables) -> None:
    assert rules.headline(tables, []).sales == "no_data"


@pytest.mark.parametrize(
    ("actions", "urgency", "count"),
    [
        (["order_now", "order_soon"], "now", 1),
        (["order_soon", "ok"], "soon", 1),
        (["ok"], "none", 0),
        ([], "no_list", 0),
    ],
)
def test_the_headline_names_the_most_urgent_order(actions: list[str], urgency: str, count: int) -> None:
    source = report_tables()
    listed = source.tables["rpt_purchase_list"].head(len(actions)).with_columns(pl.Series("action", actions, pl.String))
    message = rules.headline(load(source.replace(rpt_purchase_list=listed)), [])
    assert (message.purchases, message.order_count) == (urgency, count)


@pytest.mark.parametrize(
    ("value", "good", "unit", "tone"),
    [
        (106, "up", "money", "good"),
        (94, "up", "money", "bad"),
        (104, "up", "money", "neutral"),
        (106, "down", "money", "bad"),
        (94, "down", "money", "good"),
        (150, "none", "count", "neutral"),
    ],
)
def test_good_and_bad_follow_the_business_meaning(value: float, good: str, unit: str, tone: str) -> None:
    assert _kpi(value, unit=unit, good=good).status == tone


def test_a_rate_is_judged_in_points() -> None:
    assert _kpi(0.026, reference=0.020, unit="rate", good="down").status == "bad"
    assert _kpi(0.024, reference=0.020, unit="rate", good="down").status == "neutral"


def test_nothing_to_compare_with_is_neither_good_nor_bad() -> None:
    assert _kpi(100, reference=None).status == "neutral"


def test_kpis_keep_their_order_and_their_week(tables: ReportTables) -> None:
    found = rules.kpis(tables)
    assert [kpi.kpi_id for kpi in found] == list(rules.KPI_ORDER)
    assert all(len(kpi.history) == 13 and kpi.history[-1] == kpi.value for kpi in found)


def test_at_most_five_findings_the_gravest_first() -> None:
    source = report_tables()
    health = source.tables["rpt_data_health"].with_columns(
        pl.when(pl.col("check_id") == "gx.rows_quarantined")
        .then(pl.lit("fail"))
        .otherwise(pl.col("status"))
        .alias("status")
    )
    kpi = source.tables["rpt_weekly_kpi"].with_columns(
        pl.when(pl.col("good_direction") == "up")
        .then(pl.col("value") * 0.3)
        .otherwise(pl.col("value") * 3)
        .alias("value")
    )
    tables = load(source.replace(rpt_data_health=health, rpt_weekly_kpi=kpi))
    found = rules.findings(tables, rules.kpis(tables))
    assert [finding.kind for finding in found] == ["checks_failed", "order_now", "stock_assumed", "kpi", "kpi"]


def test_a_counted_stock_is_no_finding() -> None:
    source = report_tables()
    counted = source.tables["rpt_purchase_list"].with_columns(on_hand_source=pl.lit("supplied"))
    tables = load(source.replace(rpt_purchase_list=counted))
    assert "stock_assumed" not in {finding.kind for finding in rules.findings(tables, rules.kpis(tables))}


def test_a_forecast_worse_than_repeating_last_week_is_a_finding() -> None:
    source = report_tables()
    worse = source.tables["rpt_forecast_accuracy"].with_columns(
        pl.when(pl.col("is_champion")).then(0.9).otherwise(pl.col("wape")).alias("wape")
    )
    tables = load(source.replace(rpt_forecast_accuracy=worse))
    assert [finding.numbers["wape"] for finding in rules._of_forecast(tables)] == [0.9]
    assert rules._of_forecast(load(source)) == []


def test_a_large_fall_of_a_product_is_a_finding() -> None:
    source = report_tables()
    fallen = source.tables["rpt_sales_driver"].with_columns(
        pl.when((pl.col("rank_down") == 1) & (pl.col("dimension") == "product"))
        .then(pl.lit(-9000).cast(pl.Decimal(18, 4)))
        .otherwise(pl.col("change_shop"))
        .alias("change_shop")
    )
    assert [
        finding.numbers["change"] for finding in rules._of_products(load(source.replace(rpt_sales_driver=fallen)))
    ] == [-9000.0]
    assert rules._of_products(load(source)) == []  # 0.97% of the week: not worth a line


def test_an_incomplete_week_is_a_finding() -> None:
    tables = load(report_tables(), week=WEEK.replace(month=12, day=7))
    assert tables.week.isoformat() == "2011-12-05"
    assert rules._of_week(tables)[0].numbers == {"days": 5}
