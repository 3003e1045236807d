"""Holidays and days of trade: what is made, what is landed, what is read."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from extractors.api.connector import Request
from extractors.calendar import OPTIONS, connect
from extractors.calendar.make import year_of
from extractors.calendar.parse import parse_year
from extractors.calendar.retail import retail_days
from lakehouse.landing import RawFile
from lakehouse.streams import stream
from lakehouse.windows import Window

_AT = "2025-03-06T00:00:00+00:00"
_DAY = Window.parse("2025-03-05", "2025-03-06")


def _rows(place: str, year: int) -> pl.DataFrame:
    parsing = parse_year(f"{place}-{year}.json", year_of(place, year, retail=True), _AT)
    assert (parsing.received, parsing.quarantined.height) == (1, 0)
    return parsing.tables["holidays"]


def _named(rows: pl.DataFrame, name: str) -> list[date]:
    return rows.filter(pl.col("name") == name)["holiday_date"].to_list()


def test_holidays_in_three_languages() -> None:
    china = _rows("CN", 2025)
    assert china.schema == stream("holidays").versioned_schema
    day = china.filter(pl.col("holiday_date") == date(2025, 1, 29), pl.col("holiday_kind") == "public").row(
        0, named=True
    )
    assert (day["name"], day["name_zh"]) == ("Chinese New Year (Spring Festival)", "春节")
    germany = _rows("DE", 2025).filter(pl.col("holiday_date") == date(2025, 10, 3)).row(0, named=True)
    assert (germany["name"], germany["name_local"]) == ("German Unity Day", "Tag der Deutschen Einheit")
    christmas = _rows("GB", 2025).filter(pl.col("holiday_date") == date(2025, 12, 25)).row(0, named=True)
    assert (christmas["name"], christmas["name_zh"]) == ("Christmas Day", "圣诞节")


def test_the_language_of_the_machine_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = {place: year_of(place, 2025, retail=True) for place in ("CN", "JP", "DE", "US")}
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "de_DE.UTF-8")
    assert {place: year_of(place, 2025, retail=True) for place in plain} == plain


def test_a_holiday_that_fell_on_a_weekend_is_observed_later() -> None:
    rows = _rows("GB", 2026).filter(pl.col("holiday_date") == date(2026, 12, 28)).row(0, named=True)
    assert (rows["name"], rows["is_observed"], rows["name_zh"]) == ("Boxing Day (observed)", True, "节礼日")
    substituted = _rows("CN", 2025).filter(pl.col("name").str.contains("substituted"))
    assert substituted["is_observed"].to_list() == [True] * substituted.height
    assert substituted.height


def test_parts_of_a_country() -> None:
    scotland = _rows("GB-SCT", 2025)
    assert _named(scotland, "Saint Andrew's Day") or _named(scotland, "Saint Andrew's Day (observed)")
    assert set(scotland["region"]) == {"SCT"}
    assert set(scotland["record_ref"]) == {"GB-SCT-2025"}
    assert "retail" not in set(scotland["holiday_kind"])


@pytest.mark.parametrize(
    ("country", "name", "days"),
    [
        ("GB", "Black Friday", [date(2025, 11, 28)]),
        ("US", "Cyber Monday", [date(2025, 12, 1)]),
        ("CN", "Singles' Day", [date(2025, 11, 11)]),
        ("CN", "Black Friday", []),
        ("GB", "Singles' Day", []),
        ("GB", "Prime Day", [date(2025, 7, day) for day in (8, 9, 10, 11)]),
        ("GB", "Chinese New Year", [date(2025, 1, 29)]),
    ],
)
def test_days_of_trade(country: str, name: str, days: list[date]) -> None:
    retail = _rows(country, 2025).filter(pl.col("holiday_kind") == "retail")
    assert _named(retail, name) == days
    assert retail["name_zh"].null_count() == 0


@pytest.mark.parametrize("year", range(2019, 2032))
def test_black_friday_is_the_day_after_thanksgiving(year: int) -> None:
    thanksgiving = _named(_rows("US", year), "Thanksgiving Day")
    (friday,) = [one.day for one in retail_days("US", year) if one.name == "Black Friday"]
    assert [(friday - day).days for day in thanksgiving] == [1]
    assert friday.weekday() == 4


def test_a_window_brings_the_years_around_it_and_goes_on_after_a_kill(tmp_path: Path) -> None:
    connector = connect(OPTIONS.model_validate({"countries": ["GB", "CN"]}), {})
    request = Request(window=_DAY, since=_DAY.start, now=datetime(2025, 3, 6, tzinfo=UTC), scratch=tmp_path)
    pages = list(connector.fetch("days", request))
    assert [page.name for page in pages] == [f"{c}-{y}.json" for c in ("GB", "CN") for y in (2024, 2025, 2026)]
    assert pages[-1].cursor is None
    resumed = Request(window=_DAY, since=_DAY.start, now=request.now, scratch=tmp_path, cursor=pages[1].cursor)
    assert [page.body for page in connector.fetch("days", resumed)] == [page.body for page in pages[2:]]
    part = tmp_path / "part"
    assert isinstance(pages[0].body, bytes)
    part.write_bytes(pages[0].body)
    (parsing,) = connector.parse("days", [RawFile(pages[0].name, part, pages[0].meta)])
    assert set(parsing.tables["holidays"]["version_at"]) == {datetime(2025, 3, 6)}  # noqa: DTZ001 -- the lake's UTC
    assert json.loads(pages[0].body)["made_by"].startswith("holidays ")


def _changed(**changes: object) -> bytes:
    told = json.loads(year_of("GB", 2025, retail=False))
    told["days"][0] |= changes
    return json.dumps(told).encode()


@pytest.mark.parametrize(
    ("data", "column"),
    [
        (b"", ""), (b"{", ""), (b"[]", ""), (b"null", ""), (b"<html>", ""), (b"\xff\xfe", ""), (b'{"days": []}', ""),
        (b'{"country": "GB", "region": "", "year": 2025, "days": [1]}', ""),
        (b'{"country": "GB", "region": "", "year": 2025, "days": NaN}', ""),
        (b'{"country": "GB", "region": "", "year": 2025}', ""),
        (_changed(date="2025-13-01"), "holiday_date"),
        (_changed(date="never"), "holiday_date"),
        (_changed(date=None), "holiday_date"),
        (_changed(name=None), "name"),
        (_changed(name=""), "name"),
        (_changed(kind=None), "holiday_kind"),
        (_changed(is_observed="perhaps"), "is_observed"),
        (_changed(is_observed=7), "is_observed"),
        (_changed(date="01/01/2025"), "holiday_date"),
        (_changed(date=20250101), "holiday_date"),
    ],
)  # fmt: skip
def test_a_year_that_is_none_is_quarantined_whole(data: bytes, column: str) -> None:
    parsing = parse_year("GB-2025.json", data, _AT)
    assert parsing.received == 1
    assert not parsing.tables
    assert parsing.quarantined["column_name"].to_list() == [column]


@pytest.mark.parametrize("countries", [["XX"], ["GB-BY"], ["gb"], [], ["England"]])
def test_countries_that_are_none(countries: list[str]) -> None:
    with pytest.raises(ValueError, match=r"no holidays|no part|at least 1"):
        OPTIONS(countries=countries)
