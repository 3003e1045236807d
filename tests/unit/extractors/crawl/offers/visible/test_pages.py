from __future__ import annotations

import lxml.html  # type: ignore[import-untyped]
import pytest

from extractors.crawl.offers.model import FIELDS, Candidate, PageHints
from extractors.crawl.offers.visible import visible_candidates
from tests.support.unmarked_pages import CASES, Case

HINTS = PageHints("https://shop.example/p/oak-shelf-1234567")


def best(claims: list[Candidate], field: str) -> object:
    """The surest claim about a field."""
    found = [claim for claim in claims if claim.field == field]
    return max(found, key=lambda claim: claim.confidence).value if found else None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_reader_and_the_heuristics_see_the_same(case: Case) -> None:
    claims = visible_candidates(lxml.html.fromstring(case.html), HINTS, {})

    assert best(claims, "price_amount") == case.amount
    assert best(claims, "list_price_amount") == case.list_amount
    assert best(claims, "availability") == case.availability or case.availability is None
    assert best(claims, "offer_title") == case.title


def test_claims_are_of_known_fields_and_never_sure() -> None:
    for case in CASES:
        for claim in visible_candidates(lxml.html.fromstring(case.html), HINTS, {}):
            assert claim.field in FIELDS
            assert claim.method == "visible"
            assert 0 < claim.confidence < 0.9


def test_a_price_that_stands_alone_is_surer_than_one_among_rivals() -> None:
    lone = "<h1>Oak Shelf</h1><p class=price>$20.00</p><button>Add to cart</button>"
    rival = "<h1>Oak Shelf</h1><p class=price>$20.00</p><p class=price>$12.00</p><button>Add to cart</button>"
    sure, unsure = (
        next(
            c
            for c in visible_candidates(lxml.html.fromstring(f"<body>{html}</body>"), HINTS, {})
            if c.field == "price_amount"
        )
        for html in (lone, rival)
    )

    assert sure.confidence > unsure.confidence


def test_a_range_claims_both_ends_and_its_low_end_less_surely() -> None:
    html = "<body><h1>Tote Bag</h1><p class=price>US $0.85 - US $1.50</p><button>Buy now</button></body>"

    claims = visible_candidates(lxml.html.fromstring(html), HINTS, {})

    by_field = {claim.field: claim for claim in claims}
    assert str(by_field["low_price_amount"].value) == "0.85"
    assert str(by_field["high_price_amount"].value) == "1.50"
    assert str(by_field["price_amount"].value) == "0.85"
    assert by_field["price_amount"].confidence < by_field["low_price_amount"].confidence


def test_what_the_markup_calls_the_product_finds_its_title() -> None:
    html = "<body><h1>Welcome to our shop</h1><h2>Blue Enamel Mug</h2><p>£8.00</p><h2>News</h2></body>"
    tree = lxml.html.fromstring(html)

    assert best(visible_candidates(tree, HINTS, {"offer_title": "Blue Enamel Mug"}), "offer_title") == "Blue Enamel Mug"


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("24,90 € inkl. 19% MwSt.", "included"),
        ("£12.00 ex. VAT", "excluded"),
        ("2,980円（税込）", "included"),
        ("19,12 € TTC", "included"),
        ("$12.00", None),
    ],
)
def test_the_note_on_tax(text: str, note: str | None) -> None:
    html = f"<body><h1>Oak Shelf</h1><p class=price>{text}</p><button>Add to cart</button></body>"

    assert best(visible_candidates(lxml.html.fromstring(html), HINTS, {}), "tax_note") == note
