"""The formatted report against a recorded one: every text that a reader sees, in both languages.

To record anew after a wanted change: ECOMOPS_TEST_RECORD=1 pytest tests/golden/reports, then read the difference.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from reports.model import weekly_model
from reports.tables import load
from reports.words import LANGUAGES
from tests.support.report_tables import report_tables


def _texts(value: Any) -> Any:  # noqa: ANN401 (any part of a JSON document)
    """The model without its drawings."""
    if isinstance(value, dict):
        return {name: _texts(part) for name, part in value.items() if name not in {"chart", "sparkline"}}
    return [_texts(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_says_what_was_recorded(language: str) -> None:
    model = _texts(weekly_model(load(report_tables()), language, shop="Our shop"))
    path = Path(__file__).parent / f"weekly.{language}.json"
    if os.environ.get("ECOMOPS_TEST_RECORD"):
        path.write_text(json.dumps(model, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert model == json.loads(path.read_text(encoding="utf-8"))
