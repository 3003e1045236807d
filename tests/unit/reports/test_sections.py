"""Rules of the sections: what is listed, what is left out."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from reports import rules
from reports.formatting import Formatter
from reports.sections import known, market, products, purchasing, quality, sales
from reports.sections.kit import Kit
from reports.tables import load
from reports.words import LANGUAGES, Words
from tests.support.report_tables import report_tables


def _kit(language: str = "en") -> Kit:
    return Kit(Words(language), Formatter(Words(language), "GBP"))


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([1, 0, 0, 0, 1], range(1, 4)),
        ([0, 0, 0], range(3)),
        ([1, 0, 0, 1], range(0)),
        ([0, 0, 0, 1, 0, 0, 0, 0], range(4, 8)),
        ([], range(0)),
    ],
)
def test_a_closure_is_three_days_of_nothing(values: list[float], found: range) -> None:
    assert sales.closure(values) == found


def test_weekdays_that_never_trade_are_known_after_eight_weeks() -> None:
    days = [date(2011, 1, 3) + timedelta(days=i) for i in range(56)]
    daily = pl.DataFrame({"sales_date": days, "is_trading_day": [day.weekday() != 5 for day in days]})
    assert sales.never_trading(daily) == {6}
    assert sales.never_trading(daily.head(55)) == set()


def test_each_product_comes_in_one_pair() -> None:
    shown = products.pairs(_kit(), load(report_tables()))["rows"]
    source = report_tables().tables["rpt_basket_pair"]
    repeated = source.with_columns(product_id_a=pl.lit("one"))
    assert len(shown) == products.PAIRS
    assert len(products.pairs(_kit(), load(report_tables().replace(rpt_basket_pair=repeated)))["rows"]) == 1


def test_checks_that_did_not_pass_come_first_and_all_are_counted() -> None:
    model = quality.health(_kit(), load(report_tables()))
    assert [row[0]["tone"] for row in model["rows"]] == ["warn", "warn", "good", "good"]
    assert model["note"] == "1 more check is in rpt_data_health."


def test_the_purchase_list_adds_up_every_order_even_those_not_shown() -> None:
    source = report_tables().tables["rpt_purchase_list"]
    due = source.filter(pl.col("action").is_in(["order_now", "order_soon"]))
    model = purchasing.purchase_list(_kit(), load(report_tables()), rows=5)
    assert len(model["rows"]) == 5
    assert model["total"][0] == f"{due.height} products to order"
    assert model["total"][7] == f"£{due['order_value_shop'].sum():,.0f}"


@pytest.mark.parametrize(
    ("stock", "why"),
    [(10, "stock 10 ≤ reorder point 20"), (25, "stock 25 < target 30"), (30, "stock 30 ≥ target 30")],
)
def test_an_order_says_why(stock: int, why: str) -> None:
    one = report_tables().tables["rpt_purchase_list"].head(1)
    row = one.with_columns(on_hand_units=pl.lit(stock), reorder_point_units=pl.lit(20), order_up_to_units=pl.lit(30))
    model = purchasing.purchase_list(_kit(), load(report_tables().replace(rpt_purchase_list=row)))
    assert model["rows"][0][-1]["below"] == why


def test_an_unknown_id_shows_the_warehouse_s_own_words() -> None:
    words = Words("zh_CN")
    assert known.check_title(words, "gx.new_check", "Something new") == "Something new"
    assert known.row_class(words, "charge_new", "A new charge") == "A new charge"
    assert known.model(words, "arima") == "arima"


@pytest.mark.parametrize(("language", "name"), [("en", "Ireland"), ("zh_CN", "爱尔兰")])
def test_countries_go_by_the_reader_s_name(language: str, name: str) -> None:
    assert known.country(Words(language), "IE", "EIRE") == name
    assert known.country(Words(language), "XX-UNKNOWN", "European Community") == "European Community"


def test_an_assumption_s_value_is_translated() -> None:
    assert known.value(Words("zh_CN"), "12 below 2.50, 1 above") == "低于 2.50 为 12, 其余为 1"
    assert known.value(Words("en"), "12 below 2.50, 1 above") == "12 below 2.50, 1 above"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_glossary_entry_is_defined(language: str) -> None:
    assert all(entry["term"] and entry["text"] for entry in quality.glossary(_kit(language)))


def test_competitors_are_named_once_a_product_and_the_gravest_first() -> None:
    model = market.alerts(_kit(), load(report_tables()))
    assert model["is_watched"]
    assert len(model["rows"]) == market.ROWS
    assert model["rows"][0][5]["tone"] == "bad"
    assert model["title"] == "Competitors are below our prices of 9 products; first Party Bunting, by 22.0%"
    source = report_tables().tables["rpt_price_alert"]
    twice = pl.concat(
        [source, source.with_columns(alert_kind=pl.lit("cheapest_lost"), alert_rank=pl.col("alert_rank") + 90)]
    )
    again = market.alerts(_kit(), load(report_tables().replace(rpt_price_alert=twice)))
    assert again["rows"] == model["rows"]


def test_who_watches_nobody_reads_nothing_of_competitors() -> None:
    source = report_tables()
    without = source.replace(
        rpt_price_alert=source.tables["rpt_price_alert"].clear(),
        rpt_price_position=source.tables["rpt_price_position"].clear(),
    )
    model = market.alerts(_kit(), load(without))
    assert not model["is_watched"]
    assert not [one for one in rules.findings(load(without), []) if one.kind == "undercut"]
