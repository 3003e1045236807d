"""The value tables: what they say, and what they refuse to say."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from models_ml.value import value
from models_ml.value.bgnbd import BgNbd
from tests.unit.models_ml.value.test_models import simulate

UNTIL = date(2024, 12, 31)


def shop(customers: int = 800, *, spend: float | None = None, seed: int = 3) -> pl.DataFrame:
    """Orders of customers who began in the first half of a year and buy after the model."""
    rng = np.random.default_rng(seed)
    x, last, _ = simulate(BgNbd(1.2, 5.0, 0.8, 3.0, 0.0), customers, 26.0, seed)
    rows = []
    for number in range(customers):
        began = UNTIL - timedelta(days=182 + int(rng.integers(0, 182)))
        days = {0, *np.rint(np.linspace(0, last[number] * 7, int(x[number]) + 1)).astype(int).tolist()}
        mean = rng.gamma(4, 10)
        rows += [(f"c{number}", began + timedelta(days=day), spend or float(rng.gamma(5, mean / 5))) for day in days]
    schema = {"customer_id": pl.String, "order_date": pl.Date, "sales_shop": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


@pytest.fixture(scope="module")
def orders() -> pl.DataFrame:
    return shop()


def parameter(tables: dict[str, pl.DataFrame], name: str) -> float | None:
    found = tables["value_parameter"].filter(parameter=name)["value"].to_list()
    return found[0] if found else None


def test_every_customer_is_valued_and_ranked(orders: pl.DataFrame) -> None:
    tables = value(orders, until=UNTIL, margin_share=0.4)
    table = tables["customer_value"]
    assert table.height == orders["customer_id"].n_unique()
    assert table["value_rank"].sort().to_list() == list(range(1, table.height + 1))
    assert set(table["status"]) == {"fitted"}
    worth = table.filter(pl.col("value_shop") > 1).select(pl.col("value_shop", "value_margin_shop").cast(pl.Float64))
    share = worth["value_margin_shop"] / worth["value_shop"]
    assert share.to_list() == pytest.approx([0.4] * len(share), abs=0.01)
    # A year's orders, valued and discounted, are less than orders times value.
    plain = (
        table.select(pl.col("expected_order_count") * pl.col("expected_order_value_shop").cast(pl.Float64)).sum().item()
    )
    worth = table.select(pl.col("value_shop").cast(pl.Float64)).sum().item()
    assert 0.93 * plain < worth < 0.97 * plain


def test_the_check_adds_up(orders: pl.DataFrame) -> None:
    tables = value(orders, until=UNTIL)
    check = tables["value_calibration"]
    frequency = check.filter(view="frequency")
    assert frequency["actual_value"].sum() == parameter(tables, "holdout_customers")
    assert frequency["predicted_value"].sum() == pytest.approx(frequency["actual_value"].sum())
    held = check.filter(view="holdout")
    total = (held["actual_value"] * held["customer_count"]).sum()
    assert total == pytest.approx(parameter(tables, "holdout_orders_actual"))
    tracking = check.filter(view="tracking").sort("bucket")
    assert tracking["actual_value"].is_sorted()
    assert tracking["predicted_value"].is_sorted()
    assert set(check["view"]) == {"frequency", "holdout", "tracking", "value"}


def test_what_is_not_known_yet_is_not_used(orders: pl.DataFrame) -> None:
    later = orders.with_columns(order_date=pl.lit(UNTIL) + pl.duration(days=3))
    with_future = value(pl.concat([orders, later]), until=UNTIL)
    assert with_future["customer_value"].equals(value(orders, until=UNTIL)["customer_value"])


def test_the_order_of_rows_does_not_matter(orders: pl.DataFrame) -> None:
    shuffled = orders.sample(fraction=1.0, shuffle=True, seed=1)
    for name, table in value(orders, until=UNTIL).items():
        assert table.equals(value(shuffled, until=UNTIL)[name]), name


@pytest.mark.parametrize(
    ("frame", "status"),
    [
        (shop(0), "too_few_customers"),
        (shop(20), "too_few_customers"),
        (shop(300).unique("customer_id", keep="first", maintain_order=True), "no_repeat_buyers"),
        (shop(300).filter(pl.col("customer_id").is_in(["c1", "c2", "c3"]) | pl.col("order_date").eq(
            pl.col("order_date").min().over("customer_id"))), "too_few_repeat_buyers"),
        (shop(300).with_columns(order_date=pl.lit(UNTIL) - pl.duration(
            days=1 + (pl.lit(UNTIL) - pl.col("order_date")).dt.total_days() % 40)), "too_young"),
    ],
)  # fmt: skip
def test_a_thin_history_gives_no_chances(frame: pl.DataFrame, status: str) -> None:
    tables = value(frame, until=UNTIL)
    table = tables["customer_value"]
    assert table["p_alive"].null_count() == table["value_shop"].null_count() == table.height
    assert set(table["status"]) <= {status}
    assert parameter(tables, "r") is None


def test_equal_spending_is_taken_as_it_is() -> None:
    tables = value(shop(spend=25.0), until=UNTIL)
    assert set(tables["customer_value"]["expected_order_value_shop"].cast(pl.Float64)) == {25.0}
    assert set(tables["value_parameter"].filter(model="gamma_gamma")["status"]) == {"constant_spend"}
