"""Texts from the data as readers see them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.fonts import displayable
from reports.titles import SUBSTITUTE, displayed, product_title


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("WHITE HANGING HEART T-LIGHT HOLDER ", "White Hanging Heart T-Light Holder"),
        ("SET OF 3 CAKE TINS PANTRY DESIGN ", "Set of 3 Cake Tins Pantry Design"),
        ("PAPER CHAIN KIT 50'S CHRISTMAS ", "Paper Chain Kit 50's Christmas"),
        ("POPPY'S PLAYHOUSE KITCHEN", "Poppy's Playhouse Kitchen"),
        ("LUNCH BAG  BLACK SKULL.", "Lunch Bag Black Skull."),
        ("SET/5 RED RETROSPOT LID", "Set/5 Red Retrospot Lid"),
        ("3D DOG PICTURE, 12CM", "3D Dog Picture, 12cm"),
        ("WASHROOM £5 OFF", "Washroom £5 Off"),
        ("UK POSTCARD SET ON CD", "UK Postcard Set on CD"),
        ("BAG 500g SWIRLY MARBLES", "Bag 500g Swirly Marbles"),
        ("Cartes de vœux", "Cartes de vœux"),
        ("不锈钢保温杯 750 毫升", "不锈钢保温杯 750 毫升"),
    ],
)
def test_capitals_become_readable_and_the_rest_stays(raw: str, shown: str) -> None:
    assert product_title(raw, "X") == shown


@pytest.mark.parametrize("raw", ["", "   ", None])
def test_a_product_without_a_title_shows_its_code(raw: str | None) -> None:
    assert product_title(raw, "85123A") == "85123A"


def test_what_no_font_draws_is_shown_as_a_substitute() -> None:
    assert displayed("gift \U0001f381 box") == f"gift {SUBSTITUTE} box"
    assert displayed("\U0001f468\u200d\U0001f469\u200d\U0001f467 family") == f"{SUBSTITUTE} family"
    assert displayed("a\x00b\u202ec") == "abc"


def test_a_long_text_ends_with_an_ellipsis() -> None:
    assert displayed("x" * 500, limit=20) == "x" * 19 + "…"


@given(st.text())
def test_every_text_becomes_one_displayable_line(raw: str) -> None:
    for text in (displayed(raw), product_title(raw, "code")):
        assert len(text) <= 90
        assert all(ord(character) in displayable() for character in text)
        assert text == " ".join(text.split())
