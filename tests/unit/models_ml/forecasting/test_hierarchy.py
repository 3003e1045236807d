"""Shares of the channels, and levels that add up to the last bit."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from models_ml.forecasting.config import default_assumptions
from models_ml.forecasting.hierarchy import channel_shares, demand_forecast

START = date(2011, 3, 7)
RULES = default_assumptions()
CATEGORIES = {"A": "Tools", "B": "Toys", "C": "Toys"}


def forecast() -> pl.DataFrame:
    random = np.random.default_rng(3)
    return pl.DataFrame(
        {
            "product_id": np.repeat(["A", "B", "C", "D"], 28),
            "forecast_date": [START + timedelta(days=day) for day in range(28)] * 4,
            "demand_units": random.lognormal(0, 2, 4 * 28),
        }
    )


def sold(*rows: tuple[str, str, int, float]) -> pl.DataFrame:
    return pl.DataFrame(
        [(product, channel, START - timedelta(days=ago), units) for product, channel, ago, units in rows],
        schema={"product_id": pl.String, "channel_id": pl.String, "sales_date": pl.Date, "demand_units": pl.Float64},
        orient="row",
    )


SOLD = sold(("A", "web", 3, 70.0), ("A", "pos", 3, 10.0), ("B", "pos", 9, 20.0), ("B", "old", 200, 500.0))


def test_shares_are_the_product_s_own_drawn_towards_the_shop_s() -> None:
    shares = channel_shares(SOLD, pl.Series(["A", "B", "D"]), start=START, rules=RULES)
    by_key = {(product, channel): share for product, channel, share in shares.iter_rows()}
    # The shop sold 70 of 100 on the web; ten units of the shop's own pattern count beside the product's.
    assert by_key["A", "web"] == pytest.approx((70 + 7) / (80 + 10))
    assert by_key["B", "web"] == pytest.approx(7 / 30)
    assert by_key["D", "pos"] == pytest.approx(0.3)
    assert "old" not in set(shares["channel_id"])


def test_what_comes_on_or_after_the_start_tells_nothing_of_shares() -> None:
    later = pl.concat([SOLD, sold(("A", "app", 0, 900.0))])
    products = pl.Series(["A", "B"])
    assert channel_shares(later, products, start=START, rules=RULES).equals(
        channel_shares(SOLD, products, start=START, rules=RULES)
    )


def test_every_level_is_the_sum_of_the_lowest_to_the_last_bit() -> None:
    table = demand_forecast(forecast(), SOLD, CATEGORIES, start=START, rules=RULES)
    sums = table.group_by("level", "period_kind").agg(pl.col("demand_units").sum())
    assert sums.height == 8
    assert sums["demand_units"].n_unique() == 1
    days = table.filter(period_kind="day", level="category").with_columns(
        period_start=pl.lit(START) + pl.duration(days=((pl.col("period_start") - START).dt.total_days() // 7) * 7)
    )
    weeks = days.group_by("series_id", "period_start").agg(pl.col("demand_units").sum())
    both = weeks.join(
        table.filter(period_kind="week", level="category"), on=["series_id", "period_start"], validate="1:1"
    )
    assert both.height == 3 * 4
    assert (both["demand_units"] == both["demand_units_right"]).all()
    assert set(table.filter(level="category")["series_id"]) == {"Tools", "Toys", "(none)"}


def test_the_sums_are_those_of_the_products() -> None:
    said = forecast()
    table = demand_forecast(said, SOLD, CATEGORIES, start=START, rules=RULES)
    own = table.filter(period_kind="day", level="product_channel").group_by("product_id", "period_start")
    both = own.agg(pl.col("demand_units").sum()).join(
        said, left_on=["product_id", "period_start"], right_on=["product_id", "forecast_date"]
    )
    assert both["demand_units"].to_numpy() == pytest.approx(both["demand_units_right"].to_numpy(), abs=1e-5)


def test_a_shop_that_tells_no_channels_has_one() -> None:
    table = demand_forecast(forecast(), sold(), {}, start=START, rules=RULES)
    assert set(table.filter(level="product_channel")["channel_id"]) == {"(none)"}
    assert demand_forecast(forecast().clear(), SOLD, CATEGORIES, start=START, rules=RULES).is_empty()
