"""Each format, compression and encoding gives the same rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from lakehouse.errors import ContractError
from lakehouse.landing import Parsed
from lakehouse.streams import ORDER_LINES
from tests.support import exports

_TEXTS: dict[str, dict[str, Any]] = {
    "csv": {"format": "csv"},
    "semicolon": {"format": "csv", "delimiter": ";"},
    "tsv": {"format": "tsv"},
    "unquoted": {"format": "tsv", "quoting": False},
    "jsonl": {"format": "jsonl"},
}
_ENCODINGS = ["utf-8", "utf-8-sig", "cp1252", "gb18030", "utf-16"]


def _text(shape: str) -> str:
    if shape == "unquoted":
        return exports.plain_text()
    if shape == "jsonl":
        return exports.json_lines()
    return exports.csv_text(delimiter={"csv": ",", "semicolon": ";", "tsv": "\t"}[shape])


def _check(parsed: Parsed) -> None:
    assert parsed.received == 3
    assert parsed.quarantined.is_empty()
    assert parsed.rows.schema == ORDER_LINES.landed_schema
    rows = parsed.rows.to_dicts()
    assert [row["source_row"] for row in rows] == [1, 2, 3]
    assert [row["order_ref"] for row in rows] == [row[0] for row in exports.ROWS]  # 23 digits are no float
    assert [row["product_title"] for row in rows] == [row[2] for row in exports.ROWS]
    assert [row["quantity"] for row in rows] == [2, 1, -1]
    assert [row["unit_price"] for row in rows] == [Decimal("1234.5000"), Decimal("0.9900"), Decimal("25.0000")]
    assert rows[2]["occurred_at"] == exports.utc(2024, 3, 5, 22, 59, 59)  # Berlin is an hour ahead in winter
    assert {row["currency_code"] for row in rows} == {"EUR"}


@pytest.mark.parametrize("suffix", exports.COMPRESSIONS)
@pytest.mark.parametrize("encoding", _ENCODINGS)
@pytest.mark.parametrize("shape", _TEXTS)
def test_text_formats(shape: str, encoding: str, suffix: str) -> None:
    data = exports.COMPRESSIONS[suffix](_text(shape).encode(encoding))
    source = exports.mapping(**_TEXTS[shape], encoding=encoding)
    _check(exports.parse(source, data, name=f"export.{shape}{suffix}"))


@pytest.mark.parametrize("suffix", exports.COMPRESSIONS)
def test_workbook(suffix: str) -> None:
    data = exports.COMPRESSIONS[suffix](exports.workbook())
    _check(exports.parse(exports.mapping(format="xlsx"), data, name=f"export.xlsx{suffix}"))


@pytest.mark.parametrize("suffix", exports.COMPRESSIONS)
def test_parquet(suffix: str) -> None:
    data = exports.COMPRESSIONS[suffix](exports.parquet())
    _check(exports.parse(exports.mapping(format="parquet"), data, name=f"export.parquet{suffix}"))


def test_japanese_in_cp932() -> None:
    rows = [["1", "あ-1", "花柄の傘", "1", "980", "2024-03-05 12:00:00", "贈り物"]]
    parsed = exports.parse(exports.mapping(encoding="cp932"), exports.csv_text(rows).encode("cp932"))
    assert parsed.rows["product_title"].to_list() == ["花柄の傘"]


def test_sheet_by_name_and_an_unknown_one() -> None:
    data = exports.workbook(sheet="Orders")
    _check(exports.parse(exports.mapping(format="xlsx", sheet="Orders"), data, name="a.xlsx"))
    with pytest.raises(ContractError, match=r"no sheet 'Sheet1'.*Orders"):
        exports.parse(exports.mapping(format="xlsx", sheet="Sheet1"), data, name="a.xlsx")


def test_workbook_floats_are_read_by_their_shortest_writing() -> None:
    rows = [["1", "A", "t", "1", price, "2024-03-05 12:00:00", ""] for price in ("2.55", "0.1", "1.1", "39.99")]
    parsed = exports.parse(exports.mapping(format="xlsx"), exports.workbook(rows), name="a.xlsx")
    assert [str(price) for price in parsed.rows["unit_price"]] == ["2.5500", "0.1000", "1.1000", "39.9900"]


def test_formulas_stay_text() -> None:
    rows = [["1", "=1+1", '=HYPERLINK("http://example.com")', "1", "1", "2024-03-05 12:00:00", "@SUM(A1)"]]
    for data, source in (
        (exports.csv_text(rows).encode(), exports.mapping()),
        (exports.workbook(rows), exports.mapping(format="xlsx")),
    ):
        parsed = exports.parse(source, data)
        assert parsed.rows["product_ref"].to_list() == ["=1+1"]
        assert parsed.rows["product_title"].to_list() == ['=HYPERLINK("http://example.com")']


def test_decimal_comma_and_thousands() -> None:
    rows = [["1", "A", "t", "1.000", price, "2024-03-05 12:00:00", ""] for price in ("1.234,50", "12,5", "7")]
    parsed = exports.parse(exports.mapping(decimal=",", thousands="."), exports.csv_text(rows).encode())
    assert [str(price) for price in parsed.rows["unit_price"]] == ["1234.5000", "12.5000", "7.0000"]
    assert parsed.rows["quantity"].to_list() == [1000] * 3


@pytest.mark.parametrize("price", ["1.23,50", "1234.50", "1,234,50", "12.34.567,1"])
def test_misplaced_separators_fail(price: str) -> None:
    rows = [["1", "A", "t", "1", price, "2024-03-05 12:00:00", ""], [*exports.ROWS[0][:4], "7", *exports.ROWS[0][5:]]]
    parsed = exports.parse(exports.mapping(decimal=",", thousands="."), exports.csv_text(rows).encode())
    assert parsed.quarantined["reason"].to_list() == ["Preis is not an amount"]


def test_header_row_names_given_and_footers() -> None:
    text = "Bericht vom 5. März\n\n" + exports.csv_text() + '3 Zeilen,"am Ende"\n'
    parsed = exports.parse(exports.mapping(header_row=3, not_records=r'[0-9]+ Zeilen,"am Ende"'), text.encode())
    _check(parsed)
    body = exports.csv_text().split("\n", 1)[1]
    _check(exports.parse(exports.mapping(header=exports.HEADER), body.encode()))


def test_records_without_any_value_are_none() -> None:
    text = exports.csv_text() + ",,,,,,\n" + '"","","","","","",""\n\n   \n'
    _check(exports.parse(exports.mapping(), text.encode()))
