"""Seven-day blocks: means of the days that tell of demand."""

from __future__ import annotations

import numpy as np
import pytest

from models_ml.forecasting.blocks import blocks_of


def gathered(units: list[float], out: list[int] | None = None, gross: list[float] | None = None, **more: list[float]):  # type: ignore[no-untyped-def] # noqa: ANN201 - a shorthand of the tests
    demand = np.array([units])
    usable = np.array([[not flag for flag in out or [0] * len(units)]])
    value = np.array([gross or [0.0] * len(units)])
    given = np.array([more.get("discount", [0.0] * len(units))])
    first = np.array([int((demand[0] > 0).argmax())])
    return blocks_of(demand, usable, first, demand, value, given, np.ones(len(units), dtype=np.bool_))


def test_blocks_end_with_the_last_day_and_days_without_stock_do_not_count() -> None:
    blocks = gathered([9.0] + [2.0] * 7 + [4.0, 0, 0, 4, 4, 4, 4], out=[0] * 8 + [0, 1, 1, 0, 0, 0, 0])
    assert blocks.level.tolist() == [[2.0, 4.0]]
    assert blocks.out_share.tolist() == [[0.0, pytest.approx(2 / 7)]]


def test_a_block_without_a_day_that_tells_takes_the_one_before() -> None:
    blocks = gathered([3.0] * 7 + [0.0] * 7 + [5.0] * 7, out=[0] * 7 + [1] * 7 + [0] * 7)
    assert blocks.level.tolist() == [[3.0, 3.0, 5.0]]


def test_prices_are_carried_over_blocks_without_a_sale() -> None:
    units = [2.0] + [0.0] * 6 + [0.0] * 7 + [1.0] + [0.0] * 6
    blocks = gathered(units, gross=[20.0] + [0.0] * 13 + [10.0] + [0.0] * 6, discount=[0.0] * 14 + [4.0] + [0.0] * 6)
    assert blocks.net_price.tolist() == [[10.0, 10.0, 6.0]]
    assert blocks.discount.tolist() == [[0.0, 0.0, 0.4]]


def test_less_than_a_week_is_one_block() -> None:
    assert gathered([1.0, 2.0, 3.0]).level.tolist() == [[2.0]]
    assert gathered([1.0, 2.0, 3.0]).series(at_least=4)[0].tolist() == [2.0, 2.0, 2.0, 2.0]
