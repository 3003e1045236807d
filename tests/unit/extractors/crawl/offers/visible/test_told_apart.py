"""Prices that look alike, told apart by what a shopper reads: who pays them, and what they were reduced from."""

from __future__ import annotations

from decimal import Decimal

import pytest

from extractors.crawl.offers import Offer, PageHints, extract_offers

_CARD = (
    "<li class=product><a href=/p/{n}><img src={n}.jpg><h2>Other {n}</h2><span class=price>€ {n},95</span></a>"
    "<button>Add to cart</button></li>"
)
_OTHERS = (
    "<h2>Customers who bought this also bought</h2><ul>" + "".join(_CARD.format(n=n) for n in range(11, 17)) + "</ul>"
)


def offer(body: str, title: str = "Oak Bench Heron") -> Offer | None:
    page = f"<html><head><title>{title} | Shop</title></head><body>{body}{_OTHERS}</body></html>"
    found = extract_offers(page.encode(), PageHints("https://shop.example/bench"))
    return found[0] if found else None


@pytest.mark.parametrize(
    ("box", "price"),
    [
        ("<div class=price><p>€ 80,00</p><p class=x>Members pay € 72,00</p></div>", "80.00"),
        ("<div><p class=price-member>Mitgliederpreis € 72,00</p><p class=price>€ 80,00</p></div>", "80.00"),
        ("<p class=c1>Cena hurtowa: 45,00 zł (od 100 szt.)</p><p class=c2>Cena: 69,00 zł</p>", "69.00"),
        ("<div class=preis>80,00 €</div><p>Mit Kundenkarte 72,00 €</p>", "80.00"),
        ("<div class=p-now>4 690 ₽</div><div class=opt-price>Оптовая цена: 4 200 ₽</div>", "4690"),
        ("<div class=price><b>22 000円</b></div><p>会員価格 19 800円</p>", "22000"),
        ("<div class=price>R$ 44,90</div><p>R$ 42,65 no Pix</p>", "44.90"),
    ],
)
def test_a_price_for_some_is_not_the_price(box: str, price: str) -> None:
    read = offer(f"<h1>Oak Bench Heron</h1>{box}<button>Add to cart</button>")

    assert read is not None
    assert read.price_amount == Decimal(price)


@pytest.mark.parametrize(
    "box",
    [
        "<span data-hook=a-price>$32.00<span>Regular Price</span></span>"
        "<span data-hook=b-price>$26.00<span>Sale Price</span></span>",
        "<span class=price>$26.00<span>Sale price</span></span> <span class=price>$32.00<i>RRP</i></span>",
    ],
)
def test_a_label_inside_an_element_is_of_the_amount_before_it(box: str) -> None:
    read = offer(f"<h1>Oak Bench Heron</h1><div>{box}</div><button>Add to cart</button>")

    assert read is not None
    assert (read.price_amount, read.list_price_amount) == (Decimal("26.00"), Decimal("32.00"))


@pytest.mark.parametrize(
    "box",
    [
        "<div>229,00 € <del>299,00 €</del></div><div>Tai 10,50 €/kk</div>",
        "<div class=fiyatlar><span class=eski>299,00 €</span><span class=yeni>229,00 €</span></div>",
        "<div class=product-item-price><span class=price-value>229,00 €</span> <s>299,00 €</s></div>",
    ],
)
def test_the_amount_beside_a_crossed_out_one_is_the_price(box: str) -> None:
    read = offer(f"<h1>Oak Bench Heron</h1>{box}<p>Sold out</p>")

    assert read is not None
    assert read.price_amount == Decimal("229.00")


def test_paragraphs_that_each_tell_something_else_are_no_table_of_prices() -> None:
    read = offer(
        "<div><h1>Oak Bench Heron</h1><p>Aktuelles Gebot: 51,00 €</p><p>Sofort-Kaufen: 89,00 €</p>"
        "<p>Versand 7,90 €</p><button>Sofort kaufen</button></div>"
    )

    assert read is not None
    assert read.price_amount in (Decimal("51.00"), Decimal("89.00"))


def test_a_product_sold_on_request_is_one_without_a_price() -> None:
    read = offer("<h1>Oak Bench Heron</h1><p>Prix sur demande</p><p>Transport 180 €</p><p>Réf. OB-12</p>")

    assert read is not None
    assert (read.price_amount, read.sku) == (None, "OB-12")


def test_an_article_on_requests_is_no_product() -> None:
    assert offer("<h1>Oak Bench Heron</h1><p>Why shops write price on request, and what it means.</p>") is None


def test_a_heading_over_other_products_is_no_title() -> None:
    read = offer(
        "<table><tr><td class=pageHeading>Oak Bench Heron [OB-12]</td><td class=pageHeading><s>$9.95</s> "
        "<span class=productSpecialPrice>$7.25</span></td></tr></table><input type=image alt='Add to cart'>"
    )

    assert read is not None
    assert read.price_amount == Decimal("7.25")
    assert read.offer_title.startswith("Oak Bench Heron")


def test_a_page_without_headings_is_called_what_its_head_says() -> None:
    read = offer("<p class=price>$7.25</p><p><a href=/c>Buy</a></p><button>Add to cart</button>")

    assert read is not None
    assert read.offer_title == "Oak Bench Heron"


@pytest.mark.parametrize(
    ("line", "sku"),
    [
        ("<li>Model: CB-Q</li>", "CB-Q"),
        ("<span>Kód:</span> <span>SEK-600</span>", "SEK-600"),
        ("<span>Kod:</span> <strong>KM-778</strong>", "KM-778"),
        ("<div><b>Model:</b><i>LU65-2021</i><b>SKU:</b><i>6401234</i></div>", "6401234"),
        ("<p>Best.-Nr. A1-TI</p>", "A1-TI"),
        ("<p>Cod. art. SC1200</p>", "SC1200"),
        ("<p>Ref.ª ML-01</p>", "ML-01"),
        ("<p>арт. <b>PU-357</b></p>", "PU-357"),
        ("<ul class=breadcrumbs><li><a>Garden</a></li><li>SKU: W001234567</li></ul>", "W001234567"),
        ("<p>Prix de référence : 39,90 €</p><p>Code : SEL-GEL</p>", "SEL-GEL"),
    ],
)
def test_numbers_behind_their_label(line: str, sku: str) -> None:
    read = offer(f"<h1>Oak Bench Heron</h1>{line}<p class=price>€ 80,00</p><button>Add to cart</button>")

    assert read is not None
    assert read.sku == sku


@pytest.mark.parametrize(
    ("box", "kind"),
    [
        ("<ul class=description><li>Stok Durumu: Stokta Yok</li></ul>", "out_of_stock"),
        ("<div class=description><p>Some say that it was sold out in 2019</p></div>", "in_stock"),
        ("<p>Fuera de existencias</p>", "out_of_stock"),
        ("<p>Lager: 0</p>", "out_of_stock"),
        ("<p>Loppu varastosta</p>", "out_of_stock"),
        ("<p>Prodotto terminato</p>", "out_of_stock"),
    ],
)
def test_stock_is_read_where_themes_keep_it(box: str, kind: str) -> None:
    read = offer(f"<h1>Oak Bench Heron</h1><p class=price>€ 80,00</p>{box}<button>Add to cart</button>")

    assert read is not None
    assert read.availability == kind
