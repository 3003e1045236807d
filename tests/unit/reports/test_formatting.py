"""Numbers and dates as readers see them."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.formatting import NONE, Formatter, difference, fixed
from reports.words import Words

EN = Formatter(Words("en"), "GBP")
ZH = Formatter(Words("zh_CN"), "GBP")
YUAN, YUAN_ZH = Formatter(Words("en"), "CNY"), Formatter(Words("zh_CN"), "CNY")
AMOUNTS = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (0, "£0.00", "£0.00"),
        (-0.004, "£0.00", "£0.00"),
        (85.744, "£85.74", "£85.74"),
        (Decimal("99.995"), "£100", "£100"),
        (556.43, "£556", "£556"),
        (9999.4, "£9,999", "£9,999"),
        (9999.5, "£10.0k", "£1.00万"),
        (284_123, "£284k", "£28.4万"),
        (999_949, "£1.00M", "£100.0万"),
        (-1_497_000, "−£1.50M", "−£149.7万"),
        (2.4e9, "£2.40bn", "£24.0亿"),
        (None, "–", "–"),
        (float("nan"), "–", "–"),
    ],
)
def test_amounts_have_about_three_digits(value: float | None, english: str, chinese: str) -> None:
    assert EN.money(value) == english
    assert ZH.money(value) == chinese


def test_the_currency_has_its_sign_in_both_languages() -> None:
    assert YUAN.money(1_497_000) == "¥1.50M"
    assert YUAN_ZH.money(1_497_000) == "¥149.7万"
    assert Formatter(Words("en"), "CHF").money(12) == "CHF\N{NO-BREAK SPACE}12.00"


@given(AMOUNTS)
def test_no_amount_shows_a_signed_zero(value: float) -> None:
    for fmt in (EN, ZH):
        for text in (fmt.money(value), fmt.money_change(value), fmt.money_exact(value, 2), fmt.count(value, 1)):
            if not re.search("[1-9]", text):
                assert not text.startswith(("−", "+")), text


@given(AMOUNTS)
def test_a_shortened_amount_is_near_the_exact_one(value: float) -> None:
    for fmt, scales in ((EN, {"k": 1e3, "M": 1e6, "bn": 1e9}), (ZH, {"万": 1e4, "亿": 1e8})):
        number, scale = re.fullmatch(r"(−?)£([\d,.]+)(\D*)", fmt.money(value)), 1.0
        assert number is not None
        scale = scales.get(number[3], 1.0)
        shown = float(number[2].replace(",", "")) * scale * (-1 if number[1] else 1)
        assert abs(shown - value) <= max(0.0051, abs(value) * 0.0051)


@given(st.floats(min_value=0.0, max_value=1e9), st.floats(min_value=0.01, max_value=1e9))
def test_a_change_has_the_sign_of_the_difference(value: float, base: float) -> None:
    text = EN.change(value, base)
    step = difference(value, base)
    assert step is not None
    if text.startswith("+"):
        assert step > 0
    elif text.startswith("−"):
        assert step < 0
    elif text.startswith("×"):
        assert step >= 1000
    else:
        assert text in {"0.0%", "0%"}
        assert abs(step) <= 0.05


@pytest.mark.parametrize(
    ("value", "base", "of_rate", "shown"),
    [
        (110, 100, False, "+10.0%"),
        (99.96, 100, False, "0.0%"),
        (250, 100, False, "+150%"),
        (1100, 100, False, "×11"),
        (5, 0, False, "–"),
        (5, None, False, "–"),
        (0.084, 0.071, True, "+1.3 pp"),
        (0.0318, 0.0322, True, "−0.04 pp"),
        (0.5, 0.5, True, "0.00 pp"),
    ],
)
def test_amounts_change_by_per_cent_and_rates_by_points(
    value: float, base: float | None, of_rate: bool, shown: str
) -> None:
    assert EN.change(value, base, of_rate=of_rate) == shown


def test_points_are_named_in_chinese() -> None:
    assert ZH.change(0.084, 0.071, of_rate=True) == "+1.3 个百分点"


@pytest.mark.parametrize(
    ("first", "last", "english", "chinese"),
    [
        (date(2026, 11, 16), date(2026, 11, 22), "16–22 Nov 2026", "2026年11月16日至22日"),
        (date(2011, 11, 28), date(2011, 12, 4), "28 Nov–4 Dec 2011", "2011年11月28日至12月4日"),
        (date(2010, 12, 27), date(2011, 1, 2), "27 Dec 2010–2 Jan 2011", "2010年12月27日至2011年1月2日"),
    ],
)
def test_a_range_of_days_names_each_part_once(first: date, last: date, english: str, chinese: str) -> None:
    assert EN.days(first, last) == english
    assert ZH.days(first, last) == chinese


def test_single_days_and_moments() -> None:
    assert (EN.day(date(2011, 9, 4)), ZH.day(date(2011, 9, 4))) == ("4 Sep", "9月4日")
    assert EN.moment(datetime.fromisoformat("2011-12-09T12:50")) == "9 Dec 2011, 12:50"
    assert ZH.moment(datetime.fromisoformat("2011-12-09T12:50")) == "2011年12月9日 12:50"
    assert (EN.day(None), EN.moment(None)) == (NONE, NONE)


def test_rates_have_three_digits() -> None:
    assert [EN.rate(value) for value in (0.0214, 0.084, 0.918, 0)] == ["2.14%", "8.4%", "91.8%", "0.00%"]


@pytest.mark.parametrize(("value", "shown"), [(0, "£0"), (2500, "£2,500"), (40_000, "£40k"), (12_500, "£12.5k")])
def test_axis_labels_are_as_short_as_they_are_exact(value: float, shown: str) -> None:
    assert EN.money_tick(value) == shown


def test_halves_round_away_from_zero() -> None:
    assert [fixed(Decimal(text), 0) for text in ("0.5", "1.5", "2.5", "-2.5")] == ["1", "2", "3", "−3"]
