"""Days unlike the days before them: found where something happened, and seldom where nothing did."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from models_ml.anomalies import detect
from models_ml.anomalies.run import ANOMALY
from tests.support.unusual_days import FIRST, clean, faults, told

NO_VISITS = pl.DataFrame(schema={"day": pl.Date, "channel_id": pl.String, "sessions": pl.Float64})
PLAIN = pl.DataFrame(schema={"day": pl.Date, "is_holiday": pl.Boolean, "is_event": pl.Boolean})


def test_faults_are_found_and_clean_days_left_alone() -> None:
    sales, visits = clean(seed=5)
    alarms = told(detect(sales, visits, PLAIN)["anomaly"])
    assert len(alarms) <= 60 / 7  # at most one a week, of all channels and metrics together
    found = [fault for fault in faults(seed=5, count=30) if fault.where & told(fault.detect())]
    assert len(found) >= 27


def test_an_expectation_never_looks_ahead() -> None:
    sales, visits = clean(seed=6)
    whole = detect(sales, visits, PLAIN)["anomaly"]
    until = sales["day"].max()
    assert isinstance(until, date)
    cut = until - timedelta(days=10)
    earlier = detect(sales.filter(pl.col("day") <= cut), visits.filter(pl.col("day") <= cut), PLAIN)["anomaly"]
    shared = whole.join(earlier, on=["day", "channel_id", "metric"], suffix="_then")
    assert shared.height > 100
    # what is typical of an amount is known of the whole span; it only moves where logarithms begin
    assert (shared["direction"] == shared["direction_then"]).mean() > 0.99  # type: ignore[operator]


def test_holidays_and_events_are_never_told_and_leave_no_trace() -> None:
    sales, visits = clean(seed=7)
    begin = FIRST + timedelta(days=150)
    event = [begin, begin + timedelta(days=3)]
    wild = (pl.col("day") >= begin) & (pl.col("day") <= event[1])
    lifted = sales.with_columns(
        pl.when(wild).then(pl.col(name) * 4).otherwise(name).alias(name) for name in ("orders", "sales", "units")
    )
    days = pl.DataFrame({"day": event, "is_holiday": [False, False], "is_event": [True, True]})
    before, after = told(detect(sales, visits, days)["anomaly"]), told(detect(lifted, visits, days)["anomaly"])
    assert after == before
    assert told(detect(lifted, visits, PLAIN)["anomaly"]) - before


def test_a_new_level_is_told_for_some_days_and_then_usual() -> None:
    days = [FIRST + timedelta(days=number) for number in range(120)]
    level = np.where(np.arange(120) < 80, 100.0, 300.0)
    sales = pl.DataFrame(
        {"day": days, "channel_id": ["web"] * 120, "orders": level, "sales": level * 20, "units": level * 2,
         "refunds": level / 20}
    )  # fmt: skip
    found = detect(sales, NO_VISITS, PLAIN)["anomaly"].filter(
        pl.col("metric") == "orders", pl.col("direction") != "usual"
    )
    assert found["day"].min() == days[80]
    assert found["day"].max() < days[80 + 21]  # type: ignore[operator]


@pytest.mark.parametrize("days", [0, 1, 8, 20])
def test_without_history_nothing_is_judged(days: int) -> None:
    sales, visits = clean(seed=1)
    some = FIRST + timedelta(days=days)
    result = detect(sales.filter(pl.col("day") < some), visits.filter(pl.col("day") < some), PLAIN)["anomaly"]
    assert dict(result.schema) == ANOMALY
    assert result.filter(pl.col("direction") != "usual").is_empty()


def test_a_small_channel_has_no_usual_day() -> None:
    sales, visits = clean(seed=2)
    small = sales.with_columns(orders=pl.col("orders") / 100)
    assert "orders" not in detect(small, visits, PLAIN)["anomaly"]["metric"].to_list()
