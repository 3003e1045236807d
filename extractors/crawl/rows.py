"""From one visit to its row and the rows of its offers: a function of the record alone."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import urlsplit

from extractors.crawl.addresses import canonical
from extractors.crawl.decoding import decoded_body, gunzipped
from extractors.crawl.links import is_sitemap, outlook
from extractors.crawl.offers.model import Offer, PageHints
from extractors.crawl.outcomes import VisitEnded
from extractors.crawl.warc import CONTENT, KIND, OFFERS, Record

Row = dict[str, Any]
_LISTING: Final = re.compile(rb"ItemList|CollectionPage|OfferCatalog|product\.group|rel=[\"']?next\b")
_CENT, _FINE = Decimal("0.0001"), Decimal("0.00000001")
_AMOUNTS: Final = ("price_amount", "list_price_amount", "low_price_amount", "high_price_amount")
_RATES: Final = ("rating", "price_confidence")
_LARGEST: Final = Decimal(10) ** 14
_LARGEST_RATE: Final = Decimal(10) ** 10
# Strangers write these. What is longer than anybody means is cut, or left out where a part of it means nothing: else a
# page could have its whole visit set aside, and enough such pages the whole crawl.
_CUT: Final = {"offer_title": 1_000, "variant_title": 1_000, "brand": 300, "seller": 300, "category": 1_000}
_LEFT_OUT: Final = {
    "redirect_url": 4_000,
    "image_url": 4_000,
    "etag": 1_000,
    "last_modified": 200,
    "content_type": 500,
    "sku": 200,
    "mpn": 200,
    "evidence": 200_000,
}
_LONGEST_REF: Final = 300


@dataclass(frozen=True)
class Context:
    """What a segment says of its crawl.

    Attributes:
        crawl_ref: Number of the crawl.
        currency: Currency of prices that name none.
        language: Language of pages that name none.
        max_body_bytes: Most bytes of a body after decompression.
        product_patterns: Addresses of product pages.
        listing_patterns: Addresses of listings.
        sitemaps: Addresses of declared sitemaps.
    """

    crawl_ref: str = ""
    currency: str = ""
    language: str = ""
    max_body_bytes: int = 10 << 20
    product_patterns: tuple[re.Pattern[str], ...] = ()
    listing_patterns: tuple[re.Pattern[str], ...] = ()
    sitemaps: frozenset[str] = frozenset()

    @classmethod
    def of(cls, info: Mapping[str, Any]) -> Context:
        """From the first record of a segment."""
        return cls(
            crawl_ref=str(info["crawl_ref"]),
            currency=str(info.get("currency", "")),
            language=str(info.get("language", "")),
            max_body_bytes=int(info.get("max_body_bytes", 10 << 20)),
            product_patterns=tuple(map(re.compile, info.get("product_patterns", ()))),
            listing_patterns=tuple(map(re.compile, info.get("listing_patterns", ()))),
            sitemaps=frozenset(canonical(url) or url for url in info.get("sitemaps", ())),
        )


@dataclass
class Page:
    """What became of one visit.

    Attributes:
        row: Its row of `crawl_pages`, without origin.
        offers: Its rows of `competitor_offers`, without origin.
        received: Bytes of its body as sent.
    """

    row: Row
    offers: list[Row] = field(default_factory=list)
    received: int = 0


def read_page(record: Record, context: Context) -> Page:
    """What a visit's record says.

    Args:
        record: The visit.
        context: What its segment says of the crawl.
    """
    row: Row = {
        "record_ref": f"{record.url}@{record.at.isoformat(timespec='microseconds')}",
        "version_at": _naive(record.at),
        "occurred_at": _naive(record.at),
        "crawl_ref": context.crawl_ref,
        "page_url": record.url,
        "outcome": "failed",
        "page_kind": "robots" if urlsplit(record.url).path == "/robots.txt" else "other",
        "status_code": record.status or None,
        "offer_count": 0,
    }
    if record.kind == "metadata":
        told = record.told
        return Page(row | {"outcome": str(told["outcome"]), "reason": str(told["reason"])})
    row |= bounded(
        {
            "content_type": record.header("content-type"),
            "etag": record.header("etag"),
            "last_modified": record.header("last-modified"),
        }
    )
    if record.kind == "revisit":
        kept = {
            "content_sha256": record.warc.get(CONTENT.lower(), ""),
            "page_kind": record.warc.get(KIND.lower(), "other"),
            "offer_count": int(record.warc.get(OFFERS.lower(), 0)),
        }
        return Page(row | {"outcome": "unchanged"} | kept)
    page = Page(row, received=len(record.body))
    _judge(record, context, page)
    return page


def _judge(record: Record, context: Context, page: Page) -> None:
    row, status = page.row, record.status
    location = record.header("location")
    if status in (301, 302, 303, 307, 308) and location:
        row |= bounded({"outcome": "redirected", "redirect_url": canonical(location, record.url) or location})
        return
    if status in (404, 410):
        row["outcome"] = "missing"
    elif not 200 <= status < 300:
        row["reason"] = f"The server answered with status {status}."
    else:
        row["outcome"] = "fetched"
    try:
        body = decoded_body(record.headers, record.body, context.max_body_bytes)
    except VisitEnded as error:
        if row["outcome"] == "fetched":
            row |= {"outcome": error.outcome, "reason": error.reason}
        return
    row |= {"content_sha256": hashlib.sha256(body).hexdigest(), "byte_count": len(body)}
    if row["outcome"] == "fetched" and row["page_kind"] != "robots":
        _read_content(record, context, page, body)


def _read_content(record: Record, context: Context, page: Page, body: bytes) -> None:
    row = page.row
    if record.url in context.sitemaps or _is_sitemap(body, context.max_body_bytes):
        row["page_kind"] = "sitemap"
        return
    tags = [value for name, value in record.headers if name == "x-robots-tag"]
    content_type = str(row["content_type"] or "")
    if content_type and "html" not in content_type.lower():
        return
    try:
        may_index = outlook(body, content_type, record.url, tags).directives.may_index
    except VisitEnded as error:
        row |= {"outcome": error.outcome, "reason": error.reason}
        return
    if not may_index:
        row["reason"] = "The page asks not to be indexed: nothing is read from it."
        return
    is_listing = any(one.search(record.url) for one in context.listing_patterns)
    found = [] if is_listing else _offers(record.url, body, content_type, context)
    is_product = any(one.search(record.url) for one in context.product_patterns)
    if is_product or any(offer.is_main for offer in found):
        row["page_kind"] = "product"
    elif is_listing or found or _LISTING.search(body):
        row["page_kind"] = "listing"
    page.offers = [bounded(_offer_row(row, offer)) for offer in _apart(found)]
    row["offer_count"] = len(page.offers)


def _offers(url: str, body: bytes, content_type: str, context: Context) -> list[Offer]:
    from extractors.crawl.offers import extract_offers  # heavy, and not needed by who only crawls

    return extract_offers(body, PageHints(url, content_type, context.language, context.currency))


def _is_sitemap(body: bytes, limit: int) -> bool:
    if body[:2] != b"\x1f\x8b":
        return is_sitemap(body)
    try:
        return is_sitemap(gunzipped(body, limit))
    except VisitEnded:
        return False


def _apart(offers: Iterable[Offer]) -> Iterable[Offer]:
    """Offers under different names, those without a title left out."""
    seen: set[str] = set()
    for offer in offers:
        ref = offer.offer_ref[:_LONGEST_REF]
        if offer.offer_title and ref not in seen:
            seen.add(ref)
            yield replace(offer, offer_ref=ref)


def bounded(row: Row) -> Row:
    """A row without texts that are longer than anybody means."""
    cut = {name: row[name][:longest] for name, longest in _CUT.items() if isinstance(row.get(name), str)}
    too_long = (
        name for name, longest in _LEFT_OUT.items() if isinstance(row.get(name), str) and len(row[name]) > longest
    )
    return {**row, **cut, **dict.fromkeys(too_long)}


def _offer_row(page: Row, offer: Offer) -> Row:
    told = {name: value for name, value in vars(offer).items() if name != "evidence"}
    evidence = {name: asdict(one) for name, one in sorted(offer.evidence.items())}
    return {
        **{name: page[name] for name in ("record_ref", "version_at", "occurred_at", "page_url", "content_sha256")},
        **told,
        **{name: _exact(told.get(name), _CENT, _LARGEST) for name in _AMOUNTS},
        **{name: _exact(told.get(name), _FINE, _LARGEST_RATE) for name in _RATES},
        "evidence": json.dumps(evidence, ensure_ascii=False, sort_keys=True, default=str),
    }


def _exact(value: Decimal | None, places: Decimal, largest: Decimal) -> str | None:
    """An amount as text with as many decimals as are kept; None for what is too large to be one."""
    if value is None or not value.is_finite():
        return None
    try:
        kept = value.quantize(places)
    except InvalidOperation:  # beyond all sense
        return None
    return f"{kept:f}" if abs(kept) < largest else None


def _naive(at: datetime) -> datetime:
    return at.replace(tzinfo=None)
