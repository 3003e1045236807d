from __future__ import annotations

import numpy as np
import pytest

from models_ml.forecasting.config import default_assumptions
from models_ml.forecasting.series_class import demand_class


@pytest.mark.parametrize(
    ("demand", "expected"),
    [
        ([4, 5, 4, 5, 4, 5], "smooth"),  # every day, sizes alike
        ([1, 30, 1, 1, 1, 40], "erratic"),  # every day, sizes apart
        ([5, 0, 0, 5, 0, 0, 5, 0], "intermittent"),  # ADI 8/3, CV² 0
        ([1, 0, 0, 30, 0, 0, 1, 0], "lumpy"),  # ADI 8/3, CV² above 1
    ],
)
def test_the_four_corners(demand: list[float], expected: str) -> None:
    assert demand_class(np.array(demand, dtype=float), is_new=False, rules=default_assumptions()) == expected


def test_the_cut_offs_are_those_of_syntetos_boylan_and_croston() -> None:
    rules = default_assumptions()
    assert (rules.adi_cutoff, rules.cv2_cutoff) == (1.32, 0.49)
    # 132 days with 100 demands of one size: exactly at the interval's cut-off, which is not below it.
    at_the_edge = np.array([1.0] * 100 + [0.0] * 32)
    assert demand_class(at_the_edge, is_new=False, rules=rules) == "intermittent"
    assert demand_class(at_the_edge[:-1], is_new=False, rules=rules) == "smooth"
    # Sizes 3 and 17: mean 10, standard deviation 7, CV² 0.49.
    assert demand_class(np.array([2.9, 17.1]), is_new=False, rules=rules) == "erratic"
    assert demand_class(np.array([3.1, 16.9]), is_new=False, rules=rules) == "smooth"


def test_a_newcomer_is_new_whatever_it_sells() -> None:
    assert demand_class(np.array([4.0, 5.0]), is_new=True, rules=default_assumptions()) == "new"


def test_a_series_without_demand_has_a_class_too() -> None:
    assert demand_class(np.zeros(10), is_new=False, rules=default_assumptions()) == "lumpy"
