"""Elasticity found again in made-up sales, and answers that go the way they must."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from lakehouse.errors import ConfigError
from lakehouse.settings import Settings
from models_ml import inventory
from models_ml.inventory.elasticity import estimate_elasticity
from models_ml.inventory.whatif import Answer, Change
from models_ml.inventory.whatif_run import answer
from tests.support.made_up_forecast import flat_forecasts
from tests.support.made_up_marts import MadeUpReader, made_up_reader

ON = date(2011, 3, 1)


def weeks(true: float, *, products: int = 60, seed: int = 1) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    rows = []
    for product in range(products):
        rate, price = random.uniform(3, 30), random.uniform(1, 20)
        for week in range(50):
            now = price * (0.8 if (week // 10 + product) % 3 == 0 else 1.0)
            season = 1 + 0.8 * np.sin(week / 8)
            units = random.poisson(rate * season * (now / price) ** true)
            if units:
                rows.append((f"P{product}", ON + timedelta(weeks=week), float(units), now))
    return pl.DataFrame(rows, schema=["product_id", "week_date", "units", "price"], orient="row")


def test_an_elasticity_is_found_again() -> None:
    found = estimate_elasticity(weeks(-2.0), assumed=-1.0)
    assert found.source == "estimated"
    assert found.standard_error is not None
    assert abs(found.value + 2.0) < max(3 * found.standard_error, 0.15)
    assert found.standard_error < 0.2


@pytest.mark.parametrize(
    ("data", "why"),
    [(weeks(-2.0, products=5), "5 products"), (weeks(1.5), "not negative"), (weeks(-2.0).clear(), "0 products")],
)
def test_what_prices_do_not_tell_is_assumed(data: pl.DataFrame, why: str) -> None:
    found = estimate_elasticity(data, assumed=-1.8)
    assert (found.value, found.source) == (-1.8, "assumed")
    assert why in found.why


def reader() -> MadeUpReader:
    made = made_up_reader()
    made.execute("alter table fct_order_line add column gross_sales_shop decimal(18, 4)")
    made.execute("alter table fct_order_line add column if not exists channel_id varchar")
    made.execute("update fct_order_line set gross_sales_shop = 2 * demand_quantity, channel_id = 'shop'")
    made.execute("insert into fct_stock_on_hand values ('10001', 1, 5, timestamptz '2011-02-28 18:00:00+00')")
    tables = flat_forecasts(ON, product="10001")
    tables |= inventory.run(
        made, as_of=datetime(2011, 3, 1, tzinfo=UTC), settings=Settings(shop_time_zone="UTC"), forecasts=tables
    )
    made.execute("create schema models")
    for name, frame in tables.items():
        made.register(name, frame.with_columns(run_id=pl.lit("r")))
    return made


def asked(**change: Any) -> Answer:  # noqa: ANN401 - fields of a change
    return answer(reader(), Change(**change))


def test_answers_go_the_way_they_must() -> None:
    usual = asked()
    assert usual.before == usual.after
    assert usual.product_count == 1
    assert 0 < usual.before.sold_units <= usual.before.demand_units == pytest.approx(56)
    cheaper = asked(price_share=-0.1)
    assert cheaper.elasticity is not None
    assert cheaper.elasticity.source == "assumed"
    assert cheaper.after.demand_units == pytest.approx(56 * 0.9**-1.8)
    assert any("assumed" in note for note in cheaper.notes)
    served = asked(service_level=0.99)
    assert served.after.fill_rate >= served.before.fill_rate
    assert served.after.stock_value > served.before.stock_value
    later = asked(lead_time_days=7)
    assert later.after.stock_value > later.before.stock_value
    poor = asked(budget=5.0)
    assert poor.after.order_value <= 5.0
    assert poor.after.margin < poor.before.margin
    assert json.loads(json.dumps(poor.as_dict()))["on"] == "2011-03-01"


def test_a_product_that_is_not_there_is_said() -> None:
    with pytest.raises(ConfigError, match="No product fits"):
        answer(reader(), Change(), products=("none",))
