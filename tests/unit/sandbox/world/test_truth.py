"""The truth is true: it agrees with what the simulation does."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from sandbox.world import World, WorldSpec, generate
from sandbox.world.catalogue import FIRST_VARIANT, make_assortment
from sandbox.world.truths import ONE_MORE, affinities


def _sum(frame: pl.DataFrame, column: str) -> float:
    return float(frame.select(pl.col(column).sum()).item())


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A year of one busy, small assortment, without a clickstream."""
    spec = WorldSpec(9, date(2024, 10, 1), date(2025, 9, 30), 70.0, 40, 1_200, 0)
    return generate(tmp_path_factory.mktemp("year"), spec)


def test_lift_is_what_baskets_of_the_design_show() -> None:
    made = make_assortment(WorldSpec.tiny())
    share = made.popularity * made.has_stock / (made.popularity * made.has_stock).sum()
    rng, count = np.random.default_rng(1), 200_000
    lines = rng.geometric(1 - ONE_MORE, count)
    basket = np.repeat(np.arange(count), lines)
    place = np.arange(len(basket)) - np.repeat(np.cumsum(lines) - lines, lines)
    drawn = rng.choice(made.size, len(basket), p=share)
    anchor = drawn[np.arange(len(basket)) - place]
    follows = (place == 1) & (rng.random(len(basket)) < made.attach[anchor])
    drawn = np.where(follows, made.partners[anchor, rng.integers(0, 2, len(basket))], drawn)
    contents = pl.DataFrame({"basket": basket, "variant_id": drawn + FIRST_VARIANT}).unique()
    chance = contents.group_by("variant_id").agg(p=pl.len() / count)
    both = contents.join(contents, on="basket", suffix="_b").group_by("variant_id", "variant_id_b").agg(seen=pl.len())
    rows = (
        affinities(made, share)
        .join(both, left_on=["variant_a", "variant_b"], right_on=["variant_id", "variant_id_b"])
        .join(chance, left_on="variant_a", right_on="variant_id")
        .join(chance, left_on="variant_b", right_on="variant_id", suffix="_b")
        .filter(pl.col("seen") > 300)
        .with_columns(off=pl.col("seen") / count / (pl.col("p") * pl.col("p_b")) / pl.col("lift"))
    )
    assert rows.height > 20
    assert rows["off"].is_between(0.8, 1.25).all()
    assert abs((rows["off"].median() or 0) - 1) < 0.05  # type: ignore[operator]


def test_customers_order_as_often_as_the_truth_says(year: World) -> None:
    known = year.truth("customer_value").join(year.frame("customers"), on="customer_id")
    end = pl.lit(year.spec.last_day).cast(pl.Datetime("us"))
    begin = pl.lit(year.spec.first_day).cast(pl.Datetime("us"))
    active = pl.min_horizontal(pl.col("churned_at").fill_null(end), end) - pl.max_horizontal("created_at", begin)
    orders = year.frame("orders").group_by("customer_id").agg(orders=pl.len())
    rows = known.with_columns(years=active.dt.total_days() / 365).join(orders, on="customer_id", how="left")
    rows = rows.with_columns(pl.col("orders").fill_null(0), due=pl.col("expected_orders_per_year") * pl.col("years"))
    assert 0.8 < _sum(rows, "orders") / _sum(rows, "due") < 1.05
    assert rows.select(pl.corr("orders", "due")).item() > 0.8
    buys_late = year.frame("orders").join(known, on="customer_id").filter(
        pl.col("created_at") > pl.col("churned_at") + pl.duration(days=1)
    )  # fmt: skip
    assert buys_late.is_empty()


def test_demand_follows_the_seasons_of_the_truth(year: World) -> None:
    products = year.frame("variants").join(year.frame("products"), on="product_id")
    demand = year.truth("true_demand").join(products.select("variant_id", "category_id", "created_at"), on="variant_id")
    old = demand.filter(pl.col("created_at").dt.date() < year.spec.first_day)
    monthly = old.group_by("category_id", month=pl.col("date").dt.month().cast(pl.Int64)).agg(pl.col("units").sum())
    share = monthly.with_columns(seen=pl.col("units") / pl.col("units").sum().over("month"))
    rows = share.join(year.truth("seasonality"), on=["category_id", "month"])
    rows = rows.filter(pl.col("units").sum().over("category_id") > 600)
    relation = rows.group_by("category_id").agg(
        r=pl.corr(pl.col("seen"), pl.col("factor")), swing=pl.col("factor").max() / pl.col("factor").min()
    )  # fmt: skip
    assert relation.filter(pl.col("swing") > 3)["r"].min() > 0.7  # type: ignore[operator]


def test_black_friday_is_the_peak_and_christmas_day_is_quiet(year: World) -> None:
    daily = year.frame("orders").group_by(day=pl.col("created_at").dt.date()).agg(orders=pl.len()).sort("day")
    mean = _sum(daily, "orders") / year.spec.days
    top = daily.sort("orders", descending=True)["day"].head(2).to_list()
    assert date(2024, 11, 29) in top
    by_day = dict(daily.iter_rows())
    assert 3 < by_day[date(2024, 11, 29)] / mean < 7
    assert by_day[date(2024, 12, 25)] < 0.8 * mean
    week = (
        daily.filter(pl.col("day") > date(2025, 1, 10))
        .group_by(pl.col("day").dt.weekday())
        .agg(pl.col("orders").mean())
    )
    curve = dict(week.iter_rows())
    assert curve[7] > curve[6]
    assert curve[1] > curve[5]


def test_a_merchant_would_believe_these_figures(year: World) -> None:
    orders = year.frame("orders").filter(~pl.col("is_test"))
    assert 0.02 < _sum(year.truth("lost_sales"), "units") / _sum(year.truth("true_demand"), "units") < 0.15
    lines = year.frame("order_lines").filter(pl.col("kind") == "product").join(orders, on="order_id")
    lines = lines.join(year.frame("variants"), on="variant_id").filter(pl.col("currency") == "GBP")
    net = pl.col("current_quantity") * pl.col("unit_price_minor") - pl.col("discount_minor")
    net = net - pl.when("taxes_included").then("tax_minor").otherwise(0)
    cost = (lines["cost_minor"] * lines["current_quantity"]).sum()
    assert 0.4 < 1 - cost / lines.select(net.sum()).item() < 0.65
    per_order = year.frame("order_lines").filter(pl.col("kind") != "shipping").group_by("order_id").len()
    assert 1.3 < (per_order["len"].mean() or 0) < 2.2  # type: ignore[operator]
    returned = _sum(year.frame("returns"), "quantity") / _sum(year.frame("order_lines"), "fulfilled_quantity")
    assert 0.02 < returned < 0.12
    stars = year.frame("reviews")["rating"].mean() or 0
    assert 3.6 < stars < 4.5  # type: ignore[operator]


def test_conversion_and_abandonment_are_those_of_a_shop(tiny: World) -> None:
    sessions = tiny.frame("events").group_by("session_no").agg(
        bought=(pl.col("kind") == "purchase").any(), filled=(pl.col("kind") == "add_to_cart").any()
    )  # fmt: skip
    bought = _sum(sessions, "bought")
    assert 0.02 < bought / sessions.height < 0.045
    assert 0.6 < 1 - bought / _sum(sessions, "filled") < 0.8
