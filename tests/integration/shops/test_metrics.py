"""Every measure of models/metrics, worked out on the demo's warehouse, and compared where a report shows it."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from lakehouse.metrics import Metric, metrics
from lakehouse.warehouse import Reader

pytestmark = pytest.mark.integration
# Shares of a whole; others may be above one (returns of an earlier period's sales) or have no upper end.
_SHARES = {"rate": 1.5, "pct": 150.0}


@pytest.mark.parametrize("one", metrics().values(), ids=metrics().keys())
def test_it_has_a_value_that_its_unit_allows(one: Metric, reader: Reader) -> None:
    ((value,),) = reader.rows(one.query)
    assert value is not None, one.query
    assert math.isfinite(float(value))
    # whoever is paid before paying the suppliers has a cash conversion below zero
    if one.unit in {"count", "units", "days", "hours", "minutes"} and one.metric_id != "cash_conversion":
        assert value >= 0
    if one.unit in _SHARES:
        assert abs(float(value)) <= _SHARES[one.unit]


def test_the_published_list_is_the_definitions(reader: Reader) -> None:
    told = {row[0]: row[1:] for row in reader.rows("select metric_id, mart, time_column, expression from rpt_metric")}
    assert told == {one.metric_id: (one.mart, one.time_column, one.expression) for one in metrics().values()}


def test_the_weekly_figures_are_the_measures_of_their_weeks(reader: Reader) -> None:
    shown = reader.rows("select week_start_date, kpi_id, value, unit, good_direction from rpt_weekly_kpi")
    assert len({kpi for _, kpi, *_ in shown}) == 9
    for week, kpi, value, unit, direction in shown:
        one = metrics()[kpi]
        days = f"{one.time_column} between '{week}' and '{week + timedelta(days=6)}'"
        ((found,),) = reader.rows(f"select {one.expression} from {one.mart} where {days}")
        assert value is None if found is None else math.isclose(float(found), value, rel_tol=1e-12), (week, kpi)
        assert unit == one.unit
        assert direction == {"up_is_good": "up", "down_is_good": "down", "neutral": "none"}[one.direction]
