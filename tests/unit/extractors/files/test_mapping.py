"""Mappings: what is wrong is named with its file, key and remedy; the digest follows what matters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors.files.declarations import declared, find, load_mapping
from extractors.files.mapping import SourceMapping
from extractors.files.names import FileName
from lakehouse.errors import ConfigError
from lakehouse.sources import Source
from tests.support import exports


def _told() -> dict[str, Any]:
    return exports.mapping().model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _change(told: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    place: Any = told
    *parents, last = path.split("/")
    for key in parents:
        place = place[int(key)] if isinstance(place, list) else place[key]
    place[last] = value
    return told


_WRONG: list[tuple[str, object, str]] = [
    ("colour", "red", "colour"),
    ("name", "Test Shop", "name"),
    ("stream", "invoices", "no stream 'invoices'.*order_lines"),
    ("time_zone", "Europe/Brelin", "no time zone 'Europe/Brelin'"),
    ("layouts", [], "layouts"),
    ("columns/order_ref", {"from": "Order", "constant": "x"}, "give one of"),
    ("columns/order_ref", {}, "give one of"),
    ("columns/orderref", "Order", "no column 'orderref'.*order_ref"),
    ("columns/order_ref", {"from": "Order", "typ": "text"}, "columns.order_ref.typ"),
    ("columns/order_ref", {"from": ["A", "B"], "aliases": "C"}, "aliases"),
    ("columns/occurred_at", {"from": "Zeit"}, "formats"),
    ("columns/occurred_at", {"file_date": True}, "file_date"),
    ("columns/quantity", {"from": "Menge", "formats": "%Y"}, "formats.*are for times"),
    ("columns/product_title", {"from": "Titel", "negate": True}, "negate"),
    ("columns/unit_price", {"from": "Preis", "divide_by": "unit_price"}, "divide_by"),
    ("columns/order_ref", {"from": "Order", "pattern": "("}, "columns.order_ref"),
    ("layouts/0/format", "xls", "layouts.0.format"),
    ("layouts/0/encoding", "utf-9", "codec 'utf-9'"),
    ("layouts/0/delimiter", ";;", "one ASCII character"),
    ("layouts/0/decimal", ";", "layouts.0.decimal"),
    ("layouts/0/covers", "day", "{date:%Y-%m-%d}"),
    ("layouts/0/files", "../b.csv", "no pattern of file names"),
    ("layouts/0/files", "{date:%Q}.csv", "%Q"),
    ("layouts/0/header_row", 0, "layouts.0.header_row"),
    ("layouts/0/not_records", "(", "not_records"),
    ("keys", ["order"], "no column 'order'"),
    ("quarantine", {"max_share": 2}, "quarantine.max_share"),
    ("line_rules", [{"kind": "gift", "product_ref": "G", "reason": "gifts"}], "line_rules.0.kind"),
    ("line_rules", [{"kind": "fee", "reason": "no column named"}], "product_ref or order_ref"),
]


@pytest.mark.parametrize(("path", "value", "expected"), _WRONG)
def test_what_is_wrong_is_named(path: str, value: object, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "shop.yml"
    file.write_text(yaml.safe_dump(_change(_told(), path, value)), encoding="utf-8")
    with pytest.raises(ConfigError, match=expected) as error:
        load_mapping(file)
    assert str(file) in error.value.message
    assert error.value.remedy


def test_a_required_field_without_origin_is_named(tmp_path: Path) -> None:
    told = _told()
    del told["columns"]["unit_price"]
    (tmp_path / "shop.yml").write_text(yaml.safe_dump(told))
    with pytest.raises(ConfigError, match="nothing gives unit_price"):
        load_mapping(tmp_path / "shop.yml")


@pytest.mark.parametrize("text", ["a: [", "name: x\nname: y\n", "- 1\n", "\xff", ""])
def test_unreadable_files(text: str, tmp_path: Path) -> None:
    (tmp_path / "shop.yml").write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match=r"shop\.yml"):
        load_mapping(tmp_path / "shop.yml")


def test_two_files_of_one_source(tmp_path: Path) -> None:
    for name in ("a.yml", "b.yaml"):
        (tmp_path / name).write_text(yaml.safe_dump(_told()))
    with pytest.raises(ConfigError, match=r"test_shop a second time"):
        declared(tmp_path)
    with pytest.raises(ConfigError, match="no folder"):
        declared(tmp_path / "missing")


def test_an_unknown_source_lists_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"'shop'.*online_retail"):
        find("shop")


def test_source_tells_the_platform() -> None:
    source = find("online_retail").source()
    assert isinstance(source, Source)
    assert (source.stream, source.time_zone, source.cancellation_order_ref) == ("order_lines", "Europe/London", "C.*")
    assert source.expects_every_window
    assert source.line_rules[0].kind == "bad_debt"


_PARSING: list[tuple[str, object]] = [
    ("time_zone", "Europe/Paris"),
    ("columns/order_ref", {"from": "Order", "strip": True}),
    ("layouts/0/encoding", "cp1252"),
    ("layouts/0/ignored", ["Notiz", "Neu"]),
    ("keys", ["order_ref"]),
]
_OTHERWISE: list[tuple[str, object]] = [
    ("title", "Another title"),
    ("quarantine", {"max_share": 0.5}),
    ("cancellation_order_ref", "S.*"),
    ("documented_at", ["https://example.com"]),
]


@pytest.mark.parametrize(
    ("path", "value", "changes"), [(*one, True) for one in _PARSING] + [(*one, False) for one in _OTHERWISE]
)
def test_the_digest_follows_what_decides_the_rows(path: str, value: object, changes: bool) -> None:
    before = SourceMapping.model_validate(_told()).digest
    after = SourceMapping.model_validate(_change(_told(), path, value)).digest
    assert (before != after) == changes


@pytest.mark.parametrize(
    ("pattern", "name", "day"),
    [
        ("{date:%Y-%m-%d}.csv", "2011-07-21.csv", "2011-07-21"),
        ("{date:%Y-%m-%d}.csv", "2011-07-21.CSV.gz", "2011-07-21"),
        ("{date:%Y-%m-%d}.csv", "2011-07-21.zip", "2011-07-21"),
        ("orders_{date:%d%m%y}_*.xlsx", "Orders_210711_final.xlsx", "2011-07-21"),
        ("{date:%Y-%m-%d}.csv", "2011-02-30.csv", None),
        ("{date:%Y-%m-%d}.csv", "x2011-07-21.csv", None),
        ("{date:%Y-%m-%d}.csv", "2011-07-21.csv.bak", None),
        ("{date:%Y-%m-%d}.csv", "2011-07-21.tsv", None),
    ],
)
def test_file_names(pattern: str, name: str, day: str | None) -> None:
    file_name = FileName(pattern)
    assert file_name.matches(name) == (day is not None)
    if day is not None:
        assert str(file_name.day(name)) == day


def test_names_without_a_day() -> None:
    file_name = FileName("online?retail*.xlsx")
    assert file_name.matches("Online Retail.xlsx")
    assert file_name.matches("online_retail_II.xlsx.zip")
    assert not file_name.matches("offline_retail.xlsx")
    assert file_name.day("Online Retail.xlsx") is None
