"""What is read from a page: claims of its sources about a product, and the offers that they come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Method = Literal["json_ld", "microdata", "rdfa", "opengraph", "script", "visible"]
Value = str | Decimal | int
Availability = Literal["in_stock", "limited", "out_of_stock", "preorder", "backorder", "discontinued"]

# Fields of an offer that a source can make a claim about, and what their values look like.
TEXT_FIELDS = (
    "offer_title",
    "variant_title",
    "brand",
    "gtin",  # 14 digits with a right check digit
    "mpn",
    "sku",
    "currency_code",  # ISO 4217, or a sign that stands for several currencies as the page has it: $, ¥, kr
    "tax_note",  # included or excluded
    "availability",  # one of `Availability`
    "condition",  # new, used or refurbished
    "image_url",
    "category",  # levels parted by " > "
    "seller",
)
AMOUNT_FIELDS = ("price_amount", "list_price_amount", "low_price_amount", "high_price_amount")
FIELDS = (*TEXT_FIELDS, *AMOUNT_FIELDS, "rating", "review_count")


@dataclass(frozen=True)
class Candidate:
    """What one source on a page says about one field.

    Attributes:
        field: One of `FIELDS`.
        value: Text; a Decimal for amounts and the rating (of 5); an int for the number of reviews.
        method: The kind of source.
        confidence: How likely it is right where nothing contradicts it, 0 to 1.
        offer_key: Which offer of the page it belongs to; empty for what the page is about.
    """

    field: str
    value: Value
    method: Method
    confidence: float
    offer_key: str = ""


@dataclass(frozen=True)
class FieldEvidence:
    """How a field of an offer was decided.

    Attributes:
        method: The source that it was taken from.
        confidence: How sure it is, 0 to 1.
        others: What other sources say instead, as text.
        agreeing: Further kinds of source that say the same.
    """

    method: Method
    confidence: float
    others: tuple[str, ...] = ()
    agreeing: tuple[Method, ...] = ()


@dataclass(frozen=True)
class Offer:
    """One offer on a page. None or an empty text: the page does not say, or its sources contradict one another.

    Attributes are those of the stream `competitor_offers` that come from the page, under the same names;
    `evidence` tells by field how it was found.
    """

    offer_ref: str
    is_main: bool
    offer_title: str
    variant_title: str | None = None
    brand: str | None = None
    gtin: str | None = None
    mpn: str | None = None
    sku: str | None = None
    price_amount: Decimal | None = None
    list_price_amount: Decimal | None = None
    low_price_amount: Decimal | None = None
    high_price_amount: Decimal | None = None
    currency_code: str | None = None
    tax_note: str | None = None
    availability: str | None = None
    condition: str | None = None
    rating: Decimal | None = None
    review_count: int | None = None
    image_url: str | None = None
    category: str | None = None
    seller: str | None = None
    price_confidence: Decimal | None = None
    price_method: Method | None = None
    evidence: Mapping[str, FieldEvidence] = field(default_factory=dict)


@dataclass(frozen=True)
class PageHints:
    """What is known about a page besides its bytes.

    Attributes:
        url: Its address.
        content_type: The server's Content-Type header.
        language: Language of the site, such as `de` or `zh-CN`, where it is declared.
        currency: Currency of the site (ISO 4217), where it is declared: used where the page does not tell.
    """

    url: str
    content_type: str = ""
    language: str = ""
    currency: str = ""
