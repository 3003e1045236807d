"""What matches by which rule, and what is left to a person."""

from __future__ import annotations

import polars as pl
import pytest

from models_ml.matching import OFFER_MATCH, OFFER_MATCH_CANDIDATE
from tests.unit.models_ml.matching.cases import CUSHION, OURS, TRAY, matched, offer, only


def _said(found: dict[str, object]) -> tuple[object, object, object]:
    return found["status"], found["rule"], found["product_id"]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (offer("Kissen Leinen", gtin=CUSHION), ("matched", "gtin", "P1")),
        (offer("Kissen", brand="KUMO Home", mpn="km 482107"), ("matched", "brand_mpn", "P2")),
        (offer("Überwurf Wolle", brand="Northlight", mpn="NL 7001"), ("matched", "brand_mpn", "NL-7001")),
        (offer("Kumo Cushion, Ribbed Linen (Sage)", brand="Kumo"), ("matched", "text", "P1")),
        (offer("Fjordhem Speckled Oak Trays"), ("matched", "text", "P3")),  # the maker stands in the title
        (offer("FJORDHEM Tray Oak Spckld", brand="Fjordhem"), ("matched", "text", "P3")),  # shortened
        (offer("Speckeld Oak Tray", brand="Fjordhem"), ("matched", "text", "P3")),  # misspelt
        (offer("Garden Hose 20 m", brand="Fjordhem"), ("none", None, None)),
        (offer("Kissen", brand="Lumo", mpn="KM-4821-07"), ("none", None, None)),  # another maker's number
        (offer("Tablett", mpn="FJ-1000-11"), ("none", None, None)),  # of nobody knows whom
    ],
)
def test_the_ladder(told: dict[str, object], expected: tuple[object, object, object]) -> None:
    assert _said(only(told)) == expected


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (offer("Speckled Oak Tray – Pack of 6", gtin=TRAY, brand="Fjordhem"), "number in the pack"),
        (offer("Speckled Oak Tray (Refurbished)", gtin=TRAY, brand="Fjordhem"), "used or refurbished"),
        (offer("Speckled Oak Tray", gtin=TRAY, brand="Fjordhem", condition="used"), "used or refurbished"),
        (offer("Heritage Brass Puzzle Vase", gtin=TRAY), "nothing in common"),
        (offer("Speckled Oak Tray", gtin=TRAY, brand="Lumo"), "another maker"),
        (offer("Speckled Oak Tray", gtin=TRAY, brand="Fjordhem", price_shop=180.0), "prices are far apart"),
        (offer("Ribbed Linen Cushion – Oat", gtin=CUSHION, brand="Kumo"), "another variant"),
        (offer("Puzzle", gtin="96385074"), "several of our products"),
    ],
)
def test_a_number_that_the_page_contradicts_is_for_a_person(told: dict[str, object], reason: str) -> None:
    found = only(told)
    assert found["status"] == "review"
    assert reason in str(found["reason"])


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (offer("Speckled Oak Tray – Pack of 6", brand="Fjordhem"), "a number in the pack"),
        (offer("Speckled Oak Tray", brand="Fjordhem", price_shop=5.0), "prices are far apart"),
        (offer("Speckled Oak Tray", brand="Fjordhem", gtin="4006381333955"), "another GTIN"),
        (offer("Speckled Oak Tray", brand="Fjordhem", mpn="FJ-1000-12"), "another part number"),
        (offer("Speckled Oak Tray"), "names no maker"),
        (offer("Speckled Oak Tray", brand="Fjordhem Barn"), "names are only alike"),
        (offer("Ribbed Linen Cushion", brand="Kumo"), "the variant is not told"),
    ],
)
def test_a_title_with_a_doubt_is_for_a_person(told: dict[str, object], reason: str) -> None:
    found = only(told)
    assert (found["status"], found["rule"]) == ("review", "text")
    assert reason in str(found["reason"])


@pytest.mark.parametrize(
    "told",
    [
        offer("Speckled Oak Tray", brand="Lumo"),
        offer("Ribbed Linen Cushion – Mustard", brand="Kumo"),
        offer("Speckled Oak Tray – generalüberholt", brand="Fjordhem"),
    ],
)
def test_a_veto_rules_a_title_out(told: dict[str, object]) -> None:
    assert only(told)["status"] == "none"


def test_a_variant_matches_its_own_and_not_its_sibling() -> None:
    found = only(offer("Ribbed Linen Cushion Oat", brand="Kumo"))
    assert _said(found) == ("matched", "text", "P2")


def test_of_two_titles_of_one_shop_the_better_one_is_the_product() -> None:
    offers = [offer("Coastal Brass Lamp with love", brand="Fjordhem"), offer("Coastal Brass Lamp", brand="Fjordhem")]
    table = matched(offers)["offer_match"]
    assert dict(table.select("page_url", "status").rows()) == {
        "https://rival.example/Coastal Brass Lamp": "matched",
        "https://rival.example/Coastal Brass Lamp with love": "review",
    }
    moved = [{**offers[1], "page_url": "https://rival.example/old"}, offers[1]]
    assert matched(moved)["offer_match"]["status"].to_list() == ["matched", "matched"]


def test_another_name_of_a_maker_is_learned_from_barcodes() -> None:
    bodies = [f"400000000{number:03d}" for number in range(5)]
    codes = [body + str(-sum(int(d) * (3 if p % 2 else 1) for p, d in enumerate(body)) % 10) for body in bodies]
    names = ("Vase", "Tray", "Lamp", "Throw", "Clock")
    ours = [
        {
            "product_id": f"Q{n}",
            "product_title": f"Nordic Oak {name}",
            "brand": "Northlight",
            "gtin": code,
            "mpn": f"NLH-10{n}",
        }
        for n, (name, code) in enumerate(zip(names, codes, strict=True))
    ]
    known = [offer(f"Nordic Oak {name}", brand="北光", gtin=code) for name, code in zip(names[:4], codes, strict=False)]
    strange = offer("挂钟", brand="北光", mpn="NLH-104")
    found = matched([strange, *known], ours=ours)["offer_match"].filter(pl.col("product_id") == "Q4")
    assert found["rule"].to_list() == ["brand_mpn"]
    alone = matched([strange, *known[:2]], ours=ours)["offer_match"].filter(pl.col("product_id") == "Q4")
    assert alone.is_empty()  # two barcodes are not enough


def test_without_offers_or_products_the_tables_are_there() -> None:
    empty = matched([])
    assert dict(empty["offer_match"].schema) == {name: dtype() for name, dtype in OFFER_MATCH.items()}
    assert dict(empty["offer_match_candidate"].schema) == {
        name: dtype() for name, dtype in OFFER_MATCH_CANDIDATE.items()
    }
    alone = matched([offer("Speckled Oak Tray", gtin=TRAY)], ours=[])
    assert alone["offer_match"]["status"].to_list() == ["none"]


def test_the_order_of_what_comes_in_changes_nothing() -> None:
    offers = [
        offer("Ribbed Linen Cushion", brand="Kumo"),
        offer("Puzzle", gtin="96385074"),
        offer("Kissen", gtin=CUSHION),
    ]
    one, two = matched(offers), matched(offers[::-1], ours=OURS[::-1])
    assert all(one[name].equals(two[name]) for name in one)


def test_what_waits_has_proposals_best_first() -> None:
    tables = matched([offer("Puzzle", gtin="96385074"), offer("Kissen", gtin=CUSHION)])
    proposed = tables["offer_match_candidate"]
    assert proposed.select("candidate_rank", "product_id").rows() == [(1, "P5"), (2, "P6")]
    best = tables["offer_match"].filter(pl.col("status") == "review")["product_id"].to_list()
    assert best == ["P5"]


def test_where_nobody_names_makers_only_the_very_title_will_do() -> None:
    ours = [{"product_id": "85123A", "product_title": "WHITE HANGING HEART T-LIGHT HOLDER"}]
    one, two = offer("White Hanging Heart T-Light Holder"), offer("White hanging heart tealight holder")
    found = dict(matched([one, two], ours=ours)["offer_match"].select("page_url", "status").rows())
    assert (found[str(one["page_url"])], found[str(two["page_url"])]) == ("matched", "review")
