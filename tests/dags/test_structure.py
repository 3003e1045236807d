from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from extractors import files
from extractors.catalog import api_sources

pytestmark = pytest.mark.integration  # Airflow itself parses the files

Dags = dict[str, dict[str, Any]]
# Each takes from a tenth of a second to seconds to load, and a DAG file is loaded in every task.
HEAVY = {"polars", "pandas", "numpy", "scipy", "pyarrow", "duckdb", "dbt", "great_expectations", "prophet"} | {
    "statsforecast", "mlxtend", "boto3", "typst", "altair", "expectations", "models_ml", "reports",
}  # fmt: skip


def test_every_file_parses(parsed: dict[str, Any]) -> None:
    assert parsed["import_errors"] == {}


def test_parsing_loads_nothing_heavy(parsed: dict[str, Any]) -> None:
    assert HEAVY & set(parsed["loaded"]) == set()


def test_there_is_a_landing_for_every_declared_source(dags: Dags) -> None:
    landings = {name: dag for name, dag in dags.items() if dag["file"] == "landing.py"}
    sources = {f"land_{source.name}": source for source in files.declared()}
    assert landings.keys() == sources.keys()
    for name, dag in landings.items():
        assert dag["expression"] == "0 0 * * *"
        assert dag["time_zone"] == sources[name].time_zone
        assert dag["tasks"]["land"]["outlets"] == [f"ecomops://raw/{sources[name].name}/{sources[name].stream}"]


def test_there_is_an_extraction_for_every_declared_account(dags: Dags) -> None:
    extractions = {name: dag for name, dag in dags.items() if dag["file"] == "extracting.py"}
    accounts = {f"land_{account.name}": account for account in api_sources() if not account.is_crawled}
    assert accounts
    assert extractions.keys() == accounts.keys()
    for name, dag in extractions.items():
        account = accounts[name]
        assert dag["time_zone"] == account.time_zone
        assert set(dag["tasks"]) == set(account.resources)
        # a vendor's rate limit is for the account: two processes would each believe to have all of it
        assert (dag["max_active_runs"], dag["max_active_tasks"]) == (1, 1)
        for resource, task in dag["tasks"].items():
            assert task["outlets"] == [f"ecomops://raw/{account.name}/{resource}"]


def test_one_dag_crawls_every_declared_site(dags: Dags) -> None:
    sites = {account.name: account for account in api_sources() if account.is_crawled}
    assert sites
    dag = dags["crawl_competitors"]
    assert set(dag["tasks"]) == set(sites)
    # two crawls of one site at once would each believe that the site's patience is theirs
    assert dag["max_active_runs"] == 1
    for name, task in dag["tasks"].items():
        assert task["outlets"] == [f"ecomops://raw/{name}/pages"]
        assert task["downstream"] == []  # one site that cannot be reached holds up no other


def test_landings_run_side_by_side_and_closes_one_at_a_time(dags: Dags) -> None:
    assert all(dag["max_active_runs"] > 1 for dag in dags.values() if dag["file"] == "landing.py")
    assert dags["close_day"]["max_active_runs"] == 1


def test_every_dag_says_what_it_is(dags: Dags) -> None:
    for dag in dags.values():
        assert dag["owner"] == "operations", dag["dag_id"]
        assert dag["tags"], dag["dag_id"]
        for part in ("**Inputs.**", "**Outputs.**", "**A rerun**", "**Owner.**"):
            assert part in dag["doc"], (dag["dag_id"], part)


def test_every_dag_has_a_timetable_of_data_intervals_and_no_catchup(dags: Dags) -> None:
    for dag in dags.values():
        assert dag["timetable"] == "CronDataIntervalTimetable", dag["dag_id"]
        assert str(ZoneInfo(dag["time_zone"])) == dag["time_zone"]
        assert dag["catchup"] is False


def test_a_task_that_fails_for_good_alerts(dags: Dags) -> None:
    for dag in dags.values():
        for name, task in dag["tasks"].items():
            assert task["alerts"] == ["alert_on_failure"], (dag["dag_id"], name)


def test_whoever_builds_or_publishes_holds_the_builders_slot(dags: Dags) -> None:
    tasks = dags["close_day"]["tasks"]
    builders = {name for name, task in tasks.items() if task["pool"] == "warehouse_build"}
    assert builders == {"build", "audit", "publish_core", "report_tables", "audit_reports", "publish"}
    assert dags["care"]["tasks"]["expire"]["pool"] == "warehouse_build"


def test_nothing_is_published_before_its_audit(dags: Dags) -> None:
    tasks = dags["close_day"]["tasks"]
    edges = {(name, after) for name, task in tasks.items() for after in task["downstream"]}
    assert edges >= {
        ("wait_for_landing", "build"),
        ("build", "audit"),
        ("audit", "publish_core"),
        ("publish_core", "forecast"),
        ("publish_core", "forecast_part"),
        ("forecast_parts", "forecast_part"),
        ("forecast_part", "forecast"),
        ("publish_core", "baskets"),
        ("publish_core", "value"),
        ("publish_core", "segments"),
        ("publish_core", "recommendations"),
        ("publish_core", "matching"),
        ("publish_core", "anomalies"),
        ("forecast", "inventory"),
        ("inventory", "report_tables"),
        ("baskets", "report_tables"),
        ("value", "report_tables"),
        ("segments", "report_tables"),
        ("recommendations", "report_tables"),
        ("matching", "report_tables"),
        ("anomalies", "report_tables"),
        ("report_tables", "audit_reports"),
        ("audit_reports", "publish"),
    }
    assert [name for name, task in tasks.items() if not task["downstream"]] == ["publish"]


def test_waiting_gives_its_place_to_others(dags: Dags) -> None:
    assert dags["close_day"]["tasks"]["wait_for_landing"]["mode"] == "reschedule"
    assert dags["land_online_retail"]["tasks"]["land"]["mode"] == "reschedule"
