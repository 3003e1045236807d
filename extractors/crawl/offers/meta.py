"""What a page's head says: OpenGraph, product meta tags, and where else it says what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from extractors.crawl.offers import values
from extractors.crawl.offers.amounts import machine_price
from extractors.crawl.offers.model import Candidate, Method, Value
from extractors.crawl.offers.products import Subject

_METHOD: Method = "opengraph"
_TEXTS = {
    "brand": ("product:brand", "og:brand"),
    "mpn": ("product:mfr_part_no",),
    "sku": ("product:retailer_item_id", "product:retailer_part_no", "og:sku", "product:sku"),
}
_BARCODES = ("product:gtin", "product:ean", "product:upc", "product:isbn", "og:upc", "og:ean", "og:isbn", "book:isbn")
_PRICES = ("product:sale_price:amount", "product:price:amount", "og:price:amount", "product:price", "og:price")
_LIST_PRICES = ("product:original_price:amount", "og:price:standard_amount", "product:price:standard_amount")
_CURRENCIES = ("product:price:currency", "og:price:currency", "product:sale_price:currency", "product:currency")
_AVAILABLE = ("product:availability", "og:availability", "product:is_product_shareable:availability")


@dataclass
class Head:
    """A page's head: its meta tags by lower-case name, in order, and its headings."""

    tags: dict[str, list[str]] = field(default_factory=dict)
    base: str = ""
    canonical: str = ""
    language: str = ""
    title: str = ""
    headings: list[str] = field(default_factory=list)

    def first(self, *names: str) -> str:
        """The first tag of these names that says anything."""
        return next((value for name in names for value in self.tags.get(name, ()) if value.strip()), "")

    def subject(self, url: str) -> Subject:
        """What the page says it is about."""
        same = [urljoin(url, one) for one in (self.canonical, self.first("og:url")) if _is_address(one)]
        titles = [*self.headings[:3], self.first("og:title"), self.first("twitter:title"), self.title]
        return Subject(url, tuple(same), tuple(title for title in titles if title))


def _is_address(text: str) -> bool:
    try:
        urljoin("http://x/", text)
    except ValueError:
        return False
    return bool(text.strip())


def read_head(tree: HtmlElement, url: str) -> Head:
    """Reads what a page says outside of its products.

    Args:
        tree: The page's root.
        url: Its address.
    """
    head = Head(base=url, language=tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "")
    for element in tree.iter("meta", "link", "title", "h1", "base"):
        match element.tag:
            case "meta":
                name = element.get("property") or element.get("name") or element.get("http-equiv") or ""
                if name and len(head.tags) < 500:
                    head.tags.setdefault(name.strip().lower(), []).append((element.get("content") or "")[:2_000])
            case "link":
                if "canonical" in (element.get("rel") or "").lower().split():
                    head.canonical = head.canonical or (element.get("href") or "")
            case "base":
                address = element.get("href") or ""
                head.base = urljoin(url, address) if _is_address(address) else url
            case "title":
                head.title = head.title or values.line("".join(element.itertext()))
            case _:
                if len(head.headings) < 5:
                    head.headings.append(values.line(" ".join(element.itertext())))
    return head


def head_claims(head: Head) -> list[Candidate]:
    """What the meta tags claim about the page's product.

    Args:
        head: The page's head.
    """
    return [Candidate(name, value, _METHOD, sure) for name, value, sure in _claims(head) if value not in ("", None)]


def last_title(head: Head) -> list[Candidate]:
    """The page's own title up to the shop's name, for a page that names its product nowhere else."""
    name = re.split(r"\s+[|–—\-:»·]\s+|\s*\|\s*", head.title, maxsplit=1)[0].strip()
    return [Candidate("offer_title", name, _METHOD, 0.35)] if len(name) >= 3 else []


def is_product_page(head: Head) -> bool:
    """Whether the head says that the page is about a product."""
    kind = head.first("og:type").lower()
    return ("product" in kind and "group" not in kind) or bool(head.first(*_PRICES, "product:retailer_item_id"))


def _claims(head: Head) -> Iterator[tuple[str, Value, float]]:
    yield "offer_title", values.line(head.first("og:title")), 0.6
    yield "image_url", values.address(head.base, head.first("og:image:secure_url", "og:image", "twitter:image")), 0.7
    currency = head.first(*_CURRENCIES).strip().upper()
    yield "currency_code", currency if len(currency) == 3 and currency.isalpha() else "", 0.85
    for name, tags in _TEXTS.items():
        yield name, values.line(head.first(*tags), 200), 0.75 if name != "sku" else 0.6
    yield "gtin", next(filter(None, (values.gtin14(head.first(name)) for name in _BARCODES)), ""), 0.9
    prices = [machine_price(head.first(name), currency).amount for name in _PRICES if head.first(name)]
    found = next((price for price in prices if price), None)
    if found is not None:
        yield "price_amount", found, 0.8
    was = machine_price(head.first(*_LIST_PRICES), currency).amount if head.first(*_LIST_PRICES) else None
    regular = machine_price(head.first("product:price:amount"), currency).amount
    if was is None and head.first("product:sale_price:amount"):
        was = regular
    if was and found and was > found:
        yield "list_price_amount", was, 0.75
    yield "availability", values.availability(head.first(*_AVAILABLE)), 0.8
    yield "condition", values.condition(head.first("product:condition", "og:condition")), 0.8
    yield "category", values.line(head.first("product:category")).replace(" / ", " > "), 0.4
    yield from _cards(head)


def _cards(head: Head) -> Iterator[tuple[str, Value, float]]:
    """Labels of Twitter cards, which shop programs fill with price and availability."""
    for number in ("1", "2"):
        label, data = head.first(f"twitter:label{number}").lower(), head.first(f"twitter:data{number}")
        if label in ("price", "preis", "prix", "precio", "prezzo", "prijs"):
            amount = machine_price(data, "").amount
            if amount:
                yield "price_amount", amount, 0.6
        elif label.startswith("avail"):
            yield "availability", values.availability(data), 0.6
