"""Running dbt: only its own results of this very run are believed. A stand-in plays dbt."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lakehouse.errors import BuildError
from lakehouse.settings import Settings
from lakehouse.warehouse import transform
from lakehouse.warehouse.transform import NodeResult, project_digest, require_success, run_dbt
from tests.support.shop import project_copy

Play = Callable[..., list[NodeResult]]


def node(status: str, name: str = "fct_order", kind: str = "model") -> dict[str, object]:
    seconds, failures = 0.1, 3 if status == "fail" else None
    unique_id = f"{kind}.ecomops.{name}"
    return {"unique_id": unique_id, "status": status, "execution_time": seconds, "failures": failures, "message": "m"}


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Play:
    """Puts a stand-in in dbt's place: it leaves these results and ends with that status."""
    dbt = tmp_path / "dbt.py"
    monkeypatch.setattr(transform, "_SCRIPT", dbt)

    def play(nodes: list[dict[str, object]] | None, *, status: int = 0) -> list[NodeResult]:
        dbt.write_text(
            "import json, pathlib, sys\n"
            f"nodes = json.loads({json.dumps(nodes)!r})\n"
            "if nodes is not None:\n"
            "    pathlib.Path(sys.argv[1]).write_text(json.dumps(nodes))\n"
            "print('the words of dbt')\n"
            f"sys.exit({status})\n"
        )
        return run_dbt(["run"], tmp_path / "x.duckdb", settings)

    return play


def test_results_come_back_by_node(play: Play) -> None:
    nodes = [node("success"), node("fail", "not_null_x.0a1b2c", "test")]
    found = play(nodes, status=1)
    assert [(one.name, one.status, one.failures, one.went_wrong) for one in found] == [
        ("fct_order", "success", 0, False),
        ("not_null_x", "fail", 3, True),
    ]


def test_yesterdays_results_are_not_believed(play: Play) -> None:
    """dbt was killed before it wrote any; those of the run before look like success."""
    assert play([node("success")])
    with pytest.raises(BuildError, match="the words of dbt"):
        play(None, status=2)


def test_yesterdays_results_are_not_believed_either_where_dbt_says_all_is_well(play: Play) -> None:
    play([node("success")])
    with pytest.raises(BuildError, match="without results of its own"):
        play(None, status=0)


def test_dbt_says_what_it_does_not_understand(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(BuildError, match=r"(?s)status 2.*No such option '--no-such-flag'"):
        run_dbt(["run", "--no-such-flag"], tmp_path / "x.duckdb", settings)


def test_a_bad_end_with_good_nodes_is_a_bad_end(play: Play) -> None:
    with pytest.raises(BuildError, match="status 1"):
        play([node("success")], status=1)


def results(*statuses: str) -> list[NodeResult]:
    return [NodeResult(f"model.ecomops.m{number}", status, 0, 0, "why") for number, status in enumerate(statuses)]


def test_all_good_is_success() -> None:
    require_success(results("success", "pass", "warn"))


@pytest.mark.parametrize("status", ["error", "fail", "runtime error", "skipped"])
def test_one_bad_node_fails_a_build(status: str) -> None:
    with pytest.raises(BuildError, match="1 of 3 models failed; first m1: why"):
        require_success(results("success", status, "success"))


def test_the_cause_is_named_before_what_was_skipped_for_it() -> None:
    with pytest.raises(BuildError, match="1 of 3 models failed; first m1"):
        require_success(results("skipped", "error", "skipped"))


@pytest.mark.parametrize("part", ["models/marts/sales/fct_order.sql", "macros/money.sql", "dbt_project.yml"])
def test_another_project_is_another_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    project = project_copy(tmp_path)
    monkeypatch.setattr(transform, "DBT_PROJECT", project)
    before = project_digest()
    assert project_digest() == before
    with (project / part).open("a") as handle:
        handle.write("\n")
    assert project_digest() != before
