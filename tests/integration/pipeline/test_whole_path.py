"""The whole path where there is no real data, and where objects lie on a real S3 server."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

import ecomops.demo.online_retail
import sandbox.online_retail
from ecomops import pipeline
from ecomops.windows import windows_to_land
from lakehouse.objectstore import open_store
from lakehouse.settings import Settings
from lakehouse.warehouse import Warehouse, open_reader
from lakehouse.warehouse.oracle import fingerprints
from lakehouse.warehouse.transform import run_dbt
from reports.publish import publish_all

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four months of a small generated shop."""
    folder = tmp_path_factory.mktemp("small") / "drop"
    sandbox.online_retail.generate(
        folder, seed=7, first_day=date(2011, 1, 4), days=120, products=40, customers=30, orders_per_day=6
    )
    return folder


def land_all(settings: Settings, drop: Path) -> datetime:
    """Lands every day; returns the moment after the last."""
    windows = windows_to_land(settings, "online_retail", drop, start="", end="", history=True)
    pipeline.land(settings, "online_retail", drop, windows, landed_at=NOW, run_id="test")
    return max(window.end for window in windows)


def publish_core(settings: Settings, as_of: datetime) -> None:
    """Builds the marts and publishes them; the audit has tests of its own."""
    warehouse = Warehouse(settings, open_store(settings))
    candidate = warehouse.candidate(pipeline.build(settings, as_of=as_of, run_id="test"))
    warehouse.publish(warehouse.mark_audited(candidate))


def test_s3_gives_the_marts_that_a_directory_gives(s3_settings: Settings, tmp_path: Path, small_shop: Path) -> None:
    shared_key = s3_settings.pseudonym_secret()
    local = s3_settings.model_copy(update={"store_url": "", "s3_endpoint_url": None, "var_dir": tmp_path / "other"})
    key_file = local.var / "secrets" / "pseudonym.key"
    key_file.parent.mkdir(parents=True)
    key_file.write_bytes(shared_key)
    publish_core(local, land_all(local, small_shop))
    pipeline.close(s3_settings, as_of=land_all(s3_settings, small_shop), run_id="test")
    with open_reader(local, channel="core") as directory, open_reader(s3_settings) as remote:
        assert fingerprints(remote) == fingerprints(directory)
        made = publish_all(remote, s3_settings)
    store = open_store(s3_settings)
    assert {artefact.kind for artefact in made} >= {"weekly", "dashboard", "exports"}
    assert all(store.head(artefact.key) is not None for artefact in made)
    # A second machine has the same store and none of the files.
    elsewhere = s3_settings.model_copy(update={"var_dir": tmp_path / "elsewhere"})
    with open_reader(elsewhere) as reader:
        assert reader.rows("select count(*) from fct_order_line")[0][0] > 0


def test_the_demo_generates_a_shop_where_there_is_no_data(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    if not pytestconfig.getoption("--all-cases"):
        pytest.skip("a second whole demo takes minutes: pass --all-cases")
    monkeypatch.setattr(ecomops.demo.online_retail, "SHARED", tmp_path / "nothing")
    words = StringIO()
    ecomops.demo.online_retail.run_online_retail(settings, None, now=NOW, out=Console(file=words, width=200))
    said = words.getvalue()
    assert "No real data at hand" in said
    assert "Weekly report, PDF" in said
    with open_reader(settings) as reader:
        assert reader.rows("select count(*) from rpt_purchase_list where order_units > 0")[0][0] > 0
        assert reader.rows("select checks_failed from rpt_run") == [(0,)]


def test_parquet_and_daily_files_give_the_same_sales(
    demo_warehouse: Settings, settings: Settings, shared_data: Path
) -> None:
    parquet = shared_data / "uci_online_retail" / "online_retail.parquet"
    windows = windows_to_land(settings, "online_retail", parquet, start="", end="", history=True)
    assert len(windows) == 1
    pipeline.land(settings, "online_retail", parquet, windows, landed_at=NOW, run_id="parquet")
    publish_core(settings, windows[0].end)
    query = (
        "select sales_date, product_id, ordered_units, demand_units, net_sales_shop "
        "from fct_daily_product_sales order by all"
    )
    with open_reader(settings, channel="core") as ours, open_reader(demo_warehouse) as daily:
        assert ours.frame(query).equals(daily.frame(query))


def test_dbt_unit_tests_pass(demo_warehouse: Settings, settings: Settings, tmp_path: Path) -> None:
    warehouse = Warehouse(demo_warehouse, open_store(demo_warehouse))
    published = warehouse.published()
    assert published is not None
    copy = tmp_path / "unit.duckdb"
    shutil.copyfile(warehouse.path(published), copy)
    copy.chmod(0o644)
    results = run_dbt(["test", "--select", "test_type:unit"], copy, settings)
    assert len(results) >= 9
    assert [node.name for node in results if node.status != "pass"] == []
