from __future__ import annotations

from decimal import Decimal

import lxml.html  # type: ignore[import-untyped]
import pytest

from extractors.crawl.offers.visible.money import find_money, read_amount
from extractors.crawl.offers.visible.tree import read_tree


def amounts(html: str) -> list[tuple[str, str]]:
    page = read_tree(lxml.html.fromstring(f"<html><body><div>{html}</div></body></html>"))
    return [(str(money.amount), money.sign) for money in find_money(page)]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("$12.99$15.99", [("12.99", "$"), ("15.99", "$")]),
        ("<span>$</span><span>12</span><sup>99</sup>", [("12.99", "$")]),
        ("12 € 15 €", [("12", "EUR"), ("15", "EUR")]),
        ("12€99", [("12.99", "EUR")]),
        ("1.299,00 €", [("1299.00", "EUR")]),
        ("₹1,29,999.00", [("129999.00", "INR")]),
        ("CHF 1'299.–", [("1299", "CHF")]),
        ("1 299:-", [("1299", "")]),
        ("399,- 379,-", [("399", ""), ("379", "")]),
        ("¥1,980円(税込)", [("1980", "¥")]),
        ("US $19.99 - US $29.99", [("19.99", "USD"), ("29.99", "USD")]),
        ("R$ 1.299,00", [("1299.00", "BRL")]),
        ("Rp129.000", [("129000", "IDR")]),
        ("12 999 Ft", [("12999", "HUF")]),
        ("99 €inkl. MwSt.", [("99", "EUR")]),
        ("Only$12.99each", [("12.99", "$")]),
        ("Price: 12.50", [("12.50", "")]),
        ("<p class='price'>1299</p>", [("1299", "")]),
    ],
)
def test_amounts_as_shops_write_them(html: str, expected: list[tuple[str, str]]) -> None:
    assert amounts(html) == expected


@pytest.mark.parametrize(
    "html",
    [
        "-$5.00",  # a discount
        "$0.00",  # an empty cart
        "50%",
        "call 0113 277 0634",
        "<p class='price'>4.5 stars</p>",
        "<span class='price'>Sale ends 5 November</span>",
        "RP12-10",  # an article number
        "Kitchen all 12 sizes",  # `all` is a currency in capitals only
        "<p class='price'>$<b>9.50</b><sup>1</sup></p>".replace("$<b>9.50</b>", "free"),  # a footnote
    ],
)
def test_numbers_that_are_no_amounts(html: str) -> None:
    assert amounts(html) == []


def test_a_sign_on_the_line_before_belongs_to_the_amount_there() -> None:
    assert amounts("8,99 zł<br>12 osób kupiło") == [("8.99", "PLN")]


@pytest.mark.parametrize(
    ("whole", "cents", "amount"),
    [("1,299", "", "1299"), ("1.299", ",50", "1299.50"), ("1 299", "", "1299"), ("12", "\x1e99", "12.99")],
)
def test_a_number_is_read_exactly(whole: str, cents: str, amount: str) -> None:
    assert read_amount(whole, cents) == Decimal(amount)
