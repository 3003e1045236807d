"""`airflow dags test`: a DAG in one process, without a scheduler."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from lakehouse.landing import loads, read_manifest
from lakehouse.objectstore import open_store
from lakehouse.windows import Window
from tests.integration.airflow.conftest import FIRST, SOURCE, ZONE, settings_in
from tests.support.airflow_home import AirflowHome


def test_it_lands_a_day(tmp_path: Path, shop: Path) -> None:
    home = AirflowHome(tmp_path)
    (home.path / "drops").mkdir()
    (home.path / "drops" / SOURCE).symlink_to(shop)
    home.setup()

    # The date is the moment at which the run is due: the end of its window.
    home.airflow("dags", "test", f"land_{SOURCE}", (FIRST + timedelta(days=2)).isoformat())

    store = open_store(settings_in(home.path / "var"))
    [ref] = loads(store, SOURCE, "order_lines")
    assert ref.window == Window.local_day(FIRST + timedelta(days=1), ZONE)
    manifest = read_manifest(store, ref)
    assert manifest.counts.landed > 0
    assert manifest.known_at == manifest.landed_at  # nobody declared history: it is known from now on
