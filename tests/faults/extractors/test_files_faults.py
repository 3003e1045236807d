"""Fault matrix, files: garbage, NaN, long ids, empty files, wrong character sets, changed columns.

Each family is generated, at least twenty cases of each: the bad record is quarantined with its reason and the
rest loads, or the file is refused by a message that names it and says what to do.
"""

from __future__ import annotations

import io
import itertools
import random
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from extractors.files.mapping import SourceMapping
from lakehouse.errors import ContractError, QuarantineLimitError
from tests.support import exports

pytestmark = pytest.mark.faults

_LINES = exports.json_lines().splitlines()
_JSON = exports.mapping(format="jsonl")
_GARBAGE = [
    "{", "}", "[]", "null", "42", '"text"', "{]", '{"Order": }', '{"Order": "1",}', "{'Order': '1'}", "<html>",
    '{"Order": "1"', '{"Order": "1"} trailing', '{"Order": "1"}{"Order": "2"}', '{"Order": "1"},{"Order": "2"}',
    '{"Order": "\\uD83D"}',
    '{"Order": "\\ud83"}', '{"Order": 01}', '{"Order": .5}', '{"Order": +1}', '{"Order": 0x1}', '{"Order": True}',
    '{"Order": undefined}', '{Order: "1"}', '{"Order": "1", "Order": "2"}', "[" * 2000, '{"a":' * 2000, "// comment",
    "\x01\x02\x03", "Internal Server Error", '{"Order": "tab\there"}',
]  # fmt: skip


@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize("garbage", _GARBAGE)
def test_garbage_json_is_quarantined_and_the_rest_loads(garbage: str, place: int) -> None:
    lines = [*_LINES[:place], garbage, *_LINES[place:]]
    parsed = exports.parse(_JSON, ("\n".join(lines) + "\n").encode())
    assert parsed.rows.height == 3
    assert parsed.received == 4
    failed = parsed.quarantined.row(0, named=True)
    assert failed["source_row"] == place + 1
    assert failed["reason"].startswith("the record ")


@pytest.mark.parametrize("seed", range(20))
def test_two_halves_of_records_never_make_a_whole_one(seed: int) -> None:
    choice = random.Random(seed)  # noqa: S311 -- cases, not secrets
    cut = [line[: choice.randrange(1, len(line) - 1)] for line in _LINES]
    rest = [line[choice.randrange(1, len(line) - 1) :] for line in _LINES]
    lines = [*_LINES, *cut, *rest]
    choice.shuffle(lines)
    parsed = exports.parse(_JSON, "\n".join(lines).encode())
    assert (parsed.rows.height, parsed.quarantined.height) == (3, 6)
    whole = [number for number, line in enumerate(lines, start=1) if line in _LINES]
    assert parsed.rows["source_row"].to_list() == whole


_NOT_NUMBERS = ["NaN", "-NaN", "nan", "inf", "-inf", "Infinity", "-Infinity", "+Infinity", "1e400", "#N/A", "#DIV/0!"]


@pytest.mark.parametrize("column", ["Menge", "Preis"])
@pytest.mark.parametrize("text", _NOT_NUMBERS)
def test_what_is_no_number_is_refused_in_csv(column: str, text: str) -> None:
    bad = list(exports.ROWS[0])
    bad[exports.HEADER.index(column)] = text
    parsed = exports.parse(exports.mapping(), exports.csv_text([*exports.ROWS, bad]).encode())
    assert (parsed.rows.height, parsed.quarantined["column_name"].to_list()) == (3, [column])


@pytest.mark.parametrize("column", ["Menge", "Preis"])
@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("place", range(4))
def test_what_is_no_number_is_refused_in_json(column: str, constant: str, place: int) -> None:
    number = exports.ROWS[0][exports.HEADER.index(column)]
    bad = _LINES[0].replace(f'"{column}": {number}', f'"{column}": {constant}')
    assert bad != _LINES[0]
    lines = [*_LINES[:place], bad, *_LINES[place:]]
    parsed = exports.parse(_JSON, "\n".join(lines).encode())
    assert parsed.rows.height == 3
    assert parsed.quarantined["reason"].to_list() == [f"the record holds {constant}, which is no JSON number"]


@pytest.mark.parametrize("digits", range(16, 40))
def test_long_ids_stay_text(digits: int) -> None:
    ref = ("9182736450" * 4)[:digits]
    rows = [[ref, *row[1:]] for row in exports.ROWS]
    for source, data in (
        (exports.mapping(), exports.csv_text(rows)),
        (_JSON, exports.json_lines(rows)),  # as JSON numbers
        (exports.mapping(format="tsv", quoting=False), exports.plain_text(rows)),
    ):
        parsed = exports.parse(source, data.encode())
        assert parsed.rows["order_ref"].to_list() == [ref] * 3
    parsed = exports.parse(exports.mapping(format="parquet"), exports.parquet(rows))
    assert parsed.rows["order_ref"].to_list() == [ref] * 3


_NOTHING = [b"", b"\n", b"\r\n\r\n", b"   \n", b"\xef\xbb\xbf"]
_HEADERS_ONLY = [
    exports.csv_text([]),
    exports.csv_text([]).strip(),
    exports.csv_text([]) + "\n\n",
    exports.csv_text([]) + ",,,,,,\n",
]


@pytest.mark.parametrize("suffix", exports.COMPRESSIONS)
@pytest.mark.parametrize("data", [*_NOTHING, *(text.encode() for text in _HEADERS_ONLY)])
def test_an_empty_file_is_a_load_of_no_rows(data: bytes, suffix: str) -> None:
    encoding = "utf-8-sig" if data.startswith(b"\xef") else "utf-8"
    parsed = exports.parse(
        exports.mapping(encoding=encoding), exports.COMPRESSIONS[suffix](data), name=f"a.csv{suffix}"
    )
    assert (parsed.received, parsed.rows.height, parsed.quarantined.height) == (0, 0, 0)


@pytest.mark.parametrize("data", [exports.workbook([]), exports.parquet([])], ids=["xlsx", "parquet"])
def test_an_empty_table_is_a_load_of_no_rows(data: bytes) -> None:
    format_ = "xlsx" if data.startswith(b"PK") else "parquet"
    assert exports.parse(exports.mapping(format=format_), data).received == 0


_WORDS = {
    "utf-8": "Zähler für groß",
    "cp1252": "Zähler für groß, 5 € – „neu“",
    "gb18030": "春夏新款连衣裙，颜色分类：红色",
    "cp932": "花柄の傘、ピンク・大きいサイズ",
    "utf-16": "Zähler",
    "utf-8-sig": "Zähler",
}
_CONFUSED = [
    (written, read)
    for written, read in itertools.permutations(_WORDS, 2)
    if {written, read} != {"utf-8", "utf-8-sig"} and (written, read) != ("cp1252", "cp1252")
]


@pytest.mark.parametrize(("written", "read"), _CONFUSED)
def test_a_wrong_character_set_is_named(written: str, read: str) -> None:
    header = ["Order", "SKU", "Titel", "Menge", "Preis", "Zeit", _WORDS[written].split(",")[0]]
    rows = [[*row[:2], _WORDS[written], *row[3:]] for row in exports.ROWS]
    data = exports.csv_text(rows, header=header).encode(written)
    told = exports.mapping(encoding=read, ignored=[header[-1]])
    with pytest.raises(ContractError, match=r"export\.csv") as error:
        exports.parse(told, data)
    message = str(error.value)
    assert f"not written in {read.removesuffix('-sig')}" in message or "unknown column" in message


@pytest.mark.parametrize("written", ["gb18030", "cp932", "utf-8"])
@pytest.mark.parametrize("read", ["cp1252", "gb18030", "cp932", "latin-1"])
def test_a_foreign_header_is_recognised_by_its_names(written: str, read: str) -> None:
    if written == read:
        return
    names = {"gb18030": "订单编号", "cp932": "ご注文番号", "utf-8": "订单编号"}
    told = exports.mapping(encoding=read).model_dump(by_alias=True)
    told["columns"]["order_ref"] = {"from": [names[written]]}
    plain = [[*exports.ROWS[0][:2], "tea", *exports.ROWS[0][3:]]]
    data = exports.csv_text(plain, header=[names[written], *exports.HEADER[1:]]).encode(written)
    with pytest.raises(ContractError, match=f"not written in .*`encoding: {written}`"):
        exports.parse(SourceMapping.model_validate(told), data)


def _columns_changed() -> list[tuple[str, list[str], str]]:
    cases = []
    for place, name in enumerate(exports.HEADER):
        cases.append(
            (f"without {name}", [*exports.HEADER[:place], *exports.HEADER[place + 1 :]], f"lacks the column '{name}'")
        )
        renamed = [*exports.HEADER[:place], f"{name} neu", *exports.HEADER[place + 1 :]]
        cases.append((f"renamed {name}", renamed, f"lacks the column '{name}' and has the unknown column '{name} neu'"))
        upper = [*exports.HEADER[:place], name.upper() + "_", *exports.HEADER[place + 1 :]]
        cases.append((f"upper {name}", upper, f"unknown column '{name.upper()}_'"))
    cases.append(("one more", [*exports.HEADER, "Rabatt"], "unknown column 'Rabatt'"))
    cases.append(("twice", [*exports.HEADER, "Order"], "names the column 'Order' more than once"))
    return cases


@pytest.mark.parametrize(
    ("names", "expected"), [one[1:] for one in _columns_changed()], ids=[one[0] for one in _columns_changed()]
)
def test_new_and_removed_columns_fail_loudly(names: list[str], expected: str) -> None:
    rows = [[*row, "x"][: len(names)] for row in exports.ROWS]
    with pytest.raises(ContractError, match=expected) as error:
        exports.parse(exports.mapping(), exports.csv_text(rows, header=names).encode())
    assert "export.csv" in error.value.message


_RETYPED: list[tuple[str, list[Any]]] = [
    ("Menge", ["1.5", "2.5", "x"]),
    ("Menge", ["eins", "zwei", "drei"]),
    ("Preis", ["1,50", "2,50", "3,50"]),
    ("Preis", ["EUR 1", "EUR 2", "EUR 3"]),
    ("Zeit", ["05.03.2024", "05.03.2024", "05.03.2024"]),
    ("Zeit", ["1709629200"] * 3),
]


@pytest.mark.parametrize(("column", "values"), _RETYPED)
def test_a_retyped_column_stops_the_load(column: str, values: list[str]) -> None:
    place = exports.HEADER.index(column)
    rows = [[*row[:place], value, *row[place + 1 :]] for row, value in zip(exports.ROWS, values, strict=True)]
    with pytest.raises(QuarantineLimitError, match=f"3 of 3 records failed.*{column} is not"):
        exports.parse(exports.mapping(), exports.csv_text(rows).encode())


def test_an_unseen_word_is_quarantined() -> None:
    told = exports.mapping().model_dump(by_alias=True)
    told["columns"]["product_title"]["values"] = {row[2]: "ok" for row in exports.ROWS}
    rows = [*exports.ROWS, [*exports.ROWS[0][:2], "neues Wort", *exports.ROWS[0][3:]]]
    parsed = exports.parse(SourceMapping.model_validate(told), exports.csv_text(rows).encode())
    assert parsed.quarantined["reason"].to_list() == ["Titel is not one of the values that the mapping lists"]


@pytest.mark.parametrize("cut", range(1, 60, 2))
def test_a_file_cut_short_anywhere_loses_no_more_than_its_last_record(cut: int) -> None:
    whole = exports.csv_text(exports.ROWS * 3).encode()
    parsed = exports.parse(exports.mapping(), whole[:-cut])
    assert parsed.rows.height >= 8 if cut <= len(exports.csv_text().encode()) - 100 else True
    assert parsed.received in {8, 9}
    assert parsed.rows.height + parsed.quarantined.height == parsed.received


@pytest.mark.parametrize("format_", ["xlsx", "parquet"])
@pytest.mark.parametrize("keep", [0, 1, 4, 100, 1000, -1, -8, -100])
def test_damaged_binary_files_are_refused(format_: str, keep: int) -> None:
    data = exports.workbook() if format_ == "xlsx" else exports.parquet()
    with pytest.raises(ContractError, match=r"export\.bin"):
        exports.parse(exports.mapping(format=format_), data[:keep], name="export.bin")


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04", b"\x1f\x8b\x08", b"%PDF-1.7\n\xff\xfe", b"\x00" * 50, b"\xd0\xcf\x11\xe0" * 9]
)
def test_other_files_under_a_csv_name_are_refused(data: bytes) -> None:
    with pytest.raises(ContractError, match=r"export\.csv"):
        exports.parse(exports.mapping(), data)


@pytest.mark.parametrize("error", ["#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!"])
@pytest.mark.parametrize("column", ["Titel", "Preis", "Notiz"])
def test_error_cells_of_a_workbook_are_quarantined(error: str, column: str) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet()
    page.write_row(1, 0, exports.HEADER)  # an empty row above, and one below
    for number in (3, 4):
        page.write_row(number, 0, exports.ROWS[0])
    page.write_formula(4, exports.HEADER.index(column), "=A1", None, error)
    book.close()
    parsed = exports.parse(exports.mapping(format="xlsx", header_row=2), out.getvalue(), name="export.xlsx")
    assert parsed.rows["source_row"].to_list() == [2]
    failed = parsed.quarantined.row(0, named=True)
    assert (failed["source_row"], failed["reason"]) == (
        3,
        f"the record has a spreadsheet error such as #N/A in {column}",
    )
