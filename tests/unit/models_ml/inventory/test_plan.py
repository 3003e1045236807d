from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from lakehouse.errors import ContractError
from models_ml.inventory.config import InventoryAssumptions, assumption_table, default_assumptions
from models_ml.inventory.plan import INVENTORY_POLICY, plan
from models_ml.tables import MONEY
from tests.support.made_up_forecast import flat_forecasts

ON = date(2011, 12, 10)
COUNTS = {"product_id": pl.String, "on_hand_units": pl.Int64, "counted_date": pl.Date}
SUPPLY: dict[str, Any] = {
    "product_id": pl.String,
    "supplier_name": pl.String,
    "lead_time_days": pl.Int64,
    "unit_cost_shop": MONEY,
    "minimum_order_units": pl.Int64,
    "pack_units": pl.Int64,
}


def by_class() -> InventoryAssumptions:
    """The assumptions of the file, with service by class."""
    usual = default_assumptions()
    objective = usual.objective.model_copy(update={"value": "service_level"})
    return usual.model_copy(update={"objective": objective})


def planned(**changes: Any) -> dict[str, pl.DataFrame]:  # noqa: ANN401 - frames and assumptions by name
    inputs: dict[str, Any] = {
        "products": pl.DataFrame(
            {"product_id": ["A", "B"], "abc_class": ["B", "C"], "current_price_shop": [Decimal("2.99"), None]},
            schema={"product_id": pl.String, "abc_class": pl.String, "current_price_shop": MONEY},
        ),
        "demand": pl.DataFrame(
            [("A", ON - timedelta(days=1), 5)],
            schema={"product_id": pl.String, "sales_date": pl.Date, "demand_units": pl.Int64},
            orient="row",
        ),
        "counts": pl.DataFrame(schema=COUNTS),
        "supply": pl.DataFrame(schema=SUPPLY),
        "forecasts": flat_forecasts(ON),
        "on": ON,
        "assumptions": by_class(),
    }
    return plan(**(inputs | changes))


def row_of(tables: dict[str, pl.DataFrame], product: str) -> dict[str, Any]:
    return tables["inventory_policy"].row(by_predicate=pl.col("product_id") == product, named=True)


def test_everything_assumed_is_named_so() -> None:
    row = row_of(planned(), "A")
    sources = ("supplier_source", "on_hand_source", "lead_time_source", "unit_cost_source")
    assert [row[name] for name in sources] == ["assumed"] * 4
    assert row["unit_cost_shop"] == Decimal("1.4950")
    assert row["lead_time_days"] == 14


def test_the_order_is_what_the_quantiles_say() -> None:
    """Class B, 90 %: 21 days × 2 a day × 2 = 84 up to; sold out; packs of six: 84."""
    sold_out = pl.DataFrame([("A", 0, ON - timedelta(days=1))], schema=COUNTS, orient="row")
    row = row_of(planned(counts=sold_out), "A")
    assert (row["on_hand_units"], row["order_up_to_units"], row["reorder_point_units"]) == (0, 84, 56)
    assert (row["safety_stock_units"], row["order_units"], row["action"]) == (42, 84, "order_now")
    assert row["order_value_shop"] == Decimal("125.5800")
    assert (row["cover_days"], row["runout_date"]) == (0, ON)


def test_supplied_stock_and_terms_win() -> None:
    counts = pl.DataFrame([("A", 60, ON - timedelta(days=1))], schema=COUNTS, orient="row")
    supply = pl.DataFrame([("A", "Acme", 7, Decimal("1.10"), 50, 25)], schema=SUPPLY, orient="row")
    row = row_of(planned(counts=counts, supply=supply), "A")
    sources = ("supplier_source", "on_hand_source", "lead_time_source", "unit_cost_source")
    assert [row[name] for name in sources] == ["supplied"] * 4
    assert (row["supplier_name"], row["lead_time_days"], row["on_hand_units"]) == ("Acme", 7, 60)
    # 14 days × 2 × 2 = 56 up to: enough on hand.
    assert (row["order_up_to_units"], row["order_units"], row["action"]) == (56, 0, "ok")
    assert row["runout_date"] == ON + timedelta(days=30)


def test_a_product_without_a_forecast_is_not_bought() -> None:
    row = row_of(planned(), "B")
    assert (row["action"], row["order_units"], row["daily_demand_units"]) == ("no_demand", 0, 0)
    assert (row["cover_days"], row["runout_date"]) == (None, None)
    assert (row["unit_cost_shop"], row["unit_cost_source"], row["order_value_shop"]) == (None, "unknown", None)


def test_the_reason_is_enough_to_work_the_order_out_again() -> None:
    row = row_of(planned(), "A")
    said = json.loads(row["reason"])
    level = -(-said["protected_demand_units"] // 1)
    on_hand = max(0, said["on_hand_level_units"] - said["sold_since_units"])
    wanted = max(level - on_hand, said["minimum_order_units"])
    packs = -(-wanted // said["pack_units"])
    assert packs * said["pack_units"] == row["order_units"] > 0


def test_a_run_out_beyond_the_limit_has_no_date() -> None:
    counts = pl.DataFrame([("A", 10_000, ON)], schema=COUNTS, orient="row")
    row = row_of(planned(counts=counts), "A")
    assert row["cover_days"] == pytest.approx(5000)
    assert row["runout_date"] is None


def test_the_tables_have_their_declared_shape_even_when_empty() -> None:
    products = pl.DataFrame(schema={"product_id": pl.String, "abc_class": pl.String, "current_price_shop": MONEY})
    table = planned(products=products)["inventory_policy"]
    assert table.is_empty()
    assert dict(table.schema) == INVENTORY_POLICY


def test_two_terms_for_a_product_are_refused() -> None:
    supply = pl.DataFrame([("A", None, 7, None, None, None)] * 2, schema=SUPPLY, orient="row")
    with pytest.raises(ContractError, match=r"supply terms.*repeated"):
        planned(supply=supply)


def test_a_forecast_of_another_date_is_refused() -> None:
    with pytest.raises(ContractError, match=r"begins on 2011-12-10, the purchase list is of 2011-12-11"):
        planned(on=ON + timedelta(days=1))


def test_every_assumption_is_a_row_with_a_reason() -> None:
    table = assumption_table(default_assumptions())
    assert set(table["assumption_id"]) == set(InventoryAssumptions.model_fields)
    assert all(len(text) > 20 for text in table["explanation"])
    assert dict(table.select("assumption_id", "value").iter_rows())["pack_tiers"] == (
        "12 below 2.50, 6 below 10.00, 1 above"
    )


@pytest.mark.parametrize(
    ("price", "pack"), [("0.42", 12), ("2.50", 6), ("9.99", 6), ("10.00", 1), ("250", 1), (None, 1)]
)
def test_packs_by_price(price: str | None, pack: int) -> None:
    assert default_assumptions().pack_units(None if price is None else Decimal(price)) == pack


def test_price_tiers_that_do_not_rise_are_refused() -> None:
    values = default_assumptions().model_dump()
    values["pack_tiers"]["value"] = [{"below_price": "5", "units": 2}, {"below_price": "4", "units": 1}]
    with pytest.raises(ValidationError, match="no price limit"):
        InventoryAssumptions.model_validate(values)
    values["pack_tiers"]["value"].append({"below_price": None, "units": 1})
    with pytest.raises(ValidationError, match="must rise"):
        InventoryAssumptions.model_validate(values)
