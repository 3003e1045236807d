"""Writing made comparable: what means the same is the same, and what tells nothing is nothing."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_ml.matching.normalise import brand_key, gtin14, head, part_key, plain, words


def _one(expression: pl.Expr) -> object:
    return pl.select(expression).item()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("4006381333931", "04006381333931"),
        ("04006381333931", "04006381333931"),
        ("4006-3813 33931", "04006381333931"),
        ("036000291452", "00036000291452"),  # a UPC
        ("96385074", "00000096385074"),  # a GTIN-8
        ("4006381333932", None),  # a wrong check digit
        ("2012345678900", None),  # for use within a shop
        ("0200000000004", None),
        ("00000000000000", None),
        ("400638133393", None),
        ("n/a", None),
        (None, None),
    ],
)
def test_a_gtin_counts_when_it_is_global_and_its_check_digit_is_right(code: str | None, expected: str | None) -> None:
    assert _one(gtin14(pl.lit(code, pl.String))) == expected


@given(st.integers(0, 10**12 - 1), st.integers(1, 9))
def test_no_single_wrong_digit_passes(body: int, wrong: int) -> None:
    padded = f"0{body:012d}"
    check = -sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(padded)) % 10
    assert _one(gtin14(pl.lit(f"{padded}{(check + wrong) % 10}"))) is None


@pytest.mark.parametrize("number", ["FJ-4821-07", "fj 4821 07", "ＦＪ４８２１０７", "FJ/4821.07"])
def test_a_part_number_has_many_writings(number: str) -> None:
    assert _one(part_key(pl.lit(number))) == "FJ482107"


@pytest.mark.parametrize(
    "number", ["1", "01", "N/A", "default", "Does not apply", "0000", "123456", "SKU-1", "-", "", None]
)
def test_a_filler_is_no_part_number(number: str | None) -> None:
    assert _one(part_key(pl.lit(number, pl.String))) is None


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Northlight", "NORTHLIGHT Home"),
        ("Ashby & Lowe", "Ashby and Lowe Ltd."),
        ("Maison Rivière", "maison riviere"),
        ("O'Hara Mills", "O’Hara  Mills"),
        ("Grüner Tag", "GRÜNER TAG GmbH"),
    ],
)
def test_a_maker_has_many_writings(one: str, two: str) -> None:
    assert _one(brand_key(pl.lit(one))) == _one(brand_key(pl.lit(two)))


def test_a_maker_that_is_called_as_companies_are_keeps_its_name() -> None:
    assert _one(brand_key(pl.lit("Home"))) == "home"
    assert _one(brand_key(pl.lit("N/A"))) is None
    assert _one(brand_key(pl.lit("Apple"))) != _one(brand_key(pl.lit("Applewood")))


def test_titles_lose_what_means_nothing() -> None:
    assert _one(plain(pl.lit("Ｃａｆé™ Crème  “Größe”"))) == "cafe creme “grosse”"
    assert _one(plain(pl.lit("花盆 特大号"))) == "花盆 xl"
    assert _one(plain(pl.lit(None, pl.String))) == ""


def test_words_are_singular_and_chinese_is_cut_in_pairs() -> None:
    texts = pl.DataFrame({"number": [0, 1, 2], "text": ["the brass tea lights", "亚麻抱枕", ""]})
    found = words(texts).group_by("number").agg(pl.col("word").sort()).sort("number")
    assert found.rows() == [(0, ["brass", "light", "tea"]), (1, ["亚麻", "抱枕", "麻抱"])]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("kumo oak tray in sage | gift idea for her", "kumo oak tray in sage"),
        ("rival | kumo oak tray", "rival | kumo oak tray"),  # what stands first is too little to be the name
        ("kumo oak tray", "kumo oak tray"),
    ],
)
def test_what_stands_behind_a_bar_is_decoration(title: str, expected: str) -> None:
    assert _one(head(pl.lit(title))) == expected
