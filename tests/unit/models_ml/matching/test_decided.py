"""People's decisions: over all rules, for as long as the page is about the same thing."""

from __future__ import annotations

import pytest

from tests.unit.models_ml.matching.cases import CUSHION, TRAY, decision, offer, only

_TRAY = offer("Speckled Oak Tray", gtin=TRAY, brand="Fjordhem")


def test_a_person_is_believed_over_a_barcode() -> None:
    found = only(_TRAY, decision("Speckled Oak Tray", "P4", "same"))
    assert (found["status"], found["rule"], found["product_id"], found["score"]) == ("matched", "person", "P4", 1.0)


def test_what_a_person_refused_is_not_proposed_again() -> None:
    found = only(_TRAY, decision("Speckled Oak Tray", "P3", "different"))
    assert (found["status"], found["rule"], found["product_id"]) == ("rejected", "person", "P3")


def test_refusing_one_product_leaves_the_others() -> None:
    shared = offer("Puzzle", gtin="96385074", brand="Kumo")
    assert only(shared)["status"] == "review"
    found = only(shared, decision("Puzzle", "P6", "different"))
    assert (found["status"], found["rule"], found["product_id"]) == ("matched", "gtin", "P5")


def test_the_newest_decision_counts() -> None:
    said = [decision("Speckled Oak Tray", "P3", "different", day=1), decision("Speckled Oak Tray", "P3", "same", day=2)]
    assert only(_TRAY, *said)["rule"] == "person"
    assert only(_TRAY, *reversed(said))["status"] == "matched"
    back = [*said, decision("Speckled Oak Tray", "P3", "different", day=3)]
    assert only(_TRAY, *back)["status"] == "rejected"
    corrected = [decision("Speckled Oak Tray", "P4", "same", day=1), decision("Speckled Oak Tray", "P1", "same", day=2)]
    assert only(_TRAY, *corrected)["product_id"] == "P1"


@pytest.mark.parametrize(
    ("now", "status"),
    [
        ({"offer_title": "Speckled Oak Tray – new"}, "matched"),  # the title is much the same
        ({"offer_title": "Garden Hose", "gtin": TRAY}, "matched"),  # the number is
        ({"offer_title": "Garden Hose", "gtin": CUSHION}, "review"),  # nothing is
        ({"offer_title": "Garden Hose", "gtin": None}, "review"),
    ],
)
def test_a_decision_counts_while_the_page_keeps_its_number_or_title(now: dict[str, object], status: str) -> None:
    found = only({**_TRAY, "gtin": None, **now}, decision("Speckled Oak Tray", "P4", "same", then_gtin=TRAY))
    assert found["status"] == status
    if status == "review":
        assert "something else" in str(found["reason"]) or found["rule"] != "person"
    else:
        assert found["product_id"] == "P4"


def test_a_decision_follows_a_page_that_moved_or_numbers_its_offers_anew() -> None:
    said = decision("Speckled Oak Tray", "P4", "same", then_gtin=TRAY)
    moved = {**_TRAY, "page_url": "https://rival.example/elsewhere"}
    assert only(moved, said)["product_id"] == "P4"
    assert only({**moved, "gtin": None}, said)["rule"] != "person"  # a title alone is not enough on another page
    assert only({**_TRAY, "offer_ref": "SKU-9", "gtin": None}, said)["product_id"] == "P4"
    assert only({**_TRAY, "source": "other"}, said)["rule"] != "person"
