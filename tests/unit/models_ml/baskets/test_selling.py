"""From rules to what to offer: worked by hand."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from models_ml.baskets.run import analyse
from tests.unit.models_ml.baskets.test_rules import baskets, loose

# 100 baskets in 100 days: tea 40 times, with milk 30 times; milk another 10 times; jam in the rest.
ORDERS = (["tea milk"] * 3 + ["tea", "milk"] + ["jam"] * 5) * 10


def tables(margin: float | None = 0.5, orders: list[str] = ORDERS) -> dict[str, pl.DataFrame]:
    days = pl.col("order_id").str.slice(1).cast(pl.Int64)
    frame = baskets(*orders).with_columns(
        order_date=pl.lit(date(2024, 1, 1)) + pl.duration(days=days * 100 // len(orders))
    )
    prices = pl.DataFrame(
        {
            "product_id": ["tea", "milk", "jam"],
            "product_group_id": pl.Series([None, None, None], dtype=pl.String),
            "unit_price_shop": [5.0, 2.0, 3.0],
            "unit_margin_shop": pl.Series([2.0, margin, 1.0], dtype=pl.Float64),
        }
    )
    assert frame["order_date"].max() == date(2024, 1, 1) + timedelta(days=99)
    return analyse(frame, rules=loose(), products=prices)


def test_the_margin_of_an_offer() -> None:
    pair = tables()["cross_sell_pair"].row(by_predicate=pl.col("product_id") == "tea", named=True)
    # Ten baskets had tea alone, in 100 days; three quarters of the tea came with milk, and one in ten takes it up.
    assert pair["offered_product_id"] == "milk"
    assert pair["chances_per_year"] == pytest.approx(36.5)
    assert pair["extra_units_per_year"] == pytest.approx(36.5 * 0.75 * 0.1)
    assert float(pair["extra_margin_per_year_shop"]) == pytest.approx(36.5 * 0.75 * 0.1 * 0.5, abs=1e-4)
    assert float(pair["extra_sales_per_year_shop"]) == pytest.approx(36.5 * 0.75 * 0.1 * 2, abs=1e-4)


def test_the_discount_at_which_a_bundle_breaks_even() -> None:
    bundle = tables()["bundle_suggestion"].row(0, named=True)
    assert bundle["bundle_product_ids"] == "milk+tea"
    assert bundle["all_confidence"] == 0.75
    assert (float(bundle["price_shop"]), float(bundle["margin_shop"])) == (7.0, 2.5)
    # Both are in 40 baskets; milk, first of equals, brings tea three times in four: a quarter of tea's margin is new.
    assert bundle["break_even_discount_pct"] == pytest.approx(100 * 0.25 * 2.0 / 7.0)


def test_without_a_cost_there_is_no_margin_but_an_offer() -> None:
    made = tables(margin=None)
    pair = made["cross_sell_pair"].row(by_predicate=pl.col("product_id") == "tea", named=True)
    assert pair["extra_margin_per_year_shop"] is None
    assert pair["extra_sales_per_year_shop"] is not None
    assert made["bundle_suggestion"]["margin_shop"].to_list() == [None]
    assert made["bundle_suggestion"]["break_even_discount_pct"].to_list() == [None]


def test_chance_is_not_offered() -> None:
    """Tea and milk as often together as chance has it: 25 of 100, each in 50."""
    assert tables(orders=["tea milk", "tea", "milk", "jam"] * 25)["cross_sell_pair"].is_empty()


def test_the_threshold_rises_until_few_enough_pairs_are_left() -> None:
    frame = baskets(*(["a b"] * 9 + ["c d"] * 5 + ["e f"] * 3))
    for most, pairs in ((3, 3), (2, 2), (1, 1)):
        run = analyse(frame, rules=loose(max_pairs=most))["basket_run"].row(0, named=True)
        assert run["rule_count"] == 2 * pairs
