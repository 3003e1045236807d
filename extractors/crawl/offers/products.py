"""Which of the things on a page is the product that the page is about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote, urljoin, urlsplit

from rapidfuzz import fuzz

from extractors.crawl.offers.items import Item, Place, walk
from extractors.crawl.offers.visible import marks
from extractors.crawl.offers.visible.marks import marks_of

PRODUCT = frozenset((
    "product", "productgroup", "productmodel", "individualproduct", "someproducts", "productorservice",
    "productcollection", "vehicle", "car", "motorcycle", "book", "movie", "musicalbum", "musicrelease",
    "softwareapplication", "videogame", "offering",
))  # fmt: skip
SURE = frozenset((
    "product", "productgroup", "productmodel", "individualproduct", "someproducts", "vehicle", "car",
))  # fmt: skip
OFFERS = frozenset((
    "offer", "aggregateoffer", "offering", "demand",
))  # fmt: skip
_PLAIN_OFFERED = frozenset((
    "creativework", "thing", "service", "menuitem", "accommodation", "hotelroom", "drug",
))  # fmt: skip
# Names by which other products hang on the one that a page is about.
_ASIDE = frozenset((
    "isrelatedto", "issimilarto", "isaccessoryorsparepartfor", "isconsumablefor", "related_products",
    "itemlistelement", "review", "reviews", "itemreviewed", "hasvariant", "isvariantof", "model",
    "itemoffered", "hasmenuitem", "addon", "subjectof", "hasoffercatalog", "makesoffer", "offersitem",
    "includesobject", "typeofgood", "owns", "containsplace",
))  # fmt: skip
_MAIN = frozenset(("mainentity", "mainentityofpage", "about"))
_MOST = 200
_LIKE = 84  # of 100: titles of one product, with a shop's name or a colour behind one of them


@dataclass(frozen=True)
class Subject:
    """What a page says about itself outside of its products.

    Attributes:
        url: Its address.
        same: Further addresses of it: canonical, og:url.
        titles: What its heading, its title and og:title say.
    """

    url: str
    same: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scored:
    """A product, and how much speaks for it as what the page is about."""

    item: Item
    score: float
    is_aside: bool
    is_named: bool


def find_main(roots: Sequence[Item], subject: Subject) -> list[Item]:
    """The product that the page is about, as one syntax tells it: the best statement first, then others of the same.

    Nothing where the page has no product, or has many with nothing to tell one of them from the others: a list.

    Args:
        roots: The things that the syntax states.
        subject: What the page says about itself.
    """
    scored = [_score(place, number, subject) for number, place in enumerate(_products(roots))]
    if not scored:
        return []
    best = max(scored, key=lambda one: one.score)
    equals = [one for one in scored if not one.is_aside]
    if not best.is_named and (best.is_aside or (len({name_of(one.item).lower() for one in equals}) > 2)):
        return []
    others = [one.item for one in scored if one is not best and not one.is_aside and _is_same(best.item, one.item)]
    return [best.item, *others[:5]]


def name_of(item: Item) -> str:
    """A product's name."""
    return item.text("name", "title", "headline")


def _products(roots: Sequence[Item]) -> list[Place]:
    places = list(islice(walk(roots), 3_000))
    found = [place for place in places if place.item.is_a(PRODUCT) or _is_offered(place.item)]
    sure = [place for place in found if place.item.is_a(SURE)]
    return sure[:_MOST] or [place for place in found if "offers" in place.item.props or place.item.is_a(OFFERS)][:_MOST]


def _is_offered(item: Item) -> bool:
    return "offers" in item.props and bool(name_of(item)) and (not item.types or item.is_a(_PLAIN_OFFERED))


def _score(place: Place, number: int, subject: Subject) -> Scored:
    item = place.item
    aside = not _ASIDE.isdisjoint(place.path) and not {"itemoffered", "itemreviewed"} >= _ASIDE & set(place.path)
    aside = aside or _stands_aside(item)
    likeness = max((_likeness(name_of(item), title) for title in subject.titles), default=0.0)
    is_here = _is_here(item, subject)
    score = 4.0 * is_here + 4.0 * max(0.0, likeness - 40) / 60 - 5.0 * aside
    score += 3.0 * (not _MAIN.isdisjoint(place.path)) + 1.0 * ("offers" in item.props)
    score += min(len(item.props), 10) / 10 - min(number, 20) / 20
    return Scored(item, score, aside, is_here or likeness >= _LIKE)


def _likeness(name: str, title: str) -> float:
    if not name or not title:
        return 0.0
    one, other = name.lower()[:200], title.lower()[:200]
    if one == other:
        return 100.0
    # A short name is found in many titles, so the shares of both count.
    return 0.5 * float(fuzz.token_set_ratio(one, other)) + 0.5 * float(fuzz.token_sort_ratio(one, other))


def _is_here(item: Item, subject: Subject) -> bool:
    here = {_path(address) for address in (subject.url, *subject.same) if address} - {""}
    said = [item.ident, *item.texts("url"), *(offer.text("url") for offer in item.items("offers")[:3])]
    if not here:
        return False
    return any(_path(_joined(subject.url, address)) in here for address in said if address.strip("#"))


def _path(address: str) -> str:
    """An address's path and query without what differs between two addresses of one page."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    path = unquote(parts.path).rstrip("/").lower()
    query = parts.query.lower() if re.search(r"(?:^|&)(?:id|p|pid|product|item|sku)\w*=", parts.query.lower()) else ""
    return f"{path}?{query}" if path or query else ""


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        return ""


def _stands_aside(item: Item) -> bool:
    """Whether the elements around a marked-up product name other products."""
    if item.element is None:
        return False
    own = [item.element, *islice(item.element.iterancestors(), 6)]
    names = " ".join(
        f"{one.get('class') or ''} {one.get('id') or ''}" for one in own if one.tag not in ("body", "html")
    )
    return bool(marks_of(names[:400]) & marks.RELATED)


def _is_same(one: Item, other: Item) -> bool:
    for keys in (("sku",), ("productid",), ("gtin13", "gtin", "gtin14", "gtin12", "gtin8"), ("url",)):
        first, second = one.text(*keys), other.text(*keys)
        if first and first == second:
            return True
    if one.ident and one.ident == other.ident:
        return True
    first, second = name_of(one), name_of(other)
    return not second or not first or float(fuzz.token_sort_ratio(first.lower(), second.lower())) >= 90
