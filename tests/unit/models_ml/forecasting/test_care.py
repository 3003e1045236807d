"""Champions that stay, and forecasts that are held against what came."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from models_ml.forecasting.backtest import Accuracy
from models_ml.forecasting.candidates import BASELINE
from models_ml.forecasting.care import before, drift, run_table
from models_ml.forecasting.champion import choose
from models_ml.forecasting.config import default_assumptions

START = date(2011, 3, 7)
RULES = default_assumptions()


def scores(wape: dict[str, float], bias: dict[str, float] | None = None) -> dict[str, dict[int, Accuracy]]:
    said = bias or {}
    return {model: {28: Accuracy(value, None, said.get(model, 0.0), 50)} for model, value in wape.items()}


def test_the_champion_stays_unless_another_is_better_by_the_margin() -> None:
    table = scores({BASELINE: 1.0, "tsb": 0.80, "adida": 0.79, "theta": 0.70})
    assert choose(table, incumbent="adida", margin_pct=2) == "theta"
    close = scores({BASELINE: 1.0, "tsb": 0.80, "adida": 0.79})
    assert choose(close, incumbent="tsb", margin_pct=2) == "tsb"
    assert choose(close, incumbent="tsb", margin_pct=1) == "adida"
    assert choose(close) == "adida"


@pytest.mark.parametrize("incumbent", ["gone", BASELINE, "tsb"], ids=["not tried any more", "the baseline", "worse"])
def test_a_champion_that_does_not_beat_the_baseline_has_no_margin(incumbent: str) -> None:
    assert choose(scores({BASELINE: 1.0, "tsb": 1.1, "adida": 0.99}), incumbent=incumbent, margin_pct=5) == "adida"


def test_low_errors_by_forecasting_next_to_nothing_do_not_win() -> None:
    table = scores({BASELINE: 1.0, "lightgbm": 0.7, "tsb": 0.9}, bias={"lightgbm": -60.0, "tsb": -5.0, BASELINE: 3.0})
    assert choose(table) == "lightgbm"
    assert choose(table, max_bias_pct=30) == "tsb"
    off = scores({BASELINE: 1.0, "lightgbm": 0.7}, bias={"lightgbm": -60.0, BASELINE: -70.0})
    assert choose(off, max_bias_pct=30) == "lightgbm"


def told(units: float) -> dict[str, pl.DataFrame]:
    days = [START - timedelta(days=10 - day) for day in range(28)]
    return {
        "product_forecast": pl.DataFrame(
            {
                "product_id": ["A"] * 28,
                "forecast_date": days,
                "demand_units": [units] * 28,
                "series_class": ["lumpy"] * 28,
            }
        ),
        "forecast_accuracy": pl.DataFrame(
            {
                "level": ["product", "product", "total"],
                "series_class": ["lumpy", "lumpy", "total"],
                "is_champion": [True, False, True],
                "horizon_days": [1, 1, 1],
                "wape": [0.5, 9.0, 9.0],
            }
        ),
        "forecast_champion": pl.DataFrame({"series_class": ["lumpy"], "model": ["tsb"]}),
    }


def came(units: float, count: int = 10) -> pl.DataFrame:
    days = [START - timedelta(days=10 - day) for day in range(count)]
    return pl.DataFrame({"product_id": ["A"] * count, "sales_date": days, "demand_units": [units] * count})


def test_a_forecast_twice_too_high_has_drifted_and_calls_its_champion_into_question() -> None:
    table = drift(told(8.0), came(4.0), until=START, rules=RULES)
    row = table.filter(series_class="lumpy").row(0, named=True)
    assert (row["day_count"], row["wape"], row["ratio"], row["bias_pct"]) == (10, 1.0, 2.0, 100.0)
    assert row["is_drifted"]
    known = before(told(8.0), table)
    assert known.champions == {"lumpy": "tsb"}
    assert "lumpy" in known.drifted


@pytest.mark.parametrize(
    ("units", "days"), [(4.4, 10), (8.0, 3)], ids=["within the errors of its backtest", "too few days"]
)
def test_no_drift(units: float, days: int) -> None:
    assert not drift(told(units), came(4.0, days), until=START, rules=RULES)["is_drifted"].any()


def test_the_first_run_has_nothing_to_look_back_on() -> None:
    nothing: dict[str, pl.DataFrame] = {}
    for previous in (None, nothing):
        table = drift(previous, came(4.0), until=START, rules=RULES)
        assert table.is_empty()
        assert not before(previous, table).champions


def test_the_run_says_what_it_was_made_with() -> None:
    entries = dict(run_table(START, RULES, came(4.0)).iter_rows())
    assert entries["data.last_date"] == "2011-03-06"
    assert entries["assumption.horizon_days"] == "28"
    assert entries["library.lightgbm"]
