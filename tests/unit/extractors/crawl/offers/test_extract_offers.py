"""Pages of every kind come to the offer that a shopper sees, or to none where the page does not say."""

from __future__ import annotations

import json
import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.crawl.offers import Offer, PageHints, extract_offers

OFFERS = '"offers":{"price":"49.90","priceCurrency":"EUR"}'
URL = "https://shop.example/products/oak-chair"


def page(*parts: str, title: str = "Oak Chair") -> bytes:
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{''.join(parts)}</body></html>".encode()


def block(data: object) -> str:
    return f'<script type="application/ld+json">{data if isinstance(data, str) else json.dumps(data)}</script>'


def product(**fields: object) -> dict[str, object]:
    return {"@context": "https://schema.org", "@type": "Product", "name": "Oak Chair", **fields}


def offer(**fields: object) -> dict[str, object]:
    return {"@type": "Offer", "price": "49.90", "priceCurrency": "EUR", **fields}


def main(body: bytes, url: str = URL) -> Offer:
    found = extract_offers(body, PageHints(url))
    assert found
    assert [one.is_main for one in found] == [True] + [False] * (len(found) - 1)
    return found[0]


def test_each_field_of_a_product_is_read() -> None:
    data = product(
        sku="OC-1",
        mpn="M-77",
        gtin13="4006381333931",
        brand={"@type": "Brand", "name": "Larch & Co"},
        image=["/a.jpg", "/b.jpg"],
        category="Home / Chairs",
        aggregateRating={"ratingValue": "9", "bestRating": "10", "reviewCount": 31},
        offers=offer(
            availability="http://schema.org/LimitedAvailability",
            itemCondition="https://schema.org/RefurbishedCondition",
            seller={"name": "Larch Outlet"},
        ),
    )
    found = main(page(block(data)))
    assert (found.sku, found.mpn, found.gtin, found.brand) == ("OC-1", "M-77", "04006381333931", "Larch & Co")
    assert (found.price_amount, found.currency_code) == (Decimal("49.90"), "EUR")
    assert (found.availability, found.condition, found.seller) == ("limited", "refurbished", "Larch Outlet")
    assert (found.rating, found.review_count) == (Decimal("4.5"), 31)
    assert found.image_url == "https://shop.example/a.jpg"
    assert found.category == "Home > Chairs"
    assert found.evidence["price_amount"].method == "json_ld"


@pytest.mark.parametrize(
    "written",
    [
        '{"@type":"Product","name":"Oak Chair","offers":{"price":49.90,"priceCurrency":"EUR",},}',
        '{"@type":"Product", // it\n"name":"Oak Chair",/* so */OFFERS}',
        '{"@type":"Product","name":"Oak Chair","description":"a\nb\tc",OFFERS}',
        "{'@type':'Product','name':'Oak Chair','offers':{'price':'49.90','priceCurrency':'EUR'}}",
        '//<![CDATA[\n{"@type":"Product","name":"Oak Chair",OFFERS}\n//]]>',
        '<!-- {"@type":"Product","name":"Oak Chair",OFFERS} -->',
        '{"@type":"Organization","name":"X"}{"@type":"Product","name":"Oak Chair",OFFERS}',
        '{"@graph":[{"@type":"WebPage"},{"@type":"Product","name":"Oak Chair","offers":{"@id":"#o"}},'
        '{"@id":"#o","@type":"Offer","price":"49.90","priceCurrency":"EUR"}]}',
        '[[{"@type":["Product","Thing"],"name":"Oak Chair","offers":[{"price":"49.90","priceCurrency":"EUR"}]}]]',
        '{"@type":"Product","name":"Oak Chair",OFFERS,"review":[{"name":"cut o',
        '{"@type":"http://schema.org/Product","name":"Oak Chair","offers":{"price":"49,90","priceCurrency":"EUR"}};',
        '{"@type":"Product","name":"Oak Chair",OFFERS}'.replace("OFFERS", OFFERS).replace('"', "&quot;"),
    ],
)
def test_broken_json_is_read_as_far_as_it_goes(written: str) -> None:
    found = main(page(block(written.replace("OFFERS", OFFERS))))
    assert (found.offer_title, found.price_amount, found.currency_code) == ("Oak Chair", Decimal("49.90"), "EUR")


def test_three_syntaxes_say_the_same() -> None:
    micro = (
        '<div itemscope itemtype="http://schema.org/Product"><b itemprop="name">Oak Chair</b><i itemprop="sku">OC-1</i>'
        '<div itemprop="offers" itemscope itemtype="http://schema.org/Offer"><meta itemprop="price" content="49.90">'
        '<meta itemprop="priceCurrency" content="EUR"><link itemprop="availability" href="http://schema.org/SoldOut">'
        "</div></div>"
    )
    rdfa = (
        '<div vocab="http://schema.org/" typeof="Product"><b property="name">Oak Chair</b><i property="sku">OC-1</i>'
        '<div property="offers" typeof="Offer"><meta property="price" content="49.90">'
        '<meta property="priceCurrency" content="EUR"><link property="availability" href="http://schema.org/SoldOut">'
        "</div></div>"
    )
    json_ld = block(product(sku="OC-1", offers=offer(availability="SoldOut")))
    found = [main(page(one)) for one in (micro, rdfa, json_ld)]
    said = {(one.sku, one.price_amount, one.currency_code, one.availability) for one in found}
    assert said == {("OC-1", Decimal("49.90"), "EUR", "out_of_stock")}
    assert [one.price_method for one in found] == ["microdata", "rdfa", "json_ld"]


def test_meta_tags_alone_are_enough() -> None:
    tags = {
        "og:type": "product",
        "og:title": "Oak Chair",
        "product:price:amount": "49.90",
        "product:price:currency": "EUR",
        "product:availability": "out of stock",
    }
    head = "".join(f'<meta property="{name}" content="{value}">' for name, value in tags.items())
    found = main(page(head))
    assert (found.price_amount, found.currency_code, found.availability) == (Decimal("49.90"), "EUR", "out_of_stock")


def test_related_products_are_not_the_product() -> None:
    other = {"@type": "Product", "name": "Pine Table", "offers": offer(price="9.99")}
    data = [other, product(offers=offer(), isRelatedTo=[other])]
    assert main(page(block(data))).price_amount == Decimal("49.90")


def test_a_list_of_products_is_no_offer() -> None:
    many = [{"@type": "Product", "name": f"Thing {n}", "offers": offer(price=str(n + 5))} for n in range(12)]
    assert extract_offers(page(*map(block, many), title="All our things"), PageHints(URL)) == []


def test_the_data_state_the_price_before_a_reduction() -> None:
    shown = (
        '<div class="price"><del>€49.90</del> <span class="sale-price">€39.90</span></div><button>Add to cart</button>'
    )
    found = main(page(block(product(offers=offer())), shown))
    assert (found.price_amount, found.list_price_amount) == (Decimal("39.90"), Decimal("49.90"))


def test_cents_are_told_from_euros_by_what_is_shown() -> None:
    shown = '<p class="price">€49.90</p><button>Add to cart</button>'
    assert main(page(block(product(offers=offer(price=4990))), shown)).price_amount == Decimal("49.90")


@pytest.mark.parametrize("price", ["0", "0.00", "0.01", "", "on request", None])
def test_a_placeholder_is_no_price(price: str | None) -> None:
    assert main(page(block(product(offers=offer(price=price))))).price_amount is None


def test_prices_per_kilogram_and_list_prices_are_told_from_the_price() -> None:
    specified = [
        {
            "@type": "UnitPriceSpecification",
            "price": 2.5,
            "referenceQuantity": {"@type": "QuantitativeValue", "value": 1},
        },
        {"@type": "UnitPriceSpecification", "price": 59.9, "priceType": "https://schema.org/ListPrice"},
        {"@type": "UnitPriceSpecification", "price": 49.9, "valueAddedTaxIncluded": True},
    ]
    data = product(offers={"@type": "Offer", "priceCurrency": "EUR", "priceSpecification": specified})
    found = main(page(block(data)))
    assert (found.price_amount, found.list_price_amount) == (Decimal("49.9"), Decimal("59.9"))
    assert found.tax_note == "included"


def test_an_aggregate_of_one_has_a_price_and_one_of_many_a_range() -> None:
    one = product(offers={"@type": "AggregateOffer", "lowPrice": "49.90", "priceCurrency": "EUR", "offerCount": 1})
    assert main(page(block(one))).price_amount == Decimal("49.90")
    many = product(offers={"@type": "AggregateOffer", "lowPrice": "10", "highPrice": "90", "priceCurrency": "EUR"})
    found = main(page(block(many)))
    assert (found.low_price_amount, found.high_price_amount) == (Decimal(10), Decimal(90))


def test_variants_are_offers_of_their_own_and_the_address_chooses_the_main_one() -> None:
    variants = [
        {"@type": "Product", "name": f"Oak Chair {size}", "sku": f"OC-{size}", "size": size,
         "offers": offer(price=price, url=f"{URL}?variant={size}")}
        for size, price in (("S", "40"), ("M", "45"), ("L", "50"))
    ]  # fmt: skip
    data = {"@type": "ProductGroup", "name": "Oak Chair", "hasVariant": variants}
    found = extract_offers(page(block(data)), PageHints(f"{URL}?variant=M"))
    assert (found[0].price_amount, found[0].sku) == (Decimal(45), "OC-M")
    assert {one.offer_ref: one.price_amount for one in found[1:]} == {"OC-S": Decimal(40), "OC-L": Decimal(50)}
    assert found[1].variant_title == "S"


def test_a_sold_out_page_overrules_a_template_that_says_in_stock() -> None:
    data = product(offers=offer(availability="https://schema.org/InStock"))
    shown = '<p class="stock">Out of stock</p>'
    found = main(page(block(data), '<p class="price">€49.90</p>', shown))
    assert found.availability == "out_of_stock"
    assert "in_stock" in found.evidence["availability"].others


def test_two_equally_good_prices_leave_it_undecided() -> None:
    micro = (
        '<div itemscope itemtype="http://schema.org/Product"><meta itemprop="name" content="Oak Chair">'
        '<div itemprop="offers" itemscope itemtype="http://schema.org/Offer"><meta itemprop="price" content="77.00">'
        '<meta itemprop="priceCurrency" content="EUR"></div></div>'
    )
    found = main(page(block(product(offers=offer())), micro))
    assert found.price_amount is None
    assert set(found.evidence["price_amount"].others) == {"49.90", "77.00"}


@pytest.mark.parametrize(("url", "code"), [("https://a.co.jp/p", "JPY"), ("https://a.com.cn/p", "CNY")])
def test_a_shared_sign_is_read_by_the_page_s_place(url: str, code: str) -> None:
    data = product(offers=offer(price="1980", priceCurrency="¥"))
    assert main(page(block(data)), url).currency_code == code


def test_utf_8_is_read_as_such_whatever_the_page_declares() -> None:
    body = page(
        '<meta charset="iso-8859-1">', block('{"@type":"Product","name":"Chaise en chêne","offers":{"price":1}}')
    )
    assert main(body.replace(b"Oak Chair", "Chaise en chêne".encode())).offer_title == "Chaise en chêne"


@pytest.mark.parametrize("body", [b"", b"\0", b"   ", b"<", b"\xff\xfe", b"<!-- -->", b"<html>" * 5_000])
def test_what_is_no_page_has_no_offers(body: bytes) -> None:
    assert extract_offers(body, PageHints("")) == []


@settings(max_examples=60, deadline=2_000)
@given(st.binary(max_size=400), st.text(max_size=40))
def test_any_bytes_come_to_an_answer(body: bytes, url: str) -> None:
    extract_offers(
        b'<script type="application/ld+json">{"@type":"Product",' + body + b"</script>" + body, PageHints(url)
    )


_SCALAR = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12))
_JSON = st.recursive(
    _SCALAR,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=2_000)
@given(st.fixed_dictionaries(dict.fromkeys(("name", "offers", "brand", "image", "aggregateRating", "sku"), _JSON)))
def test_any_json_comes_to_an_answer(data: dict[str, object]) -> None:
    for made in extract_offers(page(block({"@type": "Product", **data})), PageHints(URL)):
        assert made.offer_title
        assert made.price_amount is None or made.price_amount > 0


_ITEM = '<div itemscope itemtype="http://schema.org/Product"'


@pytest.mark.parametrize(
    "hostile",
    [
        f'{_ITEM} itemref="b"></div>' * 10_000 + "<p id=b>" + "<i itemprop=price>1</i>" * 1_000,
        f"{_ITEM} itemprop=x><i itemprop=name>a" * 500,
        block('{"a":1,' * 50_000),
        block("[" * 200_000),
        '<script type="application/ld+json">{"a":"b" "c" d, "]}</script>' * 3_000,
    ],
)
def test_hostile_pages_cost_seconds_at_most(hostile: str) -> None:
    began = time.process_time()
    extract_offers(page(hostile), PageHints(URL))
    assert time.process_time() - began < 8  # about one; quadratic reading takes minutes
