"""A build that fails, or fails its audit, changes nothing that people read, and says what is wrong."""

from __future__ import annotations

import shutil
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ecomops import pipeline
from lakehouse.errors import AuditError, BuildError
from lakehouse.objectstore import open_store
from lakehouse.settings import Settings
from lakehouse.warehouse import CORE, CURRENT, Snapshot, Warehouse, open_candidate, open_reader, transform
from lakehouse.windows import Window
from tests.support import shop, web_shop
from tests.support.shop import FIRST_DAY, day, lines_of_day, project_copy
from tests.support.web_shop import WebLine, WebOrder

DOMAINS = ("core", "sales", "inventory")  # the others would be empty here


@pytest.fixture(scope="module")
def published(shop_settings: Settings) -> Snapshot:
    """Six days, built, audited by all that there is, and published."""
    store = open_store(shop_settings)
    for number in range(6):
        shop.land(store, day(number), lines_of_day(number))
    candidate = shop.build(shop_settings, day(5).end, "good")
    name = pipeline.publish(shop_settings, pipeline.audit(shop_settings, candidate.snapshot_id))
    return Warehouse(shop_settings, store).snapshot(name)


@pytest.fixture
def warehouse(shop_settings: Settings) -> Warehouse:
    return Warehouse(shop_settings, open_store(shop_settings))


def _still_published(warehouse: Warehouse, published: Snapshot) -> None:
    assert warehouse.published(CORE) == published
    assert warehouse.snapshots() == [published]
    assert warehouse.published(CURRENT) is None
    with open_reader(warehouse.settings, channel=CORE) as reader:
        assert reader.rows("select count(*) > 0 from fct_order") == [(True,)]


def test_what_passed_is_published_with_its_checks(warehouse: Warehouse, published: Snapshot) -> None:
    _still_published(warehouse, published)
    checks = warehouse.store.get("runs/good/checks-core.json")
    assert b"dbt.unique_fct_order_order_id" in checks
    assert b"gx.fct_order_rows" in checks


def test_a_corrupted_mart_is_not_published(warehouse: Warehouse, published: Snapshot, tmp_path: Path) -> None:
    file = Path(shutil.copyfile(warehouse.path(published), tmp_path / "corrupted.duckdb"))
    with duckdb.connect(str(file)) as con:
        con.execute("update marts.fct_daily_product_sales set net_sales_shop = net_sales_shop + 1")
        con.execute("insert into marts.fct_order select * from marts.fct_order limit 1")
    candidate = warehouse.seal(
        file, channel=CORE, as_of=day(6).end, run_id="corrupted", digest=published.digest, base=published
    )

    with pytest.raises(AuditError, match="checks failed on") as raised:
        pipeline.audit(warehouse.settings, candidate.snapshot_id)

    words = warehouse.store.get("runs/corrupted/checks-core.json").decode()
    assert candidate.snapshot_id in raised.value.message
    assert raised.value.message.count("dbt.") + raised.value.message.count("gx.") == 5  # the first few, by name
    assert '"check_id":"dbt.unique_fct_order_order_id"' in words
    with pytest.raises(AuditError, match="has not passed"):
        pipeline.publish(warehouse.settings, candidate.snapshot_id)
    _still_published(warehouse, published)
    warehouse.discard(candidate)


def test_far_fewer_rows_than_published_are_not_published(
    warehouse: Warehouse, published: Snapshot, tmp_path: Path
) -> None:
    """Each table is sound by itself; half of the shop has gone missing, which nobody may overlook."""
    elsewhere = warehouse.settings.model_copy(update={"store_url": str(tmp_path / "lake")})
    shutil.copytree(warehouse.settings.store, elsewhere.store)
    store = open_store(elsewhere)
    for number in range(4):
        shop.land(store, day(number), [], known_at=day(5).end + timedelta(hours=1))
    candidate = shop.build(elsewhere, day(5).end + timedelta(hours=2), "collapsed")

    with pytest.raises(AuditError, match=r"gx\.fct_order_line.*published before"):
        pipeline.audit(elsewhere, candidate.snapshot_id)
    _still_published(Warehouse(elsewhere, store), published)


def test_a_sale_in_a_currency_that_nobody_tells_the_worth_of_is_not_published(
    warehouse: Warehouse, published: Snapshot, tmp_path: Path
) -> None:
    """It would be missing from every figure; beside it, what an order does count where its rate is known."""
    elsewhere = warehouse.settings.model_copy(update={"store_url": str(tmp_path / "lake")})
    shutil.copytree(warehouse.settings.store, elsewhere.store)
    sold = [WebOrder(name, day(5).start, day(5).start, (WebLine("a"),), name) for name in ("USD", "EUR", "GBP")]
    rates = {(FIRST_DAY + timedelta(days=5), "GBP"): Decimal("0.8"), (FIRST_DAY + timedelta(days=6), "USD"): Decimal(2)}
    window = Window(day(5).start, day(6).end)
    web_shop.land(open_store(elsewhere), web_shop.Extract(window, day(5).end, orders=sold, rates=rates))
    candidate = shop.build(elsewhere, day(5).end, "converted")

    with pytest.raises(AuditError, match=r"gx\.rows_without_exchange_rate \(1\)"):
        pipeline.audit(elsewhere, candidate.snapshot_id)

    with open_candidate(elsewhere, candidate) as reader:
        counted = reader.rows(
            "select order_id, gross_sales_order, gross_sales_shop from fct_order where order_id like 'web/%' order by 1"
        )
    assert counted == [("web/EUR", Decimal(10), Decimal(8)), ("web/GBP", Decimal(10), Decimal(10))]


def test_a_failing_model_is_named_and_nothing_is_published(
    warehouse: Warehouse, published: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = project_copy(tmp_path)
    model = project / "models" / "marts" / "inventory" / "fct_stock_adjustment.sql"
    model.write_text(model.read_text().replace("order_id as adjustment_number", "order_idd as adjustment_number"))
    monkeypatch.setattr(transform, "DBT_PROJECT", project)

    words = r"(?s)1 of \d+ models failed; first fct_stock_adjustment: .*order_idd"
    with pytest.raises(BuildError, match=words) as raised:
        shop.build(warehouse.settings, day(5).end, "broken")

    assert "as it was" in raised.value.remedy
    assert list(warehouse.store.list("warehouse/candidates/")) == []
    _still_published(warehouse, published)
