"""One Airflow with its scheduler for the tests of this folder, over a generated shop."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ecomops import pipeline
from ecomops.closing import closed_at
from lakehouse.objectstore import open_store
from lakehouse.settings import Settings
from lakehouse.warehouse import Warehouse, open_candidate
from lakehouse.warehouse.oracle import Fingerprint, fingerprints
from lakehouse.windows import Window
from sandbox import online_retail
from tests.support.airflow_home import AirflowHome

SOURCE = "online_retail"
ZONE = "Europe/London"
FIRST = date(2011, 1, 10)
DAYS = 100
BACKFILLED = 6  # the last days; those before are landed in the test's own process, which costs seconds
LAST = FIRST + timedelta(days=DAYS - 1)  # in summer time: days that do not begin at midnight UTC


def windows(days: int = DAYS) -> list[Window]:
    """The first days of the shop."""
    return [Window.local_day(FIRST + timedelta(days=number), ZONE) for number in range(days)]


def settings_in(var: Path) -> Settings:
    """Settings over a folder, whatever this machine's environment says."""
    return Settings(_env_file=None, var_dir=var, drops_dir=var.parent / "drops")


def land_history(settings: Settings, drop: Path, which: list[Window]) -> None:
    """Lands windows in the test's own process, one after the other in time."""
    now = datetime.now(UTC).replace(microsecond=0)
    pipeline.land(settings, SOURCE, drop, which, landed_at=now, run_id="history")


def marts(settings: Settings, last: Window) -> dict[str, Fingerprint]:
    """Fingerprints of the marts that a build from nothing makes, as of the moment when a day was closed."""
    as_of = closed_at(settings, last)
    candidate_id = pipeline.build(settings, as_of=as_of, run_id="oracle", full_refresh=True)
    warehouse = Warehouse(settings, open_store(settings))
    candidate = warehouse.candidate(candidate_id)
    with open_candidate(settings, candidate) as reader:
        found = fingerprints(reader)
    warehouse.discard(candidate)
    return found


def share_key(giver: Settings, taker: Settings) -> None:
    """Gives one installation the other's key: the same customers get the same pseudonyms only under the same key."""
    giver.pseudonym_secret()
    key = Path("secrets") / "pseudonym.key"
    (taker.var / key).parent.mkdir(parents=True)
    shutil.copy(giver.var / key, taker.var / key)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Daily files of a small shop."""
    folder = tmp_path_factory.mktemp("shop")
    made = online_retail.generate(
        folder, seed=41, first_day=FIRST, days=DAYS, products=60, customers=80, orders_per_day=6
    )
    assert made.lines > 1000
    return folder


@pytest.fixture(scope="module")  # no longer: a scheduler that waits takes a tenth of a core
def airflow(tmp_path_factory: pytest.TempPathFactory, shop: Path) -> Iterator[AirflowHome]:
    """Airflow with its scheduler running; all but the last days are landed."""
    # What is run is asked for: a schedule would land and close the real yesterday in between.
    home = AirflowHome(tmp_path_factory.mktemp("airflow"), {"AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False"})
    (home.path / "drops").mkdir()
    (home.path / "drops" / SOURCE).symlink_to(shop)
    land_history(settings_in(home.path / "var"), shop, windows(DAYS - BACKFILLED))
    with home.up():
        yield home
