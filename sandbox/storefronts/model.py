"""What a rival shop is, what it sells, and what it says of it on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Markup = Literal["json_ld", "json_ld_dirty", "microdata", "rdfa", "opengraph", "none"]
Relation = Literal["same", "near_miss", "own"]


@dataclass(frozen=True)
class Shop:
    """A competitor.

    Attributes:
        name: Its source's name in `config/practice.yml`.
        title: What it calls itself.
        port: Where it is served by default.
        language: BCP 47 tag of its pages; `words` is its first part.
        currency: ISO 4217.
        look: Name of its folder of templates.
        markup: How its product pages tell machines about the offer.
        encoding: Python's name of its pages' charset.
        rate: Its minor units for one penny of the merchant's.
        level: Its prices against the merchant's, on the average.
        ending: What its prices end with, in minor units of one major unit.
        follows: Share of the common products where it stays just below the merchant's price.
        crawl_delay: Seconds, in its robots.txt; None: not told.
        robots: How `/robots.txt` answers.
        validators: Which validators its answers carry.
        sitemaps: `index` (an index of gzipped maps), `plain`, or `none`.
        tax_note: What its pages say of the tax: included, excluded or empty.
        shows: Which identifiers its pages show: of `gtin`, `mpn`, `sku`, `brand`.
        brands_only: Whether it leaves out the merchant's own brand.
    """

    name: str
    title: str
    port: int
    language: str
    currency: str
    look: str
    markup: Markup
    encoding: str = "utf-8"
    rate: float = 1.0
    level: float = 1.0
    ending: int = 99
    follows: float = 0.2
    crawl_delay: float | None = None
    robots: Literal["plain", "missing", "late"] = "plain"
    validators: tuple[str, ...] = ("etag", "last_modified")
    sitemaps: Literal["index", "plain", "none"] = "plain"
    tax_note: str = ""
    shows: tuple[str, ...] = ("gtin", "mpn", "sku", "brand")
    brands_only: bool = False

    @property
    def words(self) -> str:
        """The language without its region: en, de, fr, zh."""
        return self.language.split("-")[0]

    @property
    def url(self) -> str:
        """Where it is served by default."""
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True)
class Good:
    """One thing that a shop sells; a variant, where its page offers several.

    Attributes:
        number: The shop's number of it.
        relation: Whether it is the merchant's product too, only looks like it, or neither.
        how: By what it can be known (`gtin`, `brand_mpn`, `title`, `foreign_title`), or what kind of trap it is.
        product_ref: The merchant's SKU where it is the same product.
        resembles: The merchant's SKU that a trap looks like.
        title: Its name on the page.
        option: What tells it from the page's other variants; empty where it is alone.
        brand: Who makes it.
        gtin: Thirteen digits, or empty where the page tells none.
        mpn: The maker's number, or empty.
        sku: The shop's own.
        department: English name of the department, a key of the glossary.
        category: English name of the category.
        base_minor: Its usual price in the shop's minor units.
        condition: new or refurbished.
        sellers: Names of those who offer it, in a marketplace.
    """

    number: int
    relation: Relation
    how: str
    product_ref: str | None
    resembles: str | None
    title: str
    option: str
    brand: str
    gtin: str
    mpn: str
    sku: str
    department: str
    category: str
    base_minor: int
    condition: str = "new"
    sellers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """A product page.

    Attributes:
        number: The shop's number of the page.
        title: What it is about.
        goods: The thing on it, or its variants.
        slug: The last part of its address.
        old_slug: What that was before it moved, or empty.
        first_day: The day from which it is there; None: always.
        last_day: The last day on which it is there; None: it stays.
        moved_on: The day on which it moved from the old address.
        rating: Mean rating of five, 0 where nobody rated.
        reviews: How many rated it at first.
    """

    number: int
    title: str
    goods: tuple[Good, ...]
    slug: str
    old_slug: str = ""
    first_day: date | None = None
    last_day: date | None = None
    moved_on: date | None = None
    rating: float = 0.0
    reviews: int = 0

    def is_there(self, day: date) -> bool:
        """Whether the shop has it on a day."""
        return (self.first_day is None or self.first_day <= day) and (self.last_day is None or day <= self.last_day)

    @property
    def is_group(self) -> bool:
        """Whether it offers several variants."""
        return len(self.goods) > 1


@dataclass(frozen=True)
class Offer:
    """What a shop asks for a good on a day.

    Attributes:
        price_minor: What it costs, in the shop's minor units.
        list_minor: The price that it is set against; None without a reduction.
        availability: in_stock, limited, out_of_stock, preorder or backorder.
        seller: Who sells it, where that is not the shop.
    """

    price_minor: int
    list_minor: int | None
    availability: str
    seller: str = ""
