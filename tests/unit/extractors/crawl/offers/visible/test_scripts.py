from __future__ import annotations

from decimal import Decimal

import lxml.html  # type: ignore[import-untyped]
import pytest

from extractors.crawl.offers.model import PageHints
from extractors.crawl.offers.visible import script_candidates
from extractors.crawl.offers.visible.literals import read_literal

HINTS = PageHints("https://shop.example/p/ray-runner-8831")


def claims(scripts: str, body: str = "<h1>Ray Runner Sneakers</h1>") -> dict[str, object]:
    tree = lxml.html.fromstring(
        f"<html><head><title>Ray Runner Sneakers</title></head><body>{body}{scripts}</body></html>"
    )
    found = sorted(script_candidates(tree, HINTS), key=lambda claim: claim.confidence)
    return {claim.field: claim.value for claim in found}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{'a': 'it\\'s', b: 1.5, }", {"a": "it's", "b": 1.5}),
        (
            "{a: !0, b: !1, c: undefined, d: foo(1, {x: 2}), e: [1, 2,]}",
            {"a": True, "b": False, "c": None, "d": None, "e": [1, 2]},
        ),
        ("{/* one */ a: 1, // two\n 'b-c': \"\\u0041\"}", {"a": 1, "b-c": "A"}),
        ("{a: x ? 1 : 2, b: 3}", {"a": None, "b": 3}),
        ('{"a": [1, {"b": null}]}', {"a": [1, {"b": None}]}),
    ],
)
def test_literals_are_read_without_running_them(text: str, value: object) -> None:
    read = read_literal(f"var x = {text};", 8, 10_000)

    assert (read.value, read.end) == (value, 8 + len(text))


@pytest.mark.parametrize("text", ["{", "{a:", "{{}}", "[1, 2", "{a 1}", "{" * 5000, "[" * 5000, "{a: `"])
def test_what_is_no_literal_is_none(text: str) -> None:
    assert read_literal(text, 0, 10_000).value is None


def test_a_literal_past_the_limit_is_left_alone() -> None:
    assert read_literal("{a: '" + "x" * 1000 + "'}", 0, 100).value is None


def test_a_push_to_the_data_layer_is_told_from_impressions() -> None:
    found = claims(
        "<script>dataLayer.push({'ecommerce': {'currencyCode': 'EUR', 'detail': {'products': [{"
        "'name': 'Ray Runner Sneakers', 'id': 'RB-8831', 'price': '74.90', 'brand': 'Ray',}]}}});"
        "dataLayer.push({'ecommerce': {'impressions': [{'name': 'A', 'id': '1', 'price': '10.00'}, {'name': 'B',"
        " 'id': '2', 'price': '11.00'}]}});</script>"
    )

    assert (found["price_amount"], found["sku"], found["currency_code"]) == (Decimal("74.90"), "RB-8831", "EUR")
    assert found["brand"] == "Ray"


def test_state_of_a_single_page_app_with_its_recommendations() -> None:
    found = claims(
        '<script id="__NEXT_DATA__" type="application/json">'
        '{"props": {"product": {"sku": "RR1",'
        ' "name": "Ray Runner Sneakers", "price": {"currency": "EUR", "amount": 549.0}, "listPrice": 699.0,'
        ' "inStock": false},'
        ' "recommendations": [{"sku": "A", "name": "Sock", "price": {"amount": 9.0}}]}}</script>',
        body="",
    )

    assert found["price_amount"] == Decimal("549.0")
    assert found["list_price_amount"] == Decimal("699.0")
    assert found["availability"] == "out_of_stock"


def test_whole_numbers_of_a_product_with_vendor_and_variants_are_cents() -> None:
    found = claims(
        '<script>var meta = {"product": {"id": 44, "vendor": "Ray", "variants": [{"id": 1, "price": 6800,'
        ' "name": "Ray Runner Sneakers - M", "sku": "RR-M"}]}};</script>'
    )

    assert found["price_amount"] == Decimal("68")


def test_cents_are_told_by_what_the_page_shows() -> None:
    script = '<script>window.state = {"product": {"name": "Ray Runner Sneakers", "price": 3995}};</script>'

    assert claims(script, "<h1>Ray Runner Sneakers</h1><p>39,95 EUR</p>")["price_amount"] == Decimal("39.95")
    assert claims(script, "<h1>Ray Runner Sneakers</h1><p>3,995 JPY</p>")["price_amount"] == Decimal(3995)


def test_a_size_is_no_product_of_its_own() -> None:
    found = claims(
        '<script>window.view = {"product": {"name": "Ray Runner Sneakers", "colors": [{"name": "Red", "sizes": ['
        '{"name": "42", "price": 80.5}]}]}};</script>'
    )

    assert found["price_amount"] == Decimal("80.5")
    assert found["offer_title"] == "Ray Runner Sneakers"


def test_only_other_products_are_no_claim() -> None:
    found = claims(
        '<script>var recs = {"recommendations": [{"name": "Sock", "price": 9, "id": "a1"}, {"name": "Lace", "price": 3,'
        ' "id": "a2"}, {"name": "Cap", "price": 12, "id": "a3"}, {"name": "Bag", "price": 32, "id": "a4"}]};</script>'
    )

    assert "price_amount" not in found


def test_json_in_quotes_and_in_attributes() -> None:
    quoted = claims(
        r"""<script>x = JSON.parse("{\"name\": \"Ray Runner Sneakers\", \"price\": \"12.50\"}");</script>"""
    )
    attribute = claims("""<div data-product='{"name": "Ray Runner Sneakers", "price": "12.50"}'></div>""")

    assert quoted["price_amount"] == attribute["price_amount"] == Decimal("12.50")


def test_hidden_fields_count_where_the_page_agrees_on_one_value() -> None:
    one = claims("<form><input type=hidden name=price value=14.50><input type=hidden name=sku value=RR-1></form>")
    several = claims(
        "<form><input type=hidden name=price value=14.50></form><form><input type=hidden name=price value=3.50></form>"
    )

    assert (one["price_amount"], one["sku"]) == (Decimal("14.50"), "RR-1")
    assert "price_amount" not in several


def test_a_lone_assignment_is_the_last_resort() -> None:
    assert claims("<script>var productPrice = '12.99';</script>")["price_amount"] == Decimal("12.99")
