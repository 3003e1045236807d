"""A real scheduler lands, builds, audits and publishes. The tests build on one another, in this order."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from ecomops.closing import closed_at
from lakehouse.landing import loads, read_manifest
from lakehouse.objectstore import open_store
from lakehouse.settings import Settings
from lakehouse.warehouse import CORE, CURRENT, Warehouse, open_reader
from lakehouse.warehouse.oracle import Fingerprint, fingerprints
from lakehouse.windows import Window
from tests.integration.airflow.conftest import (
    BACKFILLED,
    DAYS,
    LAST,
    SOURCE,
    ZONE,
    land_history,
    marts,
    settings_in,
    share_key,
    windows,
)
from tests.support.airflow_home import AirflowHome, RunRow

FIRST_BACKFILLED = LAST - timedelta(days=BACKFILLED - 1)
STEPS = ["wait_for_landing", "build", "audit", "publish_core", "report_tables", "audit_reports", "publish"]


@pytest.fixture
def here(airflow: AirflowHome) -> Settings:
    """The settings that Airflow's tasks have."""
    return settings_in(airflow.path / "var")


def backfill(home: AirflowHome, dag_id: str, first: date, last: date, *options: str) -> list[RunRow]:
    """Backfills the shop's days from one to another; returns their runs."""
    begin, end = (Window.local_day(day, ZONE).start for day in (first, last))
    return home.backfill(dag_id, begin, end, *options, runs=(last - first).days + 1)


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory, shop: Path, airflow: AirflowHome) -> dict[str, Fingerprint]:
    """The marts after landing every day in order, in one process."""
    settings = settings_in(tmp_path_factory.mktemp("serial") / "var")
    share_key(settings_in(airflow.path / "var"), settings)
    land_history(settings, shop, windows())
    return marts(settings, windows()[-1])


def test_a_backfill_backwards_and_side_by_side_lands_every_day_once(airflow: AirflowHome, here: Settings) -> None:
    runs = backfill(airflow, f"land_{SOURCE}", FIRST_BACKFILLED, LAST, "--run-backwards", "--max-active-runs", "3")

    assert {run.state for run in runs} == {"success"}
    began = sorted(runs, key=lambda run: run.started)
    assert began[0].interval[0] > began[-1].interval[0], "it did not run backwards"
    assert any(b.started < a.ended for a, b in pairwise(began)), "no two runs were side by side"
    store = open_store(here)
    refs = list(loads(store, SOURCE, "order_lines"))
    assert sorted(ref.window for ref in refs) == windows()  # each day, whole in local time, exactly once
    assert {read_manifest(store, ref).known_at == ref.window.end for ref in refs} == {True}
    assert airflow.events("ecomops://raw/online_retail/order_lines") >= BACKFILLED


def test_its_marts_equal_those_of_landing_in_order(here: Settings, serial: dict[str, Fingerprint]) -> None:
    assert serial["marts.fct_order_line"].row_count > 1000
    assert marts(here, windows()[-1]) == serial


def test_a_manual_run_lands_the_window_it_is_given_as_of_now(airflow: AirflowHome, here: Settings) -> None:
    day = Window.local_day(LAST + timedelta(days=1), ZONE)
    window = json.dumps({"start": day.start.isoformat(), "end": day.end.isoformat()})
    airflow.airflow("dags", "unpause", f"land_{SOURCE}")
    airflow.airflow("dags", "trigger", f"land_{SOURCE}", "--run-id", "by-hand", "--conf", window)
    airflow.wait_for(
        lambda: {run.run_id: run.state for run in airflow.runs(f"land_{SOURCE}")}["by-hand"] == "success",
        "the manual run",
    )
    store = open_store(here)
    [ref] = loads(store, SOURCE, "order_lines", day)
    manifest = read_manifest(store, ref)
    assert manifest.counts.received == 0  # the shop's last day is over: no file, and no business
    assert manifest.known_at == manifest.landed_at > day.end


def test_landing_the_same_again_changes_nothing(airflow: AirflowHome, here: Settings) -> None:
    before = sorted(info.key for info in open_store(here).list("raw/"))
    runs = backfill(airflow, f"land_{SOURCE}", LAST, LAST, "--reprocess-behavior", "completed")
    assert [run.state for run in runs] == ["success"]
    assert sorted(info.key for info in open_store(here).list("raw/")) == before


def test_a_close_publishes_marts_forecast_and_report_tables(
    airflow: AirflowHome, here: Settings, serial: dict[str, Fingerprint]
) -> None:
    [run] = backfill(airflow, "close_day", LAST, LAST)

    assert run.state == "success", airflow.task_log("close_day", "build")
    tasks = {task.task_id: task for task in airflow.tasks("close_day")}
    for earlier, later in pairwise(STEPS):
        assert tasks[earlier].ended <= tasks[later].started, (earlier, later)
    # A ratio, so that a slow machine does not matter: of the time, little may go into handing on tasks.
    assert (run.ended - run.started).total_seconds() <= 1.5 * sum(task.seconds for task in tasks.values())
    warehouse = Warehouse(here, open_store(here))
    for channel in (CORE, CURRENT):
        published = warehouse.published(channel)
        assert published is not None
        assert published.as_of == closed_at(here, windows()[-1])
    with open_reader(here) as reader:
        assert fingerprints(reader) == serial
        assert reader.rows("select count(*) from rpt_run") == [(1,)]
        assert reader.rows("select count(*) > 0 from product_forecast") == [(True,)]
        assert reader.rows("select count(*) > 0 from rpt_purchase_list") == [(True,)]


def test_the_weekly_review_reports_from_what_was_published(airflow: AirflowHome, here: Settings) -> None:
    monday = LAST - timedelta(days=LAST.weekday() + 7)
    [run] = backfill(airflow, "review_weekly", monday, monday)
    assert run.state == "success", airflow.task_log("review_weekly", "review")
    made = {path.name for path in (here.var / "reports" / monday.isoformat()).iterdir()}
    assert {f"weekly-{monday}.en.pdf", f"weekly-{monday}.zh_CN.pdf"} <= made


def test_a_failed_audit_leaves_the_published_warehouse_and_alerts(
    airflow: AirflowHome, here: Settings, shop: Path, tmp_path: Path
) -> None:
    warehouse = Warehouse(here, open_store(here))
    before = {channel: warehouse.published(channel) for channel in (CORE, CURRENT)}
    for file in shop.glob("*.csv"):  # a vendor's outage: every file comes again, with its header only
        (tmp_path / file.name).write_text(file.read_text().splitlines()[0] + "\n")
    (tmp_path / f"{LAST}.csv").write_bytes(sorted(shop.glob("*.csv"))[-1].read_bytes())
    land_history(here, tmp_path, windows())

    [run] = backfill(airflow, "close_day", LAST, LAST, "--reprocess-behavior", "completed")

    assert run.state == "failed"
    states = {task.task_id: task.state for task in airflow.tasks("close_day")}
    assert states["build"] == "success"
    assert states["audit"] == "failed"
    assert {states[name] for name in ("publish_core", "forecast", "publish")} == {"upstream_failed"}
    assert {channel: warehouse.published(channel) for channel in (CORE, CURRENT)} == before
    with open_reader(here) as reader:
        assert reader.rows("select count(*) > 1000 from fct_order_line") == [(True,)]
    alerts = [json.loads(path.read_text()) for path in sorted((here.var / "alerts").glob("*.json"))]
    [audit] = [alert for alert in alerts if alert["origin"] == "close_day.audit"]
    assert "nine tenths" in audit["detail"] or "collapsed" in audit["detail"]
    assert audit["remedy"]


def test_every_day_of_the_shop_was_in_play() -> None:
    assert len(windows()) == DAYS
    assert windows()[-1].start.hour == 23, f"summer time in {ZONE}: the day begins an hour before midnight UTC"
