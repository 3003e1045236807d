"""The real thing: 305 daily files and one Parquet file of Online Retail are the same 541,909 rows."""

from __future__ import annotations

import io
import json
import tarfile
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from expectations.raw import validate
from extractors.files import LandResult, day_windows, find, land, land_many, period_of, reparse
from lakehouse.errors import QuarantineLimitError
from lakehouse.landing import live_loads, loads
from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.settings import PROJECT_ROOT
from lakehouse.windows import Window
from tests.support.needs import absent

pytestmark = [pytest.mark.realdata, pytest.mark.integration]

_DATA = PROJECT_ROOT.parent / "shared" / "data" / "uci_online_retail"
_NOW = datetime(2012, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def data() -> Path:
    if not _DATA.is_dir():
        absent(f"The Online Retail data ({_DATA.name} beside the repository) is missing.")
    return _DATA


@pytest.fixture(scope="module")
def by_day(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drop")
    with tarfile.open(data / "by-day.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


class Landed:
    """A store with what was landed in it."""

    def __init__(self, root: Path, results: list[LandResult]) -> None:
        self.store = DirectoryStore(root)
        self.results = results

    def rows(self) -> pl.DataFrame:
        keys = [result.manifest.parse.rows.key for result in self.results]
        return pl.concat([pl.read_parquet(io.BytesIO(self.store.get(key))) for key in keys])


@pytest.fixture(scope="module")
def daily(by_day: Path, tmp_path_factory: pytest.TempPathFactory) -> Landed:
    root = tmp_path_factory.mktemp("daily")
    source = find("online_retail")
    results = land_many(
        source,
        by_day,
        day_windows(source, by_day),
        store=DirectoryStore(root),
        landed_at=_NOW,
        run_id="test",
        validate=partial(validate, keep_in=tmp_path_factory.mktemp("results")),
    )
    return Landed(root, results)


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Landed:
    root = tmp_path_factory.mktemp("whole")
    source, file = find("online_retail"), data / "online_retail.parquet"
    window = period_of(source, file)
    result = land(source, file, window, store=DirectoryStore(root), known_at=window.end, landed_at=_NOW, run_id="test")
    return Landed(root, [result])


def test_every_day_has_a_load_and_no_row_fails_the_raw_contract(daily: Landed) -> None:
    counts = [result.manifest.counts for result in daily.results]
    assert len(counts) == 374  # 1 December 2010 to 9 December 2011, closed days included
    assert sum(one.received > 0 for one in counts) == 305
    assert sum(one.received for one in counts) == sum(one.landed for one in counts) == 541_909
    assert sum(one.quarantined + one.deduplicated for one in counts) == 0


def test_totals_are_those_of_the_source(daily: Landed, data: Path) -> None:
    rows = daily.rows()
    told = json.loads((data / "computed_totals.json").read_text())["totals"]
    cancelled = rows.filter(pl.col("order_ref").str.starts_with("C"))
    amounts = rows.select(amount=pl.col("quantity").cast(pl.Decimal(38, 0)) * pl.col("unit_price"))
    found = {
        "rows": rows.height,
        "invoices": rows["order_ref"].n_unique(),
        "stock_codes": rows["product_ref"].n_unique(),
        "customers": rows["customer_ref"].drop_nulls().n_unique(),
        "countries": rows["country"].n_unique(),
        "null_customer": rows["customer_ref"].null_count(),
        "cancel_rows": cancelled.height,
        "cancel_invoices": cancelled["order_ref"].n_unique(),
        "neg_qty": rows.filter(pl.col("quantity") < 0).height,
        "null_desc": rows["product_title"].null_count(),
        "zero_price": rows.filter(pl.col("unit_price") == 0).height,
        "neg_price": rows.filter(pl.col("unit_price") < 0).height,
        "min_ts": str(rows["occurred_at"].min()),  # winter: London's time is UTC at both ends
        "max_ts": str(rows["occurred_at"].max()),
        "qty_sum": rows["quantity"].sum(),
    }
    assert found == {name: told[name] for name in found}
    assert sum(amounts["amount"].to_list(), Decimal(0)) == Decimal(told["revenue"])


def test_summer_days_are_an_hour_behind_in_utc(daily: Landed) -> None:
    row = daily.rows().filter(pl.col("source_file") == "2011-07-21.csv").row(0, named=True)
    assert (row["order_ref"], row["occurred_at"].hour) == ("560776", 7)  # the file says 08:44


def test_files_and_parquet_give_the_same_rows(daily: Landed, whole: Landed) -> None:
    columns = [name for name in daily.rows().columns if not name.startswith("source_")]
    assert daily.rows().select(columns).equals(whole.rows().select(columns))


def test_landing_again_adds_nothing(daily: Landed, by_day: Path) -> None:
    source = find("online_retail")
    before = {info.key for info in daily.store.list("")}
    windows = day_windows(source, by_day)
    again = land_many(source, by_day, windows, store=daily.store, landed_at=_NOW, run_id="again")
    assert all(result.unchanged for result in again)
    assert {info.key for info in daily.store.list("")} == before
    live = live_loads(loads(daily.store, source.name, source.stream), as_of=_NOW)
    assert len(live) == 374
    assert all(load.is_whole for load in live)


def test_reparsing_from_raw_gives_the_same_bytes(daily: Landed) -> None:
    chosen = [result.manifest for result in daily.results[200:215]]
    records = reparse(daily.store, find("online_retail"), [manifest.ref for manifest in chosen])
    assert [record.rows.sha256 for record in records] == [manifest.parse.rows.sha256 for manifest in chosen]


def test_the_whole_file_is_refused_for_a_single_day(data: Path, tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    day = Window.local_day(date(2011, 7, 21), "Europe/London")
    with pytest.raises(QuarantineLimitError, match=r"540339 of 541909 records failed.*lies outside the load's window"):
        land(
            find("online_retail"),
            data / "online_retail.parquet",
            day,
            store=store,
            known_at=_NOW,
            landed_at=_NOW,
            run_id="test",
        )
    assert list(loads(store, "online_retail", "order_lines")) == []
