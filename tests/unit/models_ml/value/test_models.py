"""The formulas against simulation and numbers, where no paper prints them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime  # type: ignore[import-untyped]

from models_ml.value import bgnbd, gamma_gamma
from models_ml.value.bgnbd import BgNbd
from models_ml.value.fitting import Floats
from models_ml.value.gamma_gamma import GammaGamma


def simulate(model: BgNbd, count: int, span: float, seed: int) -> tuple[Floats, Floats, Floats]:
    """Repeat purchases, time of the last, and purchases in as long again, of customers after the model."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(model.r, 1 / model.alpha, count)
    leaving = rng.beta(model.a, model.b, count)
    x, last, later, now = np.zeros(count), np.zeros(count), np.zeros(count), np.zeros(count)
    active = np.ones(count, dtype=bool)
    while active.any():
        now = np.where(active, now + rng.exponential(1 / np.maximum(rate, 1e-12)), now)
        active &= now <= 2 * span
        first = active & (now <= span)
        x, later = x + first, later + (active & ~first)
        last = np.where(first, now, last)
        active &= rng.random(count) > leaving
    return x, last, later


MODEL = BgNbd(r=0.8, alpha=6.0, a=0.9, b=2.5, log_likelihood=0.0)
SPAN = 40.0


@pytest.fixture(scope="module")
def simulated() -> tuple[Floats, Floats, Floats]:
    return simulate(MODEL, 30_000, SPAN, seed=7)


def test_expectations_are_what_simulated_customers_do(simulated: tuple[Floats, Floats, Floats]) -> None:
    x, last, later = simulated
    predicted = MODEL.expected(SPAN, x, last, np.full_like(x, SPAN))
    for low, high in ((0, 0), (1, 2), (3, 99)):
        some = (x >= low) & (x <= high)
        error = 4 * later[some].std() / np.sqrt(some.sum())
        assert predicted[some].mean() == pytest.approx(later[some].mean(), abs=error)
    assert MODEL.expected_from_start(np.array([SPAN]))[0] == pytest.approx(x.mean(), rel=0.03)


def test_the_shares_of_buyers_are_the_simulated_ones(simulated: tuple[Floats, Floats, Floats]) -> None:
    x = simulated[0]
    shares = MODEL.share_buying(np.arange(400.0), SPAN)
    assert shares.sum() == pytest.approx(1, abs=1e-6)
    assert shares[:4] == pytest.approx([(x == bought).mean() for bought in range(4)], abs=0.012)


def test_the_fit_finds_the_parameters_again(simulated: tuple[Floats, Floats, Floats]) -> None:
    x, last, _ = simulated
    found = bgnbd.fit(x, last, np.full_like(x, SPAN))
    assert [found.r, found.alpha] == pytest.approx([0.8, 6.0], rel=0.06)
    assert found.a / (found.a + found.b) == pytest.approx(0.9 / 3.4, rel=0.1)


def test_the_unit_of_time_does_not_matter(simulated: tuple[Floats, Floats, Floats]) -> None:
    x, last, _ = (column[:3000] for column in simulated)
    weeks = bgnbd.fit(x, last, np.full_like(x, SPAN))
    days = bgnbd.fit(x, last * 7, np.full_like(x, SPAN * 7))
    assert [days.r, days.alpha / 7, days.a, days.b] == pytest.approx([weeks.r, weeks.alpha, weeks.a, weeks.b], rel=1e-4)


positive = st.floats(0.05, 20)


@settings(max_examples=40, deadline=None)
@given(r=positive, alpha=positive, a=positive, b=positive, x=st.integers(0, 2000), share=st.floats(0, 1))
def test_whatever_the_customer_the_numbers_are_sane(
    r: float, alpha: float, a: float, b: float, x: int, share: float
) -> None:
    """Two thousand purchases overflow the formula as it is printed."""
    model = BgNbd(r, alpha, a, b, 0.0)
    one = np.array([float(x)]), np.array([100 * share * (x > 0)]), np.array([100.0])
    chance = model.p_alive(*one)[0]
    near, far = model.expected(10.0, *one)[0], model.expected(50.0, *one)[0]
    assert 0 <= chance <= 1
    assert np.isfinite([near, far]).all()
    assert 0 <= near <= far + 1e-9


@settings(max_examples=20, deadline=None)
@given(values=st.lists(st.floats(0.2, 8), min_size=4, max_size=4))
def test_the_gradients_are_those_of_the_likelihoods(values: list[float]) -> None:
    rng = np.random.default_rng(1)
    x, age = rng.integers(0, 9, 30).astype(float), rng.uniform(5, 9, 30)
    t_x, weight, z = np.where(x > 0, age * rng.random(30), 0.0), np.ones(30), rng.gamma(5, 3, 30)
    at = np.array(values)
    numeric = approx_fprime(at, lambda v: bgnbd.log_likelihood(v, x, t_x, age, weight)[0], 1e-7)
    assert bgnbd.log_likelihood(at, x, t_x, age, weight)[1] == pytest.approx(numeric, rel=1e-3, abs=1e-3)
    numeric = approx_fprime(at[:3], lambda v: gamma_gamma.log_likelihood(v, x + 1, z)[0], 1e-7)
    assert gamma_gamma.log_likelihood(at[:3], x + 1, z)[1] == pytest.approx(numeric, rel=1e-3, abs=1e-3)


def test_spending_lies_between_all_customers_mean_and_the_own() -> None:
    model = GammaGamma(p=6.0, q=4.0, v=15.0, log_likelihood=0.0)
    own = model.expected(np.array([0.0, 1.0, 10.0, 1e6]), np.array([0.0, 80.0, 80.0, 80.0]))
    assert own[0] == pytest.approx(model.mean) == pytest.approx(30.0)
    assert (np.diff(own) > 0).all()
    assert own[3] == pytest.approx(80.0, rel=1e-4)
