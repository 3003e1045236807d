"""Declared sources in Airflow: a shop is asked with credentials from a connection, a competitor's site is crawled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from lakehouse.landing import loads, read_manifest
from lakehouse.objectstore import open_store
from lakehouse.windows import Window
from sandbox import woocommerce
from sandbox.serving import Faults, SandboxClock, serve
from sandbox.world import WorldSpec, generate
from tests.integration.airflow.conftest import settings_in
from tests.support.airflow_home import AirflowHome
from tests.support.crawled_site import Site, served

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
    options: {{url: "{shop}", requests_per_second: 100}}
    resources: [orders, customers]
  - name: rival
    title: A rival
    connector: crawl
    time_zone: Europe/London
    options:
      start_urls: ["{site}/"]
      contact: data@merchant.example
      legal_note: A site of our own, looked at on 2026-03-01.
      politeness: {{min_delay_s: 0}}
      allow_addresses: ["{authority}"]
    resources: [pages]
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowHome]:
    """An Airflow whose sources are a shop and a competitor's site, both served."""
    folder = tmp_path_factory.mktemp("declared")
    (folder / "home").mkdir()
    declared = folder / "sources.yml"
    connection = {"conn_type": "http", "login": woocommerce.CONSUMER_KEY, "password": woocommerce.CONSUMER_SECRET}
    made = AirflowHome(
        folder / "home",
        {"ECOMOPS_SOURCES_FILE": str(declared), "AIRFLOW_CONN_WEB_SHOP": json.dumps(connection)},
    )
    made.setup()
    clock = SandboxClock(datetime(2025, 12, 2, 1, tzinfo=UTC))
    app = woocommerce.app(generate(folder / "world", WorldSpec.tiny()), clock, Faults(), https=False)
    with serve(app) as shop, served(Site(products=3), folder) as crawled:
        authority = crawled.url.removeprefix("http://")
        declared.write_text(SOURCES.format(shop=shop.url, site=crawled.url, authority=authority))
        yield made


def test_a_shops_dag_lands_every_resource(home: AirflowHome) -> None:
    home.airflow("dags", "test", "land_web_shop", "2025-12-02")
    store, window = open_store(settings_in(home.path / "var")), Window.local_day(DAY, "Europe/Berlin")
    for resource in ("orders", "customers"):
        [ref] = loads(store, "web_shop", resource)
        assert ref.window == window
        manifest = read_manifest(store, ref)
        assert manifest.counts.landed > 0
        assert manifest.api_version == "wc/v3"
        assert woocommerce.CONSUMER_SECRET not in manifest.model_dump_json()


def test_the_crawls_dag_lands_every_site(home: AirflowHome) -> None:
    home.airflow("dags", "test", "crawl_competitors", "2025-12-02T20:00:00+00:00")
    store = open_store(settings_in(home.path / "var"))
    [ref] = loads(store, "rival", "pages")
    # the day on which the run began, in the site's zone
    assert ref.window == Window.local_day(date(2025, 12, 2), "Europe/London")
    assert read_manifest(store, ref).parse.row_counts["competitor_offers"] == 3
