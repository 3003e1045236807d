"""Text becomes amounts, moments, days and numbers exactly, or says why not; nothing passes through a float."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extractors.casting import cell, rounded
from lakehouse.streams import INSTANT, MONEY, RATE

NOON = datetime(2026, 3, 1, 12)  # noqa: DTZ001 -- how a stream holds it


def cast(texts: list[str | None], dtype: pl.DataType | type[pl.DataType]) -> list[tuple[object, str | None]]:
    made = cell(pl.col("text"), dtype)
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    return frame.select(made.value.alias("value"), made.failure.alias("failure")).rows()


def values(texts: list[str | None], dtype: pl.DataType | type[pl.DataType]) -> list[object]:
    rows = cast(texts, dtype)
    assert all((value is None) or (failure is None) for value, failure in rows)
    return [value for value, _ in rows]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0.1", "0.1"),
        ("19.99", "19.99"),
        ("-5", "-5"),
        ("+5.50", "5.5"),
        (" 7 ", "7"),
        ("1.", "1"),
        (".5", "0.5"),
        ("1200", "1200"),  # JPY has no minor unit
        ("1e2", "100"),
        ("1.5E-3", "0.0015"),
        ("10e-5", "0.0001"),
        ("1.00000000000000000000", "1"),
        ("99999999999999.9999", "99999999999999.9999"),
        ("1.569521782042E9", "1569521782.042"),
    ],
)
def test_amounts_are_exact(text: str, amount: str) -> None:
    assert values([text], MONEY) == [Decimal(amount)]


def test_sums_of_amounts_are_exact() -> None:
    made = cell(pl.col("text"), MONEY)
    total = pl.DataFrame({"text": ["0.1", "0.2"] * 1_000}).select(made.value.sum()).item()
    assert total == Decimal(300)
    assert 0.1 + 0.2 != 0.3  # what it would have been


@pytest.mark.parametrize(
    "text", ["1,50", "1 000", "£5", "NaN", "inf", "--5", "5-", "1e", "0x10", "１", "five", "1.2.3", "1e100"]
)
def test_what_is_no_amount_says_so(text: str) -> None:
    assert cast([text], MONEY) == [(None, "is not an amount")]


@pytest.mark.parametrize("text", ["0.00005", "1.00000000000001", "1e-20", "100000000000000", "1e14", "9" * 30])
def test_an_amount_that_does_not_fit_is_not_rounded(text: str) -> None:
    assert cast([text], MONEY) == [(None, "is an amount of more than 14 digits or 4 decimals")]


AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**13), max_value=10**13)


@settings(max_examples=8)
@given(st.lists(AMOUNTS, min_size=1, max_size=30))
@example([Decimal("1E+3"), Decimal("0E-4"), Decimal("-0")])
def test_every_writing_of_an_amount_is_that_amount(amounts: list[Decimal]) -> None:
    for write in (str, lambda one: f"{one:f}", lambda one: f"{one:E}", lambda one: f"{one.normalize()}"):
        assert values([write(one) for one in amounts], MONEY) == amounts


@settings(max_examples=8)
@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9), min_size=1))
def test_an_amount_is_kept_whole_or_refused(amounts: list[Decimal]) -> None:
    for amount, (value, failure) in zip(amounts, cast([str(one) for one in amounts], RATE), strict=True):
        assert (value == amount) if value is not None else failure


def test_rounding_is_asked_for_and_half_to_even() -> None:
    texts = ["0.00005", "0.00015", "0.166666666667", "x", None]
    made = pl.DataFrame({"text": texts}).select(cell(rounded(pl.col("text")), MONEY).value).to_series().to_list()
    assert made == [Decimal(0), Decimal("0.0002"), Decimal("0.1667"), None, None]


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T12:00:00Z",
        "2026-03-01T12:00:00z",
        "2026-03-01T12:00:00.000Z",
        "2026-03-01T12:00:00.000000000Z",
        "2026-03-01T13:00:00+01:00",
        "2026-03-01T13:00:00+0100",
        "2026-03-01T07:00:00.0-05:00",
        "2026-03-01 12:00:00+00:00",
        "2026-03-01T12:00Z",
        "1772366400",
        "1772366400000",
        "1.7723664E9",
        "1.7723664E12",
    ],
)
def test_moments_in_their_many_writings(text: str) -> None:
    assert values([text], INSTANT) == [NOON]


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T12:00:00",  # whose noon?
        "2026-03-01",
        "01/03/2026 12:00Z",
        "2026-02-30T12:00:00Z",
        "2026-03-01T25:00:00Z",
        "0000-00-00T00:00:00Z",
        "1889-01-01T00:00:00Z",
        "3026-01-01T00:00:00Z",
        "0",
        "yesterday",
    ],
)
def test_what_is_no_moment_says_so(text: str) -> None:
    assert cast([text], INSTANT) == [(None, "is not a moment with its offset, and no epoch")]


@settings(max_examples=8)
@given(
    st.datetimes(datetime(1990, 1, 2), datetime(2099, 12, 30)),  # noqa: DTZ001 -- the zone comes from the next line
    st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters))),
)
def test_a_moment_is_the_same_in_every_zone(moment: datetime, zone: timezone) -> None:
    written = moment.replace(tzinfo=UTC).astimezone(zone).isoformat()
    assert values([written], INSTANT) == [moment]


def test_days() -> None:
    good = ["2026-03-01", "2026-03-01T23:30:00-05:00", "2026-03-01 00:00:00"]
    assert values([*good], pl.Date) == [date(2026, 3, 1)] * 3
    bad = ["2026-03-01x", "26-03-01", "2026-3-1", "2026-02-30", "20260301", "1-1-1", "0001-01-01"]
    assert cast([*bad], pl.Date) == [(None, "is not a day")] * len(bad)


def test_whole_numbers() -> None:
    assert values(["7", "+7", "-7", "7.0", "9223372036854775807", " 0 "], pl.Int64) == [7, 7, -7, 7, 2**63 - 1, 0]
    bad = ["7.5", "1e3", "9223372036854775808", "12345678901234567890123", "seven"]
    assert cast([*bad], pl.Int64) == [(None, "is not a whole number")] * len(bad)


def test_yes_and_no() -> None:
    assert values(["true", "TRUE", "1", "yes", "false", "0", "No"], pl.Boolean) == [True] * 4 + [False] * 3
    assert cast(["2", "ja"], pl.Boolean) == [(None, "is neither true nor false")] * 2


@pytest.mark.parametrize("dtype", [MONEY, RATE, INSTANT, pl.Date, pl.Int64, pl.Boolean, pl.String])
def test_nothing_is_nothing(dtype: pl.DataType | type[pl.DataType]) -> None:
    assert cast([None, ""], dtype) == [(None, None)] * 2


def test_long_ids_stay_text() -> None:
    assert values(["12345678901234567890123", " kept "], pl.String) == ["12345678901234567890123", " kept "]
