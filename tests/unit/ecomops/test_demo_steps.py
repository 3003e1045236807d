"""The demo says what each model does."""

from __future__ import annotations

from ecomops import model_runs
from ecomops.demo import steps


def test_every_model_of_the_model_runs_has_words() -> None:
    assert set(steps._MODEL_WORDS) == set(model_runs.MODELS)
