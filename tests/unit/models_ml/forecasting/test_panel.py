from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from lakehouse.errors import ContractError
from models_ml.forecasting.config import default_assumptions
from models_ml.forecasting.panel import DemandPanel

RULES = default_assumptions()


def demand(*rows: tuple[str, date, float]) -> pl.DataFrame:
    schema = {"product_id": pl.String, "sales_date": pl.Date, "demand_units": pl.Float64}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def test_days_without_a_row_are_without_demand() -> None:
    panel = DemandPanel.build(
        demand(("B", date(2011, 3, 1), 2), ("A", date(2011, 3, 4), 7), ("B", date(2011, 3, 4), 1)),
        until=date(2011, 3, 20),
        rules=RULES,
    )
    assert panel is not None
    assert panel.product_ids == ("A", "B")
    assert panel.units.tolist() == [[0, 0, 0, 7], [2, 0, 0, 1]]
    assert panel.first_sale.tolist() == [3, 0]
    assert panel.last_sale.tolist() == [3, 3]
    assert panel.totals() == {date(2011, 3, 1): 2, date(2011, 3, 4): 8}


def test_days_after_the_last_that_came_in_are_unknown_not_empty() -> None:
    panel = DemandPanel.build(demand(("A", date(2011, 3, 4), 7)), until=date(2011, 3, 20), rules=RULES)
    assert panel is not None
    assert panel.last == date(2011, 3, 4)


def test_the_as_of_date_itself_and_very_old_days_are_not_read() -> None:
    frame = demand(("A", date(2001, 3, 4), 9), ("A", date(2011, 3, 4), 7), ("A", date(2011, 3, 5), 8))
    panel = DemandPanel.build(frame, until=date(2011, 3, 5), rules=RULES)
    assert panel is not None
    assert panel.units.tolist() == [[7]]


def test_negative_demand_is_none() -> None:
    assert DemandPanel.build(demand(("A", date(2011, 3, 4), -7)), until=date(2011, 4, 1), rules=RULES) is None


def test_what_was_known_at_an_origin_has_no_later_products() -> None:
    panel = DemandPanel.build(
        demand(("A", date(2011, 3, 1), 1), ("B", date(2011, 3, 3), 1)), until=date(2011, 4, 1), rules=RULES
    )
    assert panel is not None
    known = panel.known_at(2)
    assert known.product_ids == ("A",)
    assert known.units.shape == (1, 2)


def test_active_means_sold_within_the_days() -> None:
    panel = DemandPanel.build(
        demand(("A", date(2011, 3, 1), 1), ("B", date(2011, 3, 2), 1), ("B", date(2011, 3, 10), 1)),
        until=date(2011, 4, 1),
        rules=RULES,
    )
    assert panel is not None
    assert panel.active(9).tolist() == [False, True]
    assert panel.active(10).tolist() == [True, True]


def test_two_rows_for_a_day_and_nulls_are_refused() -> None:
    row = ("A", date(2011, 3, 1), 1.0)
    with pytest.raises(ContractError, match="repeated in 1"):
        DemandPanel.build(demand(row, row), until=date(2011, 4, 1), rules=RULES)
    with pytest.raises(ContractError, match="nulls"):
        DemandPanel.build(
            demand(row).with_columns(demand_units=pl.lit(None, dtype=pl.Float64)), until=date(2011, 4, 1), rules=RULES
        )
