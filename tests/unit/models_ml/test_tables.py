from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest
from pydantic import BaseModel

from lakehouse.errors import ConfigError, ContractError
from models_ml.forecasting.config import default_assumptions as forecast_assumptions
from models_ml.tables import conform, load_assumptions, local_date, require_columns, require_key

SCHEMA = {"product_id": pl.String, "units": pl.Int64}


def test_as_of_late_in_the_evening_in_utc_is_the_next_day_in_tokyo() -> None:
    moment = datetime(2011, 12, 9, 20, tzinfo=UTC)
    assert local_date(moment, "Asia/Tokyo") == date(2011, 12, 10)
    assert local_date(moment, "Europe/London") == date(2011, 12, 9)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ContractError, match="no time zone"):
        local_date(datetime(2011, 12, 9), "Europe/London")  # noqa: DTZ001 - the very thing that is refused


def test_results_come_out_in_declared_order_and_sorted_by_key() -> None:
    frame = pl.DataFrame({"units": [2, 1], "product_id": ["B", "A"]})
    done = conform(frame, SCHEMA, table="t", keys=["product_id"])
    assert done.columns == ["product_id", "units"]
    assert done.rows() == [("A", 1), ("B", 2)]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pl.DataFrame({"product_id": ["A"]}), r"missing columns \['units'\]"),
        (pl.DataFrame({"product_id": ["A"], "units": [1], "more": [1]}), r"unknown columns \['more'\]"),
        (pl.DataFrame({"product_id": ["A"], "units": [1.5]}), "undeclared type: .*Float64"),
        (pl.DataFrame({"product_id": ["A", "A"], "units": [1, 2]}), "repeated in 1"),
        (pl.DataFrame({"product_id": [None, "A"], "units": [1, 2]}, schema=SCHEMA), "null in 1 rows"),
    ],
)
def test_results_that_break_their_schema_are_refused(frame: pl.DataFrame, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        conform(frame, SCHEMA, table="t", keys=["product_id"])


def test_inputs_are_checked_for_columns_and_nulls_and_keys() -> None:
    frame = pl.DataFrame({"product_id": ["A", "A"], "units": [1, None]})
    with pytest.raises(ContractError, match=r"lacks the columns \['price'\]"):
        require_columns(frame, ["price"], table="t")
    with pytest.raises(ContractError, match=r"nulls in \['units'\]"):
        require_columns(frame, ["units"], table="t")
    with pytest.raises(ContractError, match="repeated in 1"):
        require_key(frame, table="t", keys=["product_id"])


def test_an_assumption_that_does_not_fit_is_named() -> None:
    class Strange(BaseModel):
        never_written: int

    with pytest.raises(ConfigError, match=r"assumptions\.yml: never_written"):
        load_assumptions(Strange, "models_ml.forecasting")


def test_the_repository_s_forecast_assumptions_hold_together() -> None:
    rules = forecast_assumptions()
    assert max(rules.cumulative_horizons) <= rules.horizon_days
    assert sorted(set(rules.cumulative_horizons)) == list(rules.cumulative_horizons)
    assert rules.min_train_days >= rules.horizon_days
