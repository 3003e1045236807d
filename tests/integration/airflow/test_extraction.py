"""A declared shop in Airflow: its DAG asks the server, with credentials from an Airflow connection."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

from lakehouse.landing import loads, read_manifest
from lakehouse.objectstore import open_store
from lakehouse.windows import Window
from sandbox import woocommerce
from sandbox.serving import Faults, SandboxClock, serve
from sandbox.world import WorldSpec, generate
from tests.integration.airflow.conftest import settings_in
from tests.support.airflow_home import AirflowHome

DAY = date(2025, 12, 1)
SOURCES = """
sources:
  - name: web_shop
    title: Web shop
    connector: woocommerce
    time_zone: Europe/Berlin
    credentials:
      consumer_key: {{airflow: web_shop, field: login}}
      consumer_secret: {{airflow: web_shop}}
    options: {{url: "{url}", requests_per_second: 100}}
    resources: [orders, customers]
"""


def test_its_dag_lands_every_resource(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    declared = tmp_path / "sources.yml"
    connection = {"conn_type": "http", "login": woocommerce.CONSUMER_KEY, "password": woocommerce.CONSUMER_SECRET}
    home = AirflowHome(
        tmp_path / "home",
        {"ECOMOPS_SOURCES_FILE": str(declared), "AIRFLOW_CONN_WEB_SHOP": json.dumps(connection)},
    )
    home.setup()
    clock = SandboxClock(datetime(2025, 12, 2, 1, tzinfo=UTC))
    app = woocommerce.app(generate(tmp_path / "world", WorldSpec.tiny()), clock, Faults(), https=False)
    with serve(app) as server:
        declared.write_text(SOURCES.format(url=server.url))
        home.airflow("dags", "test", "land_web_shop", "2025-12-02")

    store, window = open_store(settings_in(home.path / "var")), Window.local_day(DAY, "Europe/Berlin")
    for resource in ("orders", "customers"):
        [ref] = loads(store, "web_shop", resource)
        assert ref.window == window
        manifest = read_manifest(store, ref)
        assert manifest.counts.landed > 0
        assert manifest.api_version == "wc/v3"
        assert woocommerce.CONSUMER_SECRET not in manifest.model_dump_json()
