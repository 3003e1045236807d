"""Flat files as they come: charsets declared, wrongly declared and not at all; quotation marks; packed or not."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

from extractors.amazon.flat_files import amount, batches, charset, moment
from extractors.casting import cell
from lakehouse.errors import ContractError
from lakehouse.landing import RawFile
from lakehouse.streams import INSTANT, MONEY

_UK, _JP, _US = "A1F83G8C2ARO7P", "A1VC38T7YXB528", "ATVPDKIKX0DER"
_TITLE = {_UK: 'Café – 10" £™', _JP: "ソファー表示 ①㈱", _US: 'Café 10" ✓'}


def _part(folder: Path, body: bytes, content_type: str = "text/plain", marketplace: str = _UK) -> RawFile:
    path = folder / "report.tsv"
    path.write_bytes(body)
    return RawFile(path.name, path, {"content_type": content_type, "marketplace": marketplace})


@pytest.mark.parametrize(
    ("marketplace", "encoding", "content_type"),
    [
        (_UK, "cp1252", "text/plain; charset=Cp1252"),
        (_UK, "cp1252", "text/plain;charset=ISO-8859-1"),
        (_UK, "cp1252", "text/plain"),
        (_UK, "utf-8", "text/plain"),
        (_UK, "utf-8-sig", "text/plain"),
        (_JP, "cp932", "text/plain; charset=windows-31j"),
        (_JP, "cp932", "text/plain; charset=Shift_JIS"),
        (_JP, "cp932", "application/octet-stream"),
        (_JP, "utf-8", "text/plain; charset=UTF-8"),
        (_US, "utf-8", "text/plain; charset=utf8"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_titles_are_what_was_written(
    tmp_path: Path, marketplace: str, encoding: str, content_type: str, *, packed: bool
) -> None:
    body = f"sku\tproduct-name\r\nA-1\t{_TITLE[marketplace]}\r\n".encode(encoding)
    part = _part(tmp_path, gzip.compress(body) if packed else body, content_type, marketplace)
    (decoded,) = batches(part, ["sku"], ["product-name"])
    assert decoded.frame.rows() == [("report.tsv", 1, "A-1", _TITLE[marketplace])]
    assert charset(part).removesuffix("-sig") == encoding.removesuffix("-sig")


def test_quotation_marks_are_text(tmp_path: Path) -> None:
    """A reader that knows quoting swallows lines from an inch sign to the next one."""
    body = b'sku\ttitle\nA-1\t"10 inch\nA-2\t10" box\nA-3\t"all of it"\n'
    (decoded,) = batches(_part(tmp_path, body), ["sku", "title"])
    assert decoded.frame["title"].to_list() == ['"10 inch', '10" box', '"all of it"']


def test_a_file_whose_header_is_quoted_is_quoted_throughout(tmp_path: Path) -> None:
    body = b'"Date"\t"MSKU"\t"Quantity"\n"01/02/2025"\t"A-1"\t"-3"\n"01/03/2025"\t""\t"4"\n'
    (decoded,) = batches(_part(tmp_path, body), ["MSKU", "Quantity"])
    assert decoded.frame.select("MSKU", "Quantity").rows() == [("A-1", "-3"), ("", "4")]


def test_columns_are_found_however_they_are_spelt(tmp_path: Path) -> None:
    (decoded,) = batches(
        _part(tmp_path, b"EventType\tReference ID\nx\ty\n"), ["Event Type"], ["reference-id", "Reason"]
    )
    assert decoded.frame.drop("source_file", "source_row").rows() == [("x", "y", None)]


def test_bad_rows_are_set_aside_and_the_others_stay(tmp_path: Path) -> None:
    body = b"sku\ttitle\nA-1\tok\nA-2\nA-3\ta\tb\n\nA-4\t" + b"\x81\nA-5\tok\n"
    (decoded,) = batches(_part(tmp_path, body, "text/plain; charset=Cp1252"), ["sku", "title"])
    assert decoded.frame["sku"].to_list() == ["A-1", "A-5"]
    assert decoded.frame["source_row"].to_list() == [1, 6]
    assert decoded.misfits.select("source_row", "reason").rows() == [
        (2, "has more or fewer fields than the header"),
        (3, "has more or fewer fields than the header"),
        (5, "is not cp1252"),
    ]
    assert decoded.received == 5


def test_rows_come_in_batches_with_their_numbers(tmp_path: Path) -> None:
    body = b"sku\n" + b"".join(b"A-%d\n" % number for number in range(1, 8))
    found = list(batches(_part(tmp_path, body), ["sku"], size=3))
    assert [one.frame["source_row"].to_list() for one in found] == [[1, 2, 3], [4, 5, 6], [7]]


def test_a_missing_column_is_a_broken_contract(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="no column 'quantity'"):
        list(batches(_part(tmp_path, b"sku\tqty\nA\t1\n"), ["sku", "quantity"]))


def test_an_empty_file_has_no_columns(tmp_path: Path) -> None:
    with pytest.raises(ContractError):
        list(batches(_part(tmp_path, b""), ["sku"]))


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("12.34", "12.3400"),
        ("-12,34", "-12.3400"),
        ("-1.234,56", "-1234.5600"),
        ("1,234.56", "1234.5600"),
        ("1234", "1234.0000"),
        ("1,234,567", "1234567.0000"),
        ("0,5", "0.5000"),
    ],
)
def test_amounts_with_a_comma_or_a_point(text: str, exact: str) -> None:
    told = pl.select(cell(amount(pl.lit(text)), MONEY).value)
    assert str(told.item()) == exact


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2025-06-09 05:23:19 UTC", "2025-06-09 05:23:19"),
        ("09.06.2025 05:23:19 UTC", "2025-06-09 05:23:19"),
        ("09/06/2025 05:23:19 UTC", "2025-06-09 05:23:19"),
        ("2025/06/09 14:23:19 JST", "2025-06-09 05:23:19"),
        ("2025-06-09T05:23:19+00:00", "2025-06-09 05:23:19"),
        ("2025-06-08T22:23:19-07:00", "2025-06-09 05:23:19"),
        ("09.06.2025", "2025-06-09 00:00:00"),
        ("2025-06-09", "2025-06-09 00:00:00"),
        ("1.569521782042E9", "2019-09-26 18:16:22.042000"),
    ],
)
def test_moments_as_reports_write_them(text: str, utc: str) -> None:
    told = pl.select(cell(moment(pl.lit(text)), INSTANT).value)
    assert str(told.item()) == utc
