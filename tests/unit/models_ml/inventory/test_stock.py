from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from models_ml.inventory.config import default_assumptions
from models_ml.inventory.stock import stock_on_hand

ON = date(2011, 12, 10)
COUNTS = {"product_id": pl.String, "on_hand_units": pl.Int64, "counted_date": pl.Date}
NO_COUNTS = pl.DataFrame(schema=COUNTS)
ASSUMPTIONS = default_assumptions()


def demand(*rows: tuple[str, date, int]) -> pl.DataFrame:
    schema = {"product_id": pl.String, "sales_date": pl.Date, "demand_units": pl.Int64}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def test_a_count_less_what_sold_on_the_days_after_it() -> None:
    counts = pl.DataFrame([("A", 100, date(2011, 12, 5))], schema=COUNTS, orient="row")
    sold = demand(
        ("A", date(2011, 12, 5), 7), ("A", date(2011, 12, 6), 30), ("A", date(2011, 12, 9), 5), ("A", ON, 1000)
    )
    row = stock_on_hand(pl.Series(["A"]), counts, sold, on=ON, assumptions=ASSUMPTIONS).row(0, named=True)
    assert (row["on_hand_units"], row["on_hand_source"], row["sold_since_units"]) == (65, "supplied", 35)
    assert (row["level_units"], row["on_hand_date"], row["busiest_units"]) == (100, date(2011, 12, 5), None)


def test_without_a_count_the_assumed_top_up_less_what_sold_since() -> None:
    topped_up = ON - timedelta(days=ASSUMPTIONS.topped_up_days_ago.value)
    cover = ASSUMPTIONS.topped_up_cover_days.value
    sold = demand(
        ("A", topped_up - timedelta(days=1), 20),
        ("A", topped_up - timedelta(days=28), 8),  # the same period: 28 units
        ("A", topped_up - timedelta(days=29), 56),  # the period before: the busiest
        ("A", topped_up - timedelta(days=28 * ASSUMPTIONS.topped_up_periods.value + 1), 999),  # too long ago
        ("A", topped_up, 3),
        ("A", date(2011, 12, 9), 4),
    )
    row = stock_on_hand(pl.Series(["A"]), NO_COUNTS, sold, on=ON, assumptions=ASSUMPTIONS).row(0, named=True)
    assert (row["busiest_units"], row["level_units"]) == (56, 2 * cover)
    assert row["on_hand_units"] == 2 * cover - 7
    assert (row["on_hand_source"], row["on_hand_date"]) == ("assumed", topped_up)


def test_what_was_sold_had_been_there() -> None:
    topped_up = ON - timedelta(days=ASSUMPTIONS.topped_up_days_ago.value)
    cover = ASSUMPTIONS.topped_up_cover_days.value
    before = topped_up - timedelta(days=1)
    sold = demand(
        ("more", before, 28), ("more", topped_up, 2 * cover + 5),  # a unit a day, so two levels and five more
        ("all", before, 28), ("all", topped_up, cover),
        ("new", date(2011, 12, 9), ASSUMPTIONS.topped_up_days_ago.value),
    )  # fmt: skip
    stock = stock_on_hand(pl.Series(["more", "all", "new"]), NO_COUNTS, sold, on=ON, assumptions=ASSUMPTIONS)
    left = dict(stock.select("product_id", "on_hand_units").iter_rows())
    assert left == {"more": cover - 5, "all": cover, "new": cover - ASSUMPTIONS.topped_up_days_ago.value}


def test_a_count_is_never_below_zero_and_every_product_has_some_row() -> None:
    counts = pl.DataFrame([("A", 3, date(2011, 12, 5))], schema=COUNTS, orient="row")
    sold = demand(("A", date(2011, 12, 9), 4))
    stock = stock_on_hand(pl.Series(["A", "never sold"]), counts, sold, on=ON, assumptions=ASSUMPTIONS)
    assert stock.select("product_id", "on_hand_units").rows() == [("A", 0), ("never sold", 0)]
