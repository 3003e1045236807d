"""The European Central Bank's file: its quirks, its windows, and what becomes of a bad line or cell."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from extractors.api.connector import Request
from extractors.api.errors import IncompleteError
from extractors.fx import OPTIONS, RESOURCES, connect
from extractors.fx.parse import newest_day, parse_rates, read_text
from lakehouse.errors import ConfigError, ContractError
from lakehouse.landing import RawFile
from lakehouse.streams import stream
from lakehouse.windows import Window

_TEXT = (
    "Date,USD,JPY,CYP,\n"
    "2024-03-05,1.0849,163.25,N/A,\n"
    "2024-03-04,1.0846,163.11,N/A,\n"
    "2024-03-01,1.0830,162.79,,\n"
    "1999-01-04,1.1789,133.73,0.58231,\n"
)
_ALL = Window.parse("1999-01-01", "2024-03-06")
_DAY = Window.parse("2024-03-05", "2024-03-06")


def _request(tmp_path: Path, window: Window = _DAY, now: datetime | None = None) -> Request:
    return Request(window=window, since=window.start, now=now or window.end, scratch=tmp_path)


def _zip(text: str, *names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names or ("eurofxref-hist.csv",):
            archive.writestr(name, text)
    return out.getvalue()


def test_a_window_takes_its_days_rates_exactly() -> None:
    parsing = parse_rates("ecb.csv", _TEXT, _DAY)
    rows = parsing.tables["fx_rates"]
    assert rows.schema == stream("fx_rates").landed_schema
    assert rows.select("rate_date", "base_currency_code", "currency_code", "rate", "source_row").rows() == [
        (date(2024, 3, 5), "EUR", "USD", Decimal("1.08490000"), 1),
        (date(2024, 3, 5), "EUR", "JPY", Decimal("163.25000000"), 2),
    ]
    assert (parsing.received, parsing.quarantined.height) == (2, 0)


def test_missing_rates_are_no_records_and_ended_currencies_are_there_while_they_lived() -> None:
    parsing = parse_rates("ecb.csv", _TEXT, _ALL)
    assert parsing.received == 9
    cyprus = parsing.tables["fx_rates"].filter(currency_code="CYP")
    assert cyprus["rate"].to_list() == [Decimal("0.58231000")]
    assert cyprus["rate_date"].to_list() == [date(1999, 1, 4)]


def test_a_weekend_has_no_rates() -> None:
    parsing = parse_rates("ecb.csv", _TEXT, Window.parse("2024-03-02", "2024-03-04"))
    assert (parsing.received, parsing.tables["fx_rates"].height) == (0, 0)


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("2024-03-05,abc,163.25,N/A,", "rate", "is not an amount"),
        ("2024-03-05,NaN,163.25,N/A,", "rate", "is not an amount"),
        ("2024-03-05,inf,163.25,N/A,", "rate", "is not an amount"),
        ("2024-03-05,-,163.25,N/A,", "rate", "is not an amount"),
        ("2024-03-05,0,163.25,N/A,", "rate", "is not above zero"),
        ("2024-03-05,-1.08,163.25,N/A,", "rate", "is not above zero"),
        ("2024-03-05,1.123456789,163.25,N/A,", "rate", "more than 10 digits or 8 decimals"),
        ("2024-03-05,99999999999,163.25,N/A,", "rate", "more than 10 digits or 8 decimals"),
        ("2024-03-05,#N/A,163.25,N/A,", "rate", "is not an amount"),
        ("2024-03-05,1 0849,163.25,N/A,", "rate", "is not an amount"),
    ],
)
def test_a_bad_rate_costs_itself_only(line: str, column: str, reason: str) -> None:
    parsing = parse_rates("ecb.csv", _TEXT.replace("2024-03-05,1.0849,163.25,N/A,", line), _DAY)
    assert parsing.tables["fx_rates"]["currency_code"].to_list() == ["JPY"]
    failed = parsing.quarantined.row(0, named=True)
    assert (failed["column_name"], failed["source_row"], parsing.received) == (column, 1, 2)
    assert reason in failed["reason"]
    assert '"currency":"USD"' in failed["record"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2024-03-05,1.0849,163.25", "the line has 2 rates instead of 3"),
        ("2024-03-05,1.0849,163.25,N/A,7,", "the line has 4 rates instead of 3"),
        ("05.03.2024,1.0849,163.25,N/A,", "the line does not begin with a day"),
        ("2024-02-30,1.0849,163.25,N/A,", "the line does not begin with a day"),
        ("<html>", "the line has 0 rates instead of 3"),
        ("1,0849;163,25;N/A,", "the line has 2 rates instead of 3"),
        ("{},,,,", "the line does not begin with a day"),
        ("\x00\x01", "the line has 0 rates instead of 3"),
    ],
)
def test_a_bad_line_is_quarantined_and_the_rest_loads(line: str, reason: str) -> None:
    parsing = parse_rates("ecb.csv", _TEXT.replace("2024-03-05,1.0849,163.25,N/A,", line), _ALL)
    assert parsing.tables["fx_rates"].height == 7
    assert parsing.quarantined["reason"].to_list() == [reason]
    assert parsing.received == 8


@pytest.mark.parametrize(
    "text", ["", "\n\n", "<html><body>Sorry</body></html>", "Day,USD\n", "Date,\n", "Date,usd,\n", "Date,USD,USD,\n"]
)
def test_another_file_is_refused(text: str) -> None:
    with pytest.raises(ContractError, match=r"ecb\.csv"):
        parse_rates("ecb.csv", text, _ALL)


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04", _zip(_TEXT, "a.csv", "b.csv"), b"\xff\xfe\x00\x00", b"\x1f\x8b\x08\x00"]
)
def test_bytes_that_are_no_such_file_are_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "ecb.zip").write_bytes(data)
    with pytest.raises(ContractError, match=r"ecb\.zip"):
        read_text("ecb.zip", tmp_path / "ecb.zip")


def test_from_a_disk_through_the_connector(tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "eurofxref-hist.zip").write_bytes(_zip(_TEXT))
    connector = connect(OPTIONS.model_validate({"path": drop}), {})
    assert connector.check()[0].found == "eurofxref-hist.zip has rates up to 2024-03-05."
    (page,) = connector.fetch("rates", _request(tmp_path))
    assert isinstance(page.body, bytes)
    (tmp_path / "part").write_bytes(page.body)
    (parsing,) = connector.parse("rates", [RawFile(page.name, tmp_path / "part", page.meta)])
    assert parsing.tables["fx_rates"].height == 2
    assert RESOURCES["rates"].tables == ("fx_rates",)


def test_a_file_that_was_not_renewed_is_no_holiday(tmp_path: Path) -> None:
    file = tmp_path / "ecb.csv"
    file.write_text(_TEXT)
    connector = connect(OPTIONS.model_validate({"path": file}), {})
    later = Window.parse("2024-03-20", "2024-03-21")
    with pytest.raises(IncompleteError, match="up to 2024-03-05 only"):
        list(connector.fetch("rates", _request(tmp_path, later)))
    # what has not come to pass yet cannot be missing
    early = datetime(2024, 3, 8, tzinfo=UTC)
    assert len(list(connector.fetch("rates", _request(tmp_path, later, now=early)))) == 1


def test_no_file_and_unusable_options(tmp_path: Path) -> None:
    connector = connect(OPTIONS.model_validate({"path": tmp_path / "none"}), {})
    assert connector.check()[0].level == "bad"
    with pytest.raises(ConfigError, match="no file of rates"):
        list(connector.fetch("rates", _request(tmp_path)))
    for url in ("http://example.com/a.zip", "https://example.com/rates", "ftp://example.com/a.zip"):
        with pytest.raises(ValueError, match=r"\.zip or \.csv"):
            OPTIONS(url=url)


def test_the_banks_own_file(shared_data: Path) -> None:
    text = read_text("hist.zip", shared_data / "ecb_fx" / "eurofxref-hist.zip")
    assert newest_day("hist.zip", text) == date(2026, 4, 13)
    parsing = parse_rates("hist.zip", text, Window.parse("1999-01-01", "2026-04-14"))
    rows = parsing.tables["fx_rates"]
    assert parsing.quarantined.is_empty()
    assert (rows["rate_date"].n_unique(), rows["currency_code"].n_unique()) == (6983, 41)
    first = dict(rows.filter(rate_date=date(1999, 1, 4)).select("currency_code", "rate").rows())
    assert (first["USD"], first["JPY"], first["GBP"]) == (Decimal("1.1789"), Decimal("133.73"), Decimal("0.7111"))
    assert rows.filter(currency_code="BRL")["rate_date"].min() == date(2008, 1, 2)
    assert rows.filter(currency_code="RUB")["rate_date"].max() == date(2022, 3, 1)
    iceland = rows.filter(currency_code="ISK")["rate_date"].sort()
    assert iceland.diff().max().days > 3000  # type: ignore[union-attr]  # from 2008 to 2018 there was none
