"""Bytes of a page become offers: pure, bounded in time, and without an exception whatever the bytes are."""

from __future__ import annotations

from extractors.crawl.offers.model import Candidate, FieldEvidence, Offer, PageHints

__all__ = ["Candidate", "FieldEvidence", "Offer", "PageHints", "extract_offers"]


def extract_offers(body: bytes, hints: PageHints) -> list[Offer]:
    """The offers on a page; the first is the one that the page is about, and none where it is no product's page.

    Args:
        body: The page's bytes after decompression.
        hints: Its address, and what the site's declaration says.
    """
    return []
