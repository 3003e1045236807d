"""What a DAG file may not do, read from its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakehouse.settings import PROJECT_ROOT

FILES = sorted((PROJECT_ROOT / "dags").glob("*.py"))
LINES = 120
# At module level a DAG file may import these and its neighbour; the packages come in inside the tasks.
LIGHT = {"__future__", "collections", "datetime", "typing", "airflow", "_common"}
LIGHT_MODULES = {"lakehouse.settings", "lakehouse.windows", "extractors.catalog"}


def faults(source: str) -> list[str]:
    """Every rule that a DAG file's source breaks, by name."""
    tree = ast.parse(source)
    return [
        *(["too long"] if len(source.splitlines()) > LINES else []),
        *(["no docstring"] if not ast.get_docstring(tree) else []),
        *(f"heavy import of {name}" for name in _module_level_imports(tree) if not _is_light(name)),
        *(fault for node in ast.walk(tree) for fault in _faults_of(node)),
    ]


def _faults_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ImportFrom | ast.Import) and {alias.name for alias in node.names} & {
        "Variable",
        "Connection",
    }:
        yield "uses Airflow's variables or connections"
    if isinstance(node, ast.Attribute) and node.attr in {"Variable", "Connection"}:
        yield "uses Airflow's variables or connections"
    if isinstance(node, ast.keyword) and node.arg == "schedule" and not _is_timetable(node.value):
        yield "schedule without an explicit timetable"
    if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}:
        yield "reads the clock"


def _is_timetable(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id.endswith("Timetable")


def _module_level_imports(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""


def _is_light(module: str) -> bool:
    return module.partition(".")[0] in LIGHT or module in LIGHT_MODULES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_dag_files_are_wiring(path: Path) -> None:
    found = faults(path.read_text())
    if path.name == "_common.py":  # the one place where a run's clock is read, and in a task a connection
        assert found == ["uses Airflow's variables or connections", "reads the clock"]
    else:
        assert found == []


def test_there_are_dag_files() -> None:
    assert len(FILES) >= 4


@pytest.mark.parametrize("name", [path.name for path in FILES])
def test_dbt_does_not_take_a_dag_file_for_an_adapter(name: str) -> None:
    assert not name.startswith("dbt_")


GOOD = '"""Doc."""\n'


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("x = 1\n", "no docstring"),
        (GOOD + "x = 1\n" * 120, "too long"),
        (GOOD + "import polars\n", "heavy import of polars"),
        (GOOD + "from ecomops import pipeline\n", "heavy import of ecomops"),
        (GOOD + "from lakehouse.warehouse import Reader\n", "heavy import of lakehouse.warehouse"),
        (GOOD + "from airflow.sdk import Variable\n", "uses Airflow's variables or connections"),
        (GOOD + "sdk.Connection.get('x')\n", "uses Airflow's variables or connections"),
        (GOOD + "dag(schedule='0 0 * * *')\n", "schedule without an explicit timetable"),
        (GOOD + "dag(schedule='@daily')\n", "schedule without an explicit timetable"),
        (GOOD + "dag(schedule=[asset])\n", "schedule without an explicit timetable"),
        (GOOD + "def f():\n    return datetime.now(UTC)\n", "reads the clock"),
    ],
)
def test_the_rules_catch_what_they_forbid(source: str, fault: str) -> None:
    assert fault in faults(source)


def test_the_rules_let_good_wiring_through() -> None:
    source = (
        GOOD + "dag(schedule=CronDataIntervalTimetable('0 0 * * *', timezone='UTC'))\ndef t():\n    import polars\n"
    )
    assert faults(source) == []
