"""The review sheet: what a spreadsheet does to it, and what a person may do wrong on it."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest

from ecomops.match_sheet import SHEET, existing, read_sheet, write_sheet
from lakehouse.errors import ConfigError, ContractError

_ROW = {
    "site": "rival",
    "page_url": "https://rival.example/1",
    "offer_ref": "-7",
    "product_id": "NL-1",
    "our_title": "Tray",
}


def _sheet(*rows: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame([{name: {**_ROW, **row}.get(name) for name in SHEET} for row in rows], schema=SHEET)


def _read(*rows: dict[str, str]) -> pl.DataFrame:
    return read_sheet(_sheet(*rows).write_csv().encode(), "review.csv")


@pytest.mark.parametrize("name", ["review.csv", "review.xlsx"])
def test_a_sheet_comes_back_as_it_was_written(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    evil = {"offer_title": '=HYPERLINK("http://evil")', "offer_ref": "@7", "product_id": "0012", "note": "süß, 茶"}
    write_sheet(_sheet({"decision": "same", **evil}, {"decision": ""}), path)
    data = path.read_bytes()
    if name.endswith("csv"):
        assert data.startswith(b"\xef\xbb\xbf")
        assert b"'=HYPERLINK" in data
    else:
        assert pl.read_excel(io.BytesIO(data), infer_schema_length=0)["offer_title"][0].startswith("'=")
    (row,) = read_sheet(data, name).iter_rows(named=True)
    assert row == {
        "row": 2, "site": "rival", "page_url": "https://rival.example/1", "offer_ref": "@7", "product_id": "0012",
        "decision": "same", "note": "süß, 茶",
    }  # fmt: skip


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.replace(",", ";").encode("utf-8-sig"),
        lambda text: text.replace(",", "\t").encode("utf-16"),
        lambda text: text.replace("\n", "\r\n").encode(),
    ],
)
def test_a_spreadsheet_may_save_it_its_own_way(encode: object) -> None:
    text = _sheet({"decision": " Same "}, {"decision": "different", "product_id": " nl-2 "}).write_csv()
    assert callable(encode)
    found = read_sheet(encode(text), "review.csv")
    assert found.select("row", "decision", "product_id", "offer_ref").rows() == [
        (2, "same", "NL-1", "-7"),
        (3, "different", "NL-2", "-7"),
    ]


def test_what_is_wrong_is_told_with_its_row_and_the_remedy() -> None:
    for rows, words in (
        ([{"decision": "same"}, {"decision": "maybe"}], "row 3: the decision is 'maybe'"),
        ([{}, {}], "Nothing is decided"),
        ([{"decision": "same", "product_id": " "}], "row 2: product_id is empty"),
        ([{"decision": "same"}, {"decision": "same", "product_id": "NL-2"}], "rows 2, 3: one offer"),
        ([{"decision": "same"}, {"decision": "different"}], "row 2: another row says the opposite"),
    ):
        with pytest.raises(ContractError, match=words) as caught:
            _read(*rows)
        assert caught.value.remedy


def test_one_offer_may_be_one_product_and_not_another() -> None:
    found = _read({"decision": "same"}, {"decision": "different", "product_id": "NL-2"})
    assert found["decision"].to_list() == ["same", "different"]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\x93\xfa\x96{", "review.csv"),
        (b"not a workbook", "review.xlsx"),
        (b"", "review.csv"),
        (b"decision,product_id\nsame,NL-1\n", "review.csv"),
    ],
)
def test_what_is_no_sheet_is_refused(data: bytes, name: str) -> None:
    with pytest.raises(ContractError):
        read_sheet(data, name)


def test_nobodys_decisions_are_written_over(tmp_path: Path) -> None:
    path = tmp_path / "review.csv"
    existing(path, replace=False)
    path.write_text("decision\nsame\n")
    with pytest.raises(ConfigError, match="somebody's decisions"):
        existing(path, replace=False)
    existing(path, replace=True)
