"""What a page shows to people, for pages that tell machines nothing: claims from visible HTML and embedded state.

General heuristics only: nothing here knows any shop. One pass makes the page flat (`tree`), the fixed points are
found (`landmarks`), amounts are found and weighed (`money`, `prices`, `choice`), and the rest is read around them.
"""

from __future__ import annotations

from collections.abc import Mapping

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from extractors.crawl.offers.model import Candidate, PageHints
from extractors.crawl.offers.visible import words
from extractors.crawl.offers.visible.brand import brand_claims
from extractors.crawl.offers.visible.choice import best_of, price_claims
from extractors.crawl.offers.visible.details import detail_claims
from extractors.crawl.offers.visible.identity import identity_claims
from extractors.crawl.offers.visible.landmarks import find_landmarks, find_title
from extractors.crawl.offers.visible.money import find_money
from extractors.crawl.offers.visible.prices import score_all
from extractors.crawl.offers.visible.scripts import script_candidates
from extractors.crawl.offers.visible.stock import stock_claims
from extractors.crawl.offers.visible.tree import read_tree

__all__ = ["asks_for_price", "script_candidates", "visible_candidates"]


def visible_candidates(tree: HtmlElement, hints: PageHints, known: Mapping[str, str]) -> list[Candidate]:
    """Claims from what the page shows.

    Args:
        tree: The page's root.
        hints: Its address and what the site's declaration says.
        known: What the markup says, by field: `offer_title` helps to find the title.
    """
    page = read_tree(tree)
    if not page.elements:
        return []
    names = _names(tree, known)
    title = find_title(page, names)
    page.mark_downwards(title[0])
    found = find_money(page)
    places = find_landmarks(page, title, names, [money.start for money in found])
    scored = score_all(page, found, places)
    best = best_of(page, scored, places)
    return [
        *price_claims(page, scored, places),
        *stock_claims(page, places, best.money.start if best else -1),
        *identity_claims(page, places, hints.url),
        *brand_claims(page, places),
        *detail_claims(page, places, hints.url),
    ]


def asks_for_price(tree: HtmlElement) -> bool:
    """Whether a page says that its price is to be asked for."""
    page = read_tree(tree)
    return words.PRICE_ON_REQUEST.search(page.text) is not None


def _names(tree: HtmlElement, known: Mapping[str, str]) -> list[str]:
    """What the page's head and its markup call the product."""
    names = [known.get("offer_title", "")]
    for element in tree.iter("meta", "title"):
        if element.tag == "title":
            names.append(element.text or "")
        elif (element.get("property") or element.get("name") or "").lower() in ("og:title", "twitter:title"):
            names.append(element.get("content") or "")
        if len(names) > 6:
            break
    return [" ".join(name.split())[:300] for name in names if name and name.strip()]
