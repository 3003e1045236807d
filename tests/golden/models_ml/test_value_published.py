"""The parameters that the papers print, from the papers' customers (CDNOW)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from models_ml.value import bgnbd, gamma_gamma
from models_ml.value.fitting import Floats


@pytest.fixture(scope="module")
def customers(shared_data: Path) -> dict[str, Floats]:
    path = shared_data / "cdnow" / "cdnow_customers_summary_with_transactions.csv"
    frame = pl.read_csv(path).cast(pl.Float64)
    return {name: frame[name].to_numpy() for name in ("x", "t_x", "T", "zbar")}


def test_bg_nbd_of_fader_hardie_and_lee(customers: dict[str, Floats]) -> None:
    """Marketing Science 24(2), table 2: r .243, α 4.414, a .793, b 2.426, log likelihood -9582.4."""
    model = bgnbd.fit(customers["x"], customers["t_x"], customers["T"])
    fitted = [round(value, 3) for value in (model.r, model.a, model.b)]
    assert fitted == [0.243, 0.793, 2.426]
    assert model.alpha == pytest.approx(4.414, abs=0.001)
    assert model.log_likelihood == pytest.approx(-9582.4, abs=0.05)
    assert not model.is_at_bound


def test_the_worked_customer(customers: dict[str, Floats]) -> None:
    """Customer 1 of the paper's sheet: 2 repeat purchases, the last in week 30.43 of 38.86; 1.226 in 39 more."""
    model = bgnbd.fit(customers["x"], customers["t_x"], customers["T"])
    one = [np.array([value]) for value in (2.0, 30.43, 38.86)]
    assert model.expected(39.0, *one)[0] == pytest.approx(1.226, abs=0.0005)


def test_gamma_gamma_of_fader_and_hardie(customers: dict[str, Floats]) -> None:
    """The note of 2013: 946 customers who came again; p 6.25, q 3.74, v 15.44 (their summary is rounded to cents)."""
    again = customers["x"] > 0
    assert again.sum() == 946
    model = gamma_gamma.fit(customers["x"][again], customers["zbar"][again])
    assert model.p == pytest.approx(6.25, abs=0.005)
    assert model.q == pytest.approx(3.74, abs=0.005)
    assert model.v == pytest.approx(15.44, abs=0.01)
