"""The whole way of a decision: crawled offers, a close, the sheet, a person, the next close; with real dbt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import yaml

from ecomops import model_runs, pipeline
from ecomops.match_sheet import SHEET
from ecomops.matching import Reading, read_review, summary, write_review
from lakehouse.errors import ConfigError, ContractError
from lakehouse.landing import loads
from lakehouse.objectstore import open_store
from lakehouse.results import find_result, read_tables
from lakehouse.settings import Settings
from lakehouse.warehouse import Warehouse, build, open_reader
from lakehouse.windows import Window

_CUSHION, _TRAY = "4006381333931", "4006381333948"
_NOW = datetime(2030, 1, 1, tzinfo=UTC)
_ANN = "Ann Example"
# As a crawl and a shop would tell them; as files, so that the platform's own way in is taken.
_MAPPINGS = {
    "our_products": {
        "stream": "products",
        "columns": {
            "record_ref": "sku", "version_at": {"from": "at", "formats": "%Y-%m-%dT%H:%M:%SZ"},
            "product_ref": "sku", "product_title": "title", "brand": "brand", "gtin": "gtin", "mpn": "mpn",
            "occurred_at": {"from": "at", "formats": "%Y-%m-%dT%H:%M:%SZ"},
        },
    },
    "rival_test": {
        "stream": "competitor_offers",
        "columns": {
            "record_ref": {"from": ["page_url", "at"], "join": "@"},
            "version_at": {"from": "at", "formats": "%Y-%m-%dT%H:%M:%SZ"},
            "page_url": "page_url", "content_sha256": {"constant": "0" * 64}, "offer_ref": {"constant": "1"},
            "offer_title": "title", "brand": "brand", "gtin": "gtin", "mpn": "mpn",
            "occurred_at": {"from": "at", "formats": "%Y-%m-%dT%H:%M:%SZ"},
        },
    },
}  # fmt: skip
_OURS = (
    "sku,title,brand,gtin,mpn,at",
    f"NL-1,Ribbed Linen Cushion,Kumo,{_CUSHION},,{{at}}",
    f"NL-2,Speckled Oak Tray,Fjordhem,{_TRAY},FJ-1000-11,{{at}}",
    "NL-3,Coastal Brass Lamp,Fjordhem,,,{at}",
)
_OFFERS = (
    "page_url,title,brand,gtin,mpn,at",
    f"https://r.example/kissen,Kissen,Kumo,{_CUSHION},,{{at}}",
    "https://r.example/tablett,Tablett,FJORDHEM,,fj 1000 11,{at}",
    "https://r.example/lamp,Lamp Coastal Brass,Fjordhem,,,{at}",
    f"https://r.example/six,Speckled Oak Tray – Pack of 6,Fjordhem,{_TRAY},,{{at}}",
    "https://r.example/cushion,=Ribbed Linen Cushion,,,,{at}",
    "https://r.example/hose,Garden Hose,Hosey,,,{at}",
)


@dataclass(frozen=True)
class Shop:
    """A merchant whose first day with competitors is closed."""

    settings: Settings
    as_of: datetime
    drops: Path

    def land(self, source: str, lines: tuple[str, ...], at: datetime) -> None:
        """Lands lines as a file of the day."""
        folder = self.drops / f"{source}-{at:%Y%m%d}"
        folder.mkdir(parents=True)
        text = "\n".join(lines).replace("{at}", f"{at:%Y-%m-%dT%H:%M:%SZ}")
        (folder / f"{source}_{at:%Y-%m-%d}.csv").write_text(text, encoding="utf-8")
        day = Window.local_day(at.date(), "UTC")
        pipeline.land(self.settings, source, folder, [day], landed_at=_NOW, run_id="land", known_at=at)

    def close(self, as_of: datetime, run_id: str) -> dict[str, tuple[str, str | None, str | None]]:
        """Closes a day without the other models; by page: status, rule and product."""
        warehouse = Warehouse(self.settings, open_store(self.settings))
        core = pipeline.build(self.settings, as_of=as_of, run_id=run_id)
        warehouse.mark_audited(warehouse.candidate(core))
        pipeline.publish(self.settings, core)
        model_runs.run_model(self.settings, "matching", snapshot_id=core, run_id=run_id)
        found = read_tables(warehouse.store, find_result(warehouse.store, "matching", as_of=as_of, run_id=run_id))
        checks = pl.DataFrame({"check_id": ["none"]})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(build, "run_dbt", lambda *_, **__: [])  # the report tables are not what this is about
            current = build.build_reports(
                self.settings, core=warehouse.snapshot(core), run_id=run_id, tables=found, checks=checks
            )
        warehouse.mark_audited(current)
        pipeline.publish(self.settings, current.snapshot_id)
        rows = found["offer_match"].select("page_url", "status", "rule", "product_id").rows()
        return {str(page).rpartition("/")[2]: (status, rule, product) for page, status, rule, product in rows}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("matching")
    mappings = folder / "mappings"
    mappings.mkdir()
    for name, told in _MAPPINGS.items():
        layout = {"name": "csv", "files": f"{name}_{{date:%Y-%m-%d}}.csv", "format": "csv", "ignored": ["at"]}
        whole = {"name": name, "title": name, "mode": "versions", "time_zone": "UTC", "layouts": [layout], **told}
        (mappings / f"{name}.yml").write_text(yaml.safe_dump(whole))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Settings.model_config, "env_file", None)
        settings = Settings(var_dir=folder / "var", pseudonym_key="a key for tests", mappings_dir=mappings)
        yield Shop(settings, datetime(2025, 3, 6, tzinfo=UTC), folder / "drops")


def test_a_decision_goes_from_the_sheet_to_the_next_close_and_stays(shop: Shop, tmp_path: Path) -> None:
    settings, seen = shop.settings, shop.as_of - timedelta(hours=6)
    shop.land("our_products", _OURS, seen)
    shop.land("rival_test", _OFFERS, seen)
    first = shop.close(shop.as_of, "first")
    assert first == {
        "kissen": ("matched", "gtin", "NL-1"),
        "tablett": ("matched", "brand_mpn", "NL-2"),
        "lamp": ("matched", "text", "NL-3"),
        "six": ("review", "gtin", "NL-2"),
        "cushion": ("review", "text", "NL-1"),
        "hose": ("none", None, None),
    }
    counted = {(status, rule): offers for _, status, rule, offers in summary(settings).iter_rows()}
    assert counted["matched", "gtin"] == 1
    assert sum(counted.values()) == 6

    sheet = tmp_path / "review.csv"
    assert write_review(settings, sheet, most=500) == (2, 2)
    assert b"'=Ribbed" in sheet.read_bytes()
    rows = pl.read_csv(sheet, infer_schema=False)
    assert rows.columns == list(SHEET)
    assert rows.height == 2

    # A person decides: not the single tray, and the cushion it is.
    said = pl.when(pl.col("page_url").str.ends_with("six")).then(pl.lit("different")).otherwise(pl.lit("same"))
    decided_at = shop.as_of + timedelta(hours=9)
    wrong = tmp_path / "wrong.csv"
    rows.with_columns(decision=said, product_id=pl.lit("NL-99")).write_csv(wrong)
    with pytest.raises(ContractError, match="row 2: there is no product 'NL-99'"):
        read_review(settings, wrong, by=_ANN, now=decided_at, run_id="read")
    with pytest.raises(ConfigError, match="Nobody is named"):
        read_review(settings, sheet, by=" ", now=decided_at, run_id="read")
    rows.with_columns(decision=said).write_csv(sheet)
    assert read_review(settings, sheet, by=_ANN, now=decided_at, run_id="read") == Reading(1, 1, unchanged=False)
    again = read_review(settings, sheet, by=_ANN, now=decided_at + timedelta(days=3), run_id="again")
    assert again == Reading(1, 1, unchanged=True)
    assert len(list(loads(open_store(settings), "match_decisions", "match_decisions"))) == 1

    # The page is crawled again, and changes what does not matter.
    later = shop.as_of + timedelta(hours=12)
    shop.land("rival_test", tuple(line.replace("=Ribbed Linen", "Ribbed Linen ") for line in _OFFERS), later)
    second = shop.close(shop.as_of + timedelta(days=1), "second")
    assert second["six"] == ("rejected", "person", "NL-2")
    assert second["cushion"] == ("matched", "person", "NL-1")
    assert {page: second[page] for page in ("kissen", "tablett", "lamp", "hose")} == {
        page: first[page] for page in ("kissen", "tablett", "lamp", "hose")
    }
    with open_reader(settings) as reader:
        people = {one for (one,) in reader.rows("select decided_by_pseudonym from staging.stg_match_decisions")}
    assert people
    assert _ANN not in people
    assert write_review(settings, tmp_path / "empty.xlsx", most=500) == (0, 0)

    # As of the day before, nobody had decided anything.
    assert shop.close(shop.as_of, "as-of") == first
