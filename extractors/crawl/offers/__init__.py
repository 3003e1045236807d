"""Bytes of a page become offers: pure, bounded in time, and without an exception whatever the bytes are.

The ladder: JSON-LD, microdata, RDFa, meta tags, embedded state, and what the page shows. Each rung makes claims about
fields (`Candidate`); no rung's failure loses the others; `reconcile` weighs them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from extractors.crawl.offers.currencies import expected
from extractors.crawl.offers.html import read_tree
from extractors.crawl.offers.items import Item
from extractors.crawl.offers.jsonld import read_jsonld
from extractors.crawl.offers.markup import read_markup
from extractors.crawl.offers.meta import Head, head_claims, is_product_page, last_title, read_head
from extractors.crawl.offers.model import Candidate, FieldEvidence, Offer, PageHints
from extractors.crawl.offers.reconcile import evidence_json, reconcile
from extractors.crawl.offers.structured import structured_claims
from extractors.crawl.offers.visible import asks_for_price, script_candidates, visible_candidates

__all__ = ["Candidate", "FieldEvidence", "Offer", "PageHints", "evidence_json", "extract_offers"]

_T = TypeVar("_T")
_LOG = logging.getLogger(__name__)
_BOUGHT = 0.4  # a visible price as clear as this makes a page without any markup a product's page
_CLEAR = 0.5  # the same for words that say that it cannot be had


def extract_offers(body: bytes, hints: PageHints) -> list[Offer]:
    """The offers on a page; the first is the one that the page is about, and none where it is no product's page.

    Args:
        body: The page's bytes after decompression.
        hints: Its address, and what the site's declaration says.
    """
    try:
        return _extract(body, hints)
    except Exception:  # noqa: BLE001 -- a page of a stranger never ends a load of thousands
        _LOG.warning("No offers could be read from %s.", hints.url, exc_info=True)
        return []


def _extract(body: bytes, hints: PageHints) -> list[Offer]:
    hints = (
        hints
        if _is_whole(hints.url)
        else PageHints("http://unknown.invalid/", hints.content_type, hints.language, hints.currency)
    )
    tree = read_tree(body, hints.content_type)
    head = read_head(tree, hints.url)
    claims = [*_structured(tree, head, hints)]
    is_product = any(one.field in ("offer_title", "price_amount") for one in claims) or is_product_page(head)
    claims += _safely(lambda: head_claims(head), [])
    known = {one.field: str(one.value) for one in reversed(claims) if not one.offer_key}
    claims += _safely(lambda: script_candidates(tree, hints), [])
    claims += _safely(lambda: visible_candidates(tree, hints, known), [])
    if not is_product and not any(_shows_product(one) for one in claims) and not _on_request(tree, claims):
        return []
    if not any(one.field == "offer_title" for one in claims):
        claims += last_title(head)
    languages = [one for one in (head.language, hints.language) if one]
    return reconcile(claims, expected(hints.url, languages, hints.currency))


def _structured(tree: HtmlElement, head: Head, hints: PageHints) -> list[Candidate]:
    subject = head.subject(hints.url)
    found: list[list[Item]] = [
        _safely(lambda: read_jsonld(tree), []),
        _safely(lambda: read_markup(tree, "microdata", head.base), []),
        _safely(lambda: read_markup(tree, "rdfa", head.base), []),
    ]
    claims: list[Candidate] = []
    for roots in found:
        claims += _safely(partial(structured_claims, roots, subject, head.base), [])
    return claims


def _shows_product(claim: Candidate) -> bool:
    """Whether a page without markup is a product's: it has a price, or says that the product is gone."""
    if claim.method not in ("visible", "script") or claim.offer_key:
        return False
    if claim.field == "price_amount":
        return claim.confidence >= _BOUGHT
    is_gone = claim.field == "availability" and claim.value in ("out_of_stock", "discontinued", "preorder")
    return is_gone and claim.confidence >= _CLEAR


def _on_request(tree: HtmlElement, claims: list[Candidate]) -> bool:
    """Whether a page without a price is a product's: it shows a number with its label, and sells on request."""
    numbered = any(one.field == "sku" and one.method == "visible" and one.confidence >= _CLEAR for one in claims)
    return numbered and asks_for_price(tree)


def _safely(read: Callable[[], _T], otherwise: _T) -> _T:
    try:
        return read()
    except Exception:  # noqa: BLE001 -- what one source of a page is unfit for, the others may still tell
        _LOG.debug("A source of a page could not be read.", exc_info=True)
        return otherwise


def _is_whole(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False
