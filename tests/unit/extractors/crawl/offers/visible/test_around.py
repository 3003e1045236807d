"""What stands around the price: stock, numbers, brand, category, picture, rating and seller."""

from __future__ import annotations

from decimal import Decimal

import lxml.html  # type: ignore[import-untyped]
import pytest

from extractors.crawl.offers.model import PageHints
from extractors.crawl.offers.visible import visible_candidates

_TOP = "<h1>Enamel Mug Heron</h1><p class=price>£8.00</p>"


def best(body: str, field: str, url: str = "https://shop.example/mug") -> object:
    tree = lxml.html.fromstring(f"<html><head><title>Enamel Mug Heron - Shop</title></head><body>{body}</body></html>")
    found = [claim for claim in visible_candidates(tree, PageHints(url), {}) if claim.field == field]
    return max(found, key=lambda claim: claim.confidence).value if found else None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Out of stock", "out_of_stock"),
        ("Ausverkauft", "out_of_stock"),
        ("Derzeit nicht lieferbar", "out_of_stock"),
        ("Rupture de stock", "out_of_stock"),
        ("Ce produit n'est plus en stock", "out_of_stock"),
        ("Prodotto esaurito", "out_of_stock"),
        ("Agotado", "out_of_stock"),
        ("在庫切れ", "out_of_stock"),
        ("已售罄", "out_of_stock"),
        ("Нет в наличии", "out_of_stock"),
        ("Email me when available", "out_of_stock"),
        ("In stock", "in_stock"),
        ("Sofort lieferbar", "in_stock"),
        ("En stock", "in_stock"),
        ("在庫あり", "in_stock"),
        ("有货", "in_stock"),
        ("В наличии", "in_stock"),
        ("Only 3 left", "limited"),
        ("Nur noch 2 Stück", "limited"),
        ("残りわずか", "limited"),
        ("Pre-order now", "preorder"),
        ("On backorder", "backorder"),
        ("Discontinued", "discontinued"),
    ],
)
def test_availability_in_many_languages(text: str, kind: str) -> None:
    assert best(f"{_TOP}<p>{text}</p>", "availability") == kind


@pytest.mark.parametrize(
    "body",
    [
        f"{_TOP}<button>Add to cart</button><p hidden>Out of stock</p>",
        f"{_TOP}<button>Add to cart</button><select><option>M</option><option>L - sold out</option></select>",
        f"{_TOP}<button>Add to cart</button><h3>Related products</h3><div><p>Jug</p><p>Out of stock</p></div>",
        f"{_TOP}<button>Add to cart</button><ul><li>38</li><li>39 ausverkauft</li></ul>",
        f"{_TOP}<button>Add to cart</button><p>If an item is out of stock we let you know.</p>",
    ],
)
def test_what_is_said_elsewhere_does_not_count(body: str) -> None:
    assert best(body, "availability") == "in_stock"


def test_a_page_that_says_nothing_makes_no_claim_on_stock() -> None:
    assert best(_TOP, "availability") is None


@pytest.mark.parametrize(
    ("body", "sku"),
    [
        ("<p>SKU: HB-77</p>", "HB-77"),
        ("<p>Art.-Nr.: 2716543</p>", "2716543"),
        ("<dl><dt>Artikelnummer</dt><dd>GS-200</dd></dl>", "GS-200"),
        ("<p>Réf. : demo_1</p>", "demo_1"),
        ("<p>商品番号：ab-1029</p>", "ab-1029"),
        ("<p>Артикул: TF-221</p>", "TF-221"),
        ("<span>SKU: <span>ASM-100</span></span><span>Category: <a>Tea</a></span>", "ASM-100"),
        ("<p>Web ID: 7654321</p>", "7654321"),
        ("<div class='product-code'>83210701</div>", "83210701"),
    ],
)
def test_the_shops_number(body: str, sku: str) -> None:
    assert best(_TOP + body, "sku") == sku


@pytest.mark.parametrize(
    ("url", "sku"),
    [
        ("https://shop.example/p/mug-heron-2716543.html", "2716543"),
        ("https://shop.example/product.php?id=4432", "4432"),
        ("https://shop.example/dp/B00FLYWNYQ/ref=x", "B00FLYWNYQ"),
        ("https://shop.example/mug-heron", None),
        ("http://[broken", None),
    ],
)
def test_the_address_is_the_last_resort_for_a_number(url: str, sku: str | None) -> None:
    assert best(_TOP, "sku", url) == sku
    assert best(_TOP + "<p>SKU: HB-77</p>", "sku", url) == "HB-77"


def test_gtin_and_mpn_have_labels_and_right_digits() -> None:
    body = _TOP + "<p>EAN: 4006381333931</p><p>MPN: VC-100</p>"

    assert best(body, "gtin") == "04006381333931"
    assert best(body, "mpn") == "VC-100"
    assert best(_TOP + "<p>EAN: 4006381333932</p>", "gtin") is None


@pytest.mark.parametrize(
    "body",
    [
        f"{_TOP}<p>Brand: Heron & Sons</p>",
        f"{_TOP}<table><tr><th>Hersteller</th><td>Heron & Sons</td></tr></table>",
        f"<a href=/b>Visit the Heron & Sons Store</a>{_TOP}",
        f"{_TOP}<p class=brand>Heron & Sons</p>",
    ],
)
def test_the_brand(body: str) -> None:
    assert best(body, "brand") == "Heron & Sons"


def test_the_shops_own_name_is_no_brand() -> None:
    assert best(f'<a class="brand" href="/">Shop</a>{_TOP}', "brand") is None


def test_the_trail_of_categories_leaves_out_home_and_the_product() -> None:
    crumbs = '<ul class="breadcrumb"><li><a>Home</a></li><li><a>Kitchen</a></li><li><a>Mugs</a></li>'
    crumbs += "<li>Enamel Mug Heron</li></ul>"

    assert best(crumbs + _TOP, "category") == "Kitchen > Mugs"


def test_the_picture_is_the_products_and_its_address_whole() -> None:
    body = f'<img src="/logo.png">{_TOP}<img src="/m/mug.jpg" alt="Enamel Mug Heron" class="main">'

    assert best(body, "image_url") == "https://shop.example/m/mug.jpg"


@pytest.mark.parametrize("text", ["4.6 out of 5 (1,234 reviews)", "4,6 von 5 Sternen, 1.234 Bewertungen", "4.6 (1234)"])
def test_rating_and_reviews(text: str) -> None:
    body = f"{_TOP}<p class=rating>{text}</p>"

    assert best(body, "review_count") == 1234
    if "(1234)" not in text:
        assert best(body, "rating") == Decimal("4.6")


def test_the_seller_is_told_where_it_is_not_the_shop() -> None:
    assert best(f"{_TOP}<p>Sold by <b>Brightside Trading</b></p>", "seller") == "Brightside Trading"
    assert best(f"{_TOP}<p>Sold by <b>Shop</b></p>", "seller") is None
    assert best(f"{_TOP}<p>Ausverkauft</p><p>In den Warenkorb</p>", "seller") is None
