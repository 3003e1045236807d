"""The DAGs as Airflow parses them, once for all tests of this folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.airflow_home import AirflowHome, last_json

_DESCRIBE = Path(__file__).parents[1] / "support" / "describe_dags.py"


@pytest.fixture(scope="session")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `tests/support/describe_dags.py` prints."""
    home = AirflowHome(tmp_path_factory.mktemp("airflow"))
    home.setup()
    found = last_json(home.run(sys.executable, str(_DESCRIBE)))
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="session")
def dags(parsed: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The DAGs by id."""
    return {dag["dag_id"]: dag for dag in parsed["dags"]}
