"""A year of real data, backfilled through the scheduler: backwards and side by side, as long as that takes."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from lakehouse.landing import loads
from lakehouse.objectstore import open_store
from lakehouse.windows import Window
from tests.integration.airflow.conftest import SOURCE, ZONE, land_history, marts, settings_in, share_key
from tests.support.airflow_home import AirflowHome

FIRST, LAST = date(2010, 12, 1), date(2011, 12, 9)
YEAR = [Window.local_day(day, ZONE) for day in Window.local_days(FIRST, LAST, ZONE).days(ZONE)]


@pytest.fixture(scope="module")
def year(shared_data: Path, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """The daily files of Online Retail."""
    if not pytestconfig.getoption("--all-cases"):
        pytest.skip("374 runs of a DAG take some ten minutes: pass --all-cases")
    folder = tmp_path_factory.mktemp("year")
    with tarfile.open(shared_data / "uci_online_retail" / "by-day.tar.xz") as tar:
        tar.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory, year: Path) -> Iterator[AirflowHome]:
    home = AirflowHome(tmp_path_factory.mktemp("airflow"), {"AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False"})
    (home.path / "drops").mkdir()
    (home.path / "drops" / SOURCE).symlink_to(year)
    with home.up():
        yield home


def test_a_year_backfilled_in_any_order_gives_the_marts_of_one_pass_in_order(
    airflow: AirflowHome, year: Path, tmp_path: Path, record_testsuite_property: Callable[[str, object], None]
) -> None:
    runs = airflow.backfill(
        f"land_{SOURCE}", YEAR[0].start, YEAR[-1].start, "--run-backwards", "--max-active-runs", "3",
        runs=len(YEAR), limit_s=3600,
    )  # fmt: skip

    assert {run.state for run in runs} == {"success"}
    here, serial = settings_in(airflow.path / "var"), settings_in(tmp_path / "var")
    assert sorted(ref.window for ref in loads(open_store(here), SOURCE, "order_lines")) == YEAR
    wall = (max(run.ended for run in runs) - min(run.started for run in runs)).total_seconds()
    work = sum(task.seconds for task in airflow.tasks(f"land_{SOURCE}"))
    record_testsuite_property("airflow_year_seconds", round(wall))
    record_testsuite_property("airflow_year_seconds_of_work", round(work))
    assert wall <= 1.5 * work, "the scheduler costs more than half of what it schedules"

    share_key(here, serial)
    land_history(serial, year, YEAR)
    expected = marts(serial, YEAR[-1])
    assert expected["marts.fct_order_line"].row_count > 500_000
    assert marts(here, YEAR[-1]) == expected
