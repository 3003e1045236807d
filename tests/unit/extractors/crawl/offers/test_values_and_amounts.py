"""Values in the spellings of the wild: prices of any locale, barcodes, availability, ratings, and broken JSON."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.crawl.offers.amounts import read_price
from extractors.crawl.offers.currencies import codes_of, expected
from extractors.crawl.offers.lenient import read_json
from extractors.crawl.offers.values import availability, gtin14, rating


@pytest.mark.parametrize(
    ("text", "amount", "sign"),
    [
        ("1.234,56 €", "1234.56", "€"),
        ("CHF 1'299.–", "1299", "CHF"),
        ("kr 199,-", "199", "kr"),
        ("₹1,23,456.00", "123456", "₹"),
        ("from £9.99", "9.99", "£"),
        ("3 x $5.00 or $15", "15", "$"),
        ("€ 9,99 (4,99 €/100 g)", "9.99", "€"),
        ("2 Litre $60.00", "60", "$"),
        ("R$ 1.299,90", "1299.90", "R$"),
        ("19.989999", "19.99", ""),
    ],
)
def test_prices_of_any_locale(text: str, amount: str, sign: str) -> None:
    found = read_price(text)
    assert (found.amount, found.sign) == (Decimal(amount), sign)


def test_what_a_price_says_besides_its_amount() -> None:
    assert read_price("19<sup>99</sup> €").amount == Decimal("19.99")
    assert read_price("¥1,980（税込）").tax_note == "included"
    assert read_price("£12.50 ex VAT").tax_note == "excluded"
    assert read_price("10,00 € – 20,00 €").high == Decimal("20.00")
    assert read_price("Price on request").amount is None


@given(st.text(max_size=60))
def test_no_text_makes_a_negative_price(text: str) -> None:
    amount = read_price(text).amount
    assert amount is None or amount >= 0


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        ("4006381333931", "04006381333931"),
        ("EAN13: 4006381333931", "04006381333931"),
        ("036000291452", "00036000291452"),
        ("0-306-40615-2", "09780306406157"),  # an ISBN of ten digits
        ("4006381333932", ""),  # wrong check digit
        ("2012345678900", ""),  # a shop's own numbers
        ("0000000000000", ""),
        ("12345", ""),
    ],
)
def test_a_barcode_needs_its_check_digit(text: str, gtin: str) -> None:
    assert gtin14(text) == gtin


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("https://schema.org/InStock", "in_stock"),
        ("http://schema.org/InStoreOnly", "in_stock"),
        ("OutOfStock", "out_of_stock"),
        ("in stock", "in_stock"),
        ("Sold Out", "out_of_stock"),
        ("schema:PreOrder", "preorder"),
        ("BackOrder", "backorder"),
        ("https://schema.org/Discontinued", "discontinued"),
        ("LimitedAvailability", "limited"),
        ("not available", "out_of_stock"),
        ("缺货", "out_of_stock"),
        ("maybe", ""),
    ],
)
def test_spellings_of_availability(text: str, meaning: str) -> None:
    assert availability(text) == meaning


def test_ratings_are_on_a_scale_of_five() -> None:
    assert rating("4,5", "") == Decimal("4.5")
    assert rating("90", "100") == Decimal("4.5")
    assert rating("8.4/10", "") == Decimal("4.2")
    assert rating("7", "5") is None


def test_signs_of_several_currencies() -> None:
    assert codes_of("$", expected("https://a.com/", ["en-CA"], "")) == "CAD"
    assert codes_of("kr", expected("https://a.dk/", [], "")) == "DKK"
    assert codes_of("¥", expected("https://a.com/", ["zh-CN"], "")) == "CNY"
    assert codes_of("¥", []) == ""
    assert codes_of("$", expected("https://a.com/", [], "AUD")) == "AUD"


@given(st.text(alphabet="{}[]\",:'\\/*<!->a1 \n", max_size=80))
def test_any_text_is_read_or_left(text: str) -> None:
    assert isinstance(read_json(text), list)


def test_numbers_stay_as_they_were_written() -> None:
    assert read_json('{"price": 19.90}') == [{"price": "19.90"}]
