"""Values: every amount and time that can be held is held exactly; every other is named."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.files.mapping import SourceMapping
from lakehouse.landing import Parsed
from lakehouse.windows import Window
from tests.support import exports

_FOREVER = Window(datetime(1990, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC))
_TIME = "2024-03-05 12:00:00"


def _parse(rows: list[list[str]], source: SourceMapping | None = None, window: Window = _FOREVER) -> Parsed:
    source = source or exports.mapping()
    return exports.parse(source, exports.csv_text(rows).encode(), window=window)


def _line(**cells: str) -> list[str]:
    whole = {"Order": "1", "SKU": "A", "Titel": "t", "Menge": "1", "Preis": "1", "Zeit": _TIME, "Notiz": ""} | cells
    return [whole[name] for name in exports.HEADER]


_GOOD = _line(Titel="the good one")


def _with_column(name: str, **options: object) -> SourceMapping:
    told = exports.mapping().model_dump(by_alias=True)
    told["columns"][name] = {**told["columns"][name], **options}
    return SourceMapping.model_validate(told)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.decimals(min_value=-(10**14) + 1, max_value=10**14 - 1, places=4), min_size=1, max_size=20))
def test_amounts_come_back_to_the_last_decimal(amounts: list[Decimal]) -> None:
    parsed = _parse([_line(Preis=format(amount, "f")) for amount in amounts])
    assert parsed.rows["unit_price"].to_list() == amounts


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=20))
def test_whole_numbers_come_back(numbers: list[int]) -> None:
    source = exports.mapping(not_card_numbers="Menge")  # one in some thousands of such numbers looks like one
    parsed = _parse([_line(Menge=str(number)) for number in numbers], source)
    assert parsed.rows["quantity"].to_list() == numbers


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(min_value=-1e6, max_value=1e6).map(lambda number: round(number, 2)), min_size=1, max_size=10))
def test_parquet_floats_are_their_shortest_writing(amounts: list[float]) -> None:
    frame = pl.DataFrame([_line() for _ in amounts], schema=exports.HEADER, orient="row")
    out = io.BytesIO()
    frame.with_columns(Preis=pl.Series(amounts, dtype=pl.Float64)).write_parquet(out)
    parsed = exports.parse(exports.mapping(format="parquet"), out.getvalue(), window=_FOREVER)
    assert parsed.rows["unit_price"].to_list() == [Decimal(repr(amount)) for amount in amounts]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.datetimes(exports.utc(1991, 1, 1), exports.utc(2098, 1, 1)).map(lambda t: t.replace(microsecond=0)),
        min_size=1,
    ),
    st.sampled_from(["Europe/London", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "UTC"]),
)
def test_local_times_become_utc_as_the_zone_database_has_it(times: list[datetime], zone: str) -> None:
    told = exports.mapping().model_dump(by_alias=True) | {"time_zone": zone}
    parsed = _parse([_line(Zeit=str(time)) for time in times] + [_GOOD], SourceMapping.model_validate(told))
    info = ZoneInfo(zone)
    expected = []
    for time in [*times, datetime.fromisoformat(_TIME)]:
        utc = time.replace(tzinfo=info, fold=0).astimezone(UTC)
        exists = utc.astimezone(info).replace(tzinfo=None) == time
        expected.append(utc.replace(tzinfo=None) if exists else None)
    assert parsed.rows["occurred_at"].to_list() == [time for time in expected if time is not None]
    assert parsed.quarantined.height == expected.count(None)


def test_a_time_that_occurs_twice_is_the_earlier_one_and_a_skipped_one_is_quarantined() -> None:
    rows = [_line(Zeit="2024-10-27 02:30:00"), _line(Zeit="2024-03-31 02:30:00")]
    parsed = _parse(rows)
    assert parsed.rows["occurred_at"].to_list() == [exports.utc(2024, 10, 27, 0, 30)]  # still summer time
    assert parsed.quarantined["reason"].to_list() == ["Zeit is a time that clocks skipped in Europe/Berlin"]


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("%d/%m/%Y %H:%M", "05/03/2024 13:00", exports.utc(2024, 3, 5, 12)),
        ("%m/%d/%y", "03/05/24", exports.utc(2024, 3, 4, 23)),
        ("%b-%d-%y", "Mar-05-24", exports.utc(2024, 3, 4, 23)),
        ("%Y年%m月%d日 %H:%M", "2024年03月05日 09:00", exports.utc(2024, 3, 5, 8)),
        ("%Y-%m-%dT%H:%M:%S%:z", "2024-03-05T09:00:00+09:00", exports.utc(2024, 3, 5)),
        ("%Y-%m-%dT%H:%M:%SZ", "2024-03-05T09:00:00Z", exports.utc(2024, 3, 5, 9)),
        ("epoch_s", "1709629200", exports.utc(2024, 3, 5, 9)),
        ("epoch_s", "1.7096292E9", exports.utc(2024, 3, 5, 9)),
        ("epoch_ms", "1709629200123", exports.utc(2024, 3, 5, 9, 0, 0, 123000)),
    ],
)
def test_time_formats(form: str, text: str, expected: datetime) -> None:
    parsed = _parse([_line(Zeit=text)], _with_column("occurred_at", formats=[form]))
    assert parsed.rows["occurred_at"].to_list() == [expected]


def test_formats_are_tried_in_order_and_two_digit_years_are_no_antiquity() -> None:
    source = _with_column("occurred_at", formats=["%d/%m/%Y", "%Y-%m-%d"])
    parsed = _parse([_line(Zeit="05/03/2024"), _line(Zeit="2024-03-06"), _line(Zeit="05/03/24")], source)
    assert parsed.rows["occurred_at"].to_list() == [exports.utc(2024, 3, 4, 23), exports.utc(2024, 3, 5, 23)]
    assert parsed.quarantined["reason"].to_list() == ["Zeit is not a time in the expected format"]


_BAD = {
    "Preis": ["", "NaN", "inf", "-Infinity", "1e3", "1,5", "1.2.3", "--1", "½", "１２", "0x1f", "1 2", "free", "."],
    "Menge": ["", "NaN", "1.5", "six", "1e2", "9223372036854775808", "12345678901234567890123", "１", "+-1", "True"],
    "Zeit": ["", "2024-02-30 12:00:00", "yesterday", "2024-03-05", "05.03.2024", "2024-03-05 25:00:00", "45356.5"],
    "Order": [""],
    "SKU": [""],
}


@pytest.mark.parametrize(("column", "text"), [(column, text) for column, texts in _BAD.items() for text in texts])
def test_what_does_not_fit_is_quarantined_with_column_and_record(column: str, text: str) -> None:
    parsed = _parse([_GOOD, _line(**{column: text})])
    assert parsed.rows["source_row"].to_list() == [1]
    failed = parsed.quarantined.row(0, named=True)
    assert failed["column_name"] == column
    assert failed["reason"].startswith(f"{column} is ")
    assert failed["source_row"] == 2
    if text:
        assert text not in failed["reason"]  # a value may be personal; the record has it
        assert f'"{column}":"{text}"' in failed["record"]


def test_amounts_that_cannot_be_held_exactly_fail() -> None:
    texts = ["0.00001", "1.23456", "100000000000000", "1.00000", "007.50", "+3", ".5", "99999999999999.9999"]
    parsed = _parse([_line(Preis=text) for text in texts])
    assert [str(price) for price in parsed.rows["unit_price"]] == [
        "1.0000", "7.5000", "3.0000", "0.5000", "99999999999999.9999",
    ]  # fmt: skip
    reasons = {"Preis is an amount of more than 14 digits or four decimals"}
    assert set(parsed.quarantined["reason"]) == reasons
    assert parsed.quarantined["source_row"].to_list() == [1, 2, 3]


def test_all_reasons_of_a_row_are_told_and_the_first_names_its_column() -> None:
    parsed = _parse([_GOOD, _line(Menge="x", Preis="y")])
    failed = parsed.quarantined.row(0, named=True)
    assert failed["reason"] == "Menge is not a whole number; Preis is not an amount"
    assert failed["column_name"] == "Menge"


def test_column_options() -> None:
    source = _with_column("product_ref", strip=True, null_values=["", "n/a"], pattern="[A-Z]-[0-9]+", optional=False)
    parsed = _parse([_line(SKU=" A-1 "), _line(SKU="n/a"), _line(SKU="a1")], source)
    assert parsed.rows["product_ref"].to_list() == ["A-1"]
    assert parsed.quarantined["reason"].to_list() == ["SKU is empty", "SKU does not match [A-Z]-[0-9]+"]


def test_values_are_translated_and_unseen_ones_quarantined() -> None:
    source = _with_column("product_title", values={"t": "Tasse", "x": ""})
    parsed = _parse([_line(Titel="t"), _line(Titel="x"), _line(Titel="neu")], source)
    assert parsed.rows["product_title"].to_list() == ["Tasse", None]
    assert parsed.quarantined["reason"].to_list() == ["Titel is not one of the values that the mapping lists"]


def test_money_with_signs_negation_and_integral_ids() -> None:
    money = _with_column("unit_price", remove=["EUR", "€"], negate=True)
    parsed = _parse([_line(Preis="€ 12.50"), _line(Preis="-3 EUR")], money)
    assert [str(price) for price in parsed.rows["unit_price"]] == ["-12.5000", "3.0000"]
    ids = _with_column("order_ref", integral=True)
    parsed = _parse([_line(Order="17850.0"), _line(Order="A1.0"), _line(Order="17850.5")], ids)
    assert parsed.rows["order_ref"].to_list() == ["17850", "A1.0", "17850.5"]


def test_joined_columns() -> None:
    source = _with_column("product_title", **{"from": ["SKU", "Titel"], "join": "/"})
    assert _parse([_line(SKU="A", Titel="t")], source).rows["product_title"].to_list() == ["A/t"]


@settings(max_examples=50, deadline=None)
@given(st.integers(-99, 99).filter(bool), st.decimals(min_value=-99999, max_value=99999, places=2))
def test_unit_prices_from_line_amounts(quantity: int, amount: Decimal) -> None:
    source = _with_column("unit_price", divide_by="quantity")
    parsed = _parse([_GOOD, _line(Menge=str(quantity), Preis=format(amount, "f"))], source)
    price = parsed.rows["unit_price"].to_list()[1]
    assert abs(price * quantity - amount) < Decimal("0.005")
    assert price == (amount / quantity).quantize(Decimal("0.0001"), rounding="ROUND_HALF_UP")


def test_a_line_amount_that_no_unit_price_gives_is_quarantined() -> None:
    source = _with_column("unit_price", divide_by="quantity")
    parsed = _parse([_GOOD, _line(Menge="10000", Preis="0.07"), _line(Menge="0", Preis="5")], source)
    assert parsed.quarantined["reason"].to_list() == [
        "Preis is no multiple of a unit price with four decimals",
        "Preis is an amount for no units",
    ]


def test_file_date() -> None:
    told = exports.mapping(files="{date:%Y%m%d}.csv", ignored=["Notiz", "Zeit"]).model_dump(by_alias=True)
    told["columns"]["occurred_at"] = {"file_date": True}
    source = SourceMapping.model_validate(told)
    day = Window.local_day(date(2024, 3, 5), "Europe/Berlin")
    data = exports.csv_text([_line()]).encode()
    parsed = exports.parse(source, data, name="20240305.csv", window=day)
    assert parsed.rows["occurred_at"].to_list() == [day.start.replace(tzinfo=None)]


def test_rows_outside_the_window_are_quarantined() -> None:
    edges = [exports.WINDOW.start, exports.WINDOW.end - timedelta(seconds=1), exports.WINDOW.end]
    local = [str(edge.astimezone(ZoneInfo("Europe/Berlin")).replace(tzinfo=None)) for edge in edges]
    parsed = _parse([_line(Zeit=time) for time in local], window=exports.WINDOW)
    assert parsed.rows.height == 2
    assert parsed.quarantined["reason"].to_list() == ["Zeit lies outside the load's window"]
