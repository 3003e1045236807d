"""Our one-pass reader of microdata says what extruct says, and more where shops forget what is asked of them."""

from __future__ import annotations

from typing import Any

import lxml.html  # type: ignore[import-untyped]
from extruct.w3cmicrodata import MicrodataExtractor  # type: ignore[import-untyped]

from extractors.crawl.offers.items import Item, bare
from extractors.crawl.offers.markup import read_markup

_BASE = "https://shop.example/p"
_PAGE = """<html><body><div itemscope itemtype="https://schema.org/Product" itemref="more">
<h1 itemprop="name">Oak <b>Chair</b></h1><img itemprop="image" src="/a.jpg"><a itemprop="url" href="p?x=1">here</a>
<span itemprop="brand" itemscope itemtype="https://schema.org/Brand"><i itemprop="name">Larch</i></span>
<div itemprop="offers" itemscope itemtype="https://schema.org/Offer"><data itemprop="price" value="49.90">49</data>
<meta itemprop="priceCurrency" content="EUR"><time itemprop="priceValidUntil" datetime="2027-01-01">soon</time></div>
</div><p id="more"><span itemprop="sku">OC-1</span>
<span itemprop="color">red</span><span itemprop="color">blue</span></p>
</body></html>"""


def plain(item: Item) -> dict[str, Any]:
    values = {
        name: [plain(one) if isinstance(one, Item) else one for one in found] for name, found in item.props.items()
    }
    return {"types": list(item.types), **values}


def of_extruct(item: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"types": [bare(item["type"])]}
    for name, found in item["properties"].items():
        several = found if isinstance(found, list) else [found]
        made[name.lower()] = [of_extruct(one) if isinstance(one, dict) else one for one in several]
    return made


def test_the_same_as_extruct() -> None:
    ours = read_markup(lxml.html.document_fromstring(_PAGE), "microdata", _BASE)
    theirs = [one for one in MicrodataExtractor().extract(_PAGE, base_url=_BASE) if one.get("type")]
    assert plain(ours[0]) == of_extruct(theirs[0])


def test_an_offer_without_its_property_belongs_to_the_product_around_it() -> None:
    page = _PAGE.replace('itemprop="offers" ', "")
    product = read_markup(lxml.html.document_fromstring(page), "microdata", _BASE)[0]
    assert product.items("offers")[0].text("price") == "49.90"


def test_a_crossed_out_price_is_no_price() -> None:
    page = _PAGE.replace(
        '<data itemprop="price" value="49.90">49</data>', '<p itemprop="price"><del>49</del> <ins>39</ins></p>'
    )
    offer = read_markup(lxml.html.document_fromstring(page), "microdata", _BASE)[0].items("offers")[0]
    assert (offer.texts("price"), offer.texts("struckprice")) == (["39"], ["49"])
