"""A product's structured data becomes claims about its fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from rapidfuzz import fuzz

from extractors.crawl.offers import values
from extractors.crawl.offers.items import Item, walk
from extractors.crawl.offers.model import Candidate, Method, Value
from extractors.crawl.offers.offered import Asked, asked_of, barcode, pick
from extractors.crawl.offers.products import Subject as Subject
from extractors.crawl.offers.products import find_main, name_of

_SURE: dict[Method, float] = {"json_ld": 0.85, "microdata": 0.8, "rdfa": 0.78}
_MOST_VARIANTS = 200
_HOME = frozenset((
    "home", "homepage", "startseite", "start", "accueil", "inicio", "início", "hjem", "hem", "etusivu",
    "strona", "główna", "首页", "首頁", "ホーム", "トップ", "top", "главная", "shop",
))  # fmt: skip


def structured_claims(roots: Sequence[Item], subject: Subject, base: str) -> list[Candidate]:
    """What one syntax of a page claims about the page's product, and about further offers of it.

    Args:
        roots: The things that it states.
        subject: What the page says about itself.
        base: The address that relative ones begin at.
    """
    if not roots:
        return []
    mains = find_main(roots, subject)
    mains = mains or [root for root in roots if not root.types and "price" in root.props][:1]
    if not mains:
        return []
    method = mains[0].method
    claims: list[Candidate] = []
    seen: set[str] = set()
    for number, product in enumerate(mains):
        made = [*_product(product, base), *_asked(product, roots if number == 0 else [], subject.url, base)]
        fresh = [
            (name, value, sure, key) for name, value, sure, key in made if value not in ("", None) and name not in seen
        ]
        seen |= {name for name, _, _, key in fresh if not key}
        claims += [
            Candidate(name, value, method, round(sure * _SURE[method], 3), key) for name, value, sure, key in fresh
        ]
    if "category" not in seen:
        path = breadcrumb(roots, name_of(mains[0]))
        claims += [Candidate("category", path, method, _SURE[method])] if path else []
    return claims


_Claim = tuple[str, Value, float, str]


def _product(product: Item, base: str) -> Iterator[_Claim]:
    yield "offer_title", values.line(name_of(product)), 1.0, ""
    group = product.items("isvariantof")[:1]
    brand = next(filter(None, (values.line(one.text("brand"), 200) for one in [product, *group])), "") or values.line(
        product.text("manufacturer"), 200
    )
    yield "brand", "" if "://" in brand else brand, 1.0, ""
    yield "gtin", barcode(product), 1.0, ""
    yield "mpn", values.line(product.text("mpn"), 100), 1.0, ""
    yield "sku", _sku(product), 1.0, ""
    yield "condition", values.condition(product.text("itemcondition")), 1.0, ""
    yield "image_url", _image(product, base), 1.0, ""
    category = values.line(product.text("category"), 300)
    for mark in ("/", "|", "»", "›", "\\"):
        category = category.replace(f" {mark} ", " > ")
    yield "category", "" if category.isdigit() or "://" in category else category, 0.6, ""
    yield from _rated(product)


def _sku(product: Item) -> str:
    found = values.line(product.text("sku"), 100)
    if found:
        return found
    named = values.line(product.text("productid", "identifier", "internalid"), 100)
    kind, mark, rest = named.partition(":")
    if mark and kind.lower().strip() in ("sku", "mpn", "asin", "id", "productid"):
        return rest.strip()
    return "" if mark and values.gtin14(rest) else named


def _rated(product: Item) -> Iterator[_Claim]:
    for rated in product.items("aggregaterating", "hasaggregaterating")[:1]:
        found = values.rating(rated.text("ratingvalue"), rated.text("bestrating"), rated.text("worstrating"))
        reviews = rated.text("reviewcount") or rated.text("ratingcount")
        number = values.count(reviews) if reviews else None
        if found is not None and number != 0:
            yield "rating", found, 1.0, ""
        if number is not None:
            yield "review_count", number, 1.0 if rated.text("reviewcount") else 0.8, ""


def _image(product: Item, base: str) -> str:
    for image in product.props.get("image", []):
        text = image if isinstance(image, str) else image.text("contenturl", "url") or image.ident
        found = values.address(base, text.split(",")[0] if text.count("http") > 1 else text) if text else ""
        if found:
            return found
    return ""


def _asked(product: Item, roots: Sequence[Item], url: str, base: str) -> Iterator[_Claim]:
    asked = asked_of(product, base)
    if not asked:
        asked = asked_of(_with_stray_offers(product, roots), base) if roots else []
    if not asked:
        return
    chosen, is_sure = pick(asked, url, _sku(product))
    main = asked[chosen]
    priced = [one.price for one in asked if one.price]
    yield from _prices(main, priced, is_sure)
    yield "currency_code", main.currency or next((one.currency for one in asked if one.currency), ""), 1.0, ""
    said = [one.availability for one in asked if one.availability]
    anything = next(
        (one for one in said if one in ("in_stock", "limited")), main.availability or (said[0] if said else "")
    )
    yield "availability", main.availability if is_sure and main.availability else anything, 1.0, ""
    for name in ("condition", "seller", "sku", "mpn", "gtin", "tax_note"):
        common = {getattr(one, name) for one in asked}
        sure = 0.9 if is_sure or len(common) == 1 else 0.5
        if name not in ("seller", "gtin", "mpn") or sure > 0.5:
            yield name, getattr(main, name), sure, ""
    if len(asked) > 1:
        yield from _further(asked, chosen)


def _prices(main: Asked, priced: list[Decimal], is_sure: bool) -> Iterator[_Claim]:
    low = main.low if main.low is not None else min(priced, default=None)
    high = main.high if main.high is not None else max(priced, default=None)
    if main.price is not None:
        yield "price_amount", main.price, 1.0 if is_sure else 0.6, ""
    elif low and (main.high is None or main.high == low):
        yield "price_amount", low, 0.9, ""
    elif low:
        yield "price_amount", low, 0.5, ""
    if main.was is not None:
        yield "list_price_amount", main.was, 0.9, ""
    if low and high and low < high:
        yield "low_price_amount", low, 1.0, ""
        yield "high_price_amount", high, 1.0, ""


def _further(asked: list[Asked], chosen: int) -> Iterator[_Claim]:
    """Offers besides the main one, each under a key of its own."""
    for number, one in enumerate(asked[:_MOST_VARIANTS]):
        if number == chosen or one.price is None:
            continue
        key = one.sku or one.gtin or f"{number + 1}"
        yield "price_amount", one.price, 1.0, key
        if one.was is not None:
            yield "list_price_amount", one.was, 0.9, key
        yield "currency_code", one.currency, 1.0, key
        for name in ("availability", "condition", "seller", "sku", "mpn", "gtin", "tax_note"):
            yield name, getattr(one, name), 1.0, key
        yield "variant_title", one.name, 1.0, key


def _with_stray_offers(product: Item, roots: Sequence[Item]) -> Item:
    """A product with the offers that stand outside of any: theirs can only be that of the page's one product."""
    stray = [root for root in roots if {"offer", "aggregateoffer"} & set(root.types)]
    loose = [root for root in roots if not root.types and "price" in root.props]
    return Item(product.method, product.types, props={"offers": [*(stray[:5] or loose[:1])]})


def breadcrumb(roots: Sequence[Item], title: str) -> str:
    """The path of categories in a page's breadcrumbs, without its home page and without the product itself."""
    for place in walk(roots):
        if "breadcrumblist" in place.item.types:
            names = [values.line(name, 100) for name in _crumbs(place.item)]
            names = [name for name in names if name and name.lower() not in _HOME]
            if names and title and float(fuzz.ratio(names[-1].lower(), title.lower())) > 75:
                names.pop()
            if names:
                return " > ".join(names[:10])
    return ""


def _crumbs(trail: Item) -> list[str]:
    steps = trail.items("itemlistelement")
    numbered = [(values.count(step.text("position")) or number, step) for number, step in enumerate(steps, 1)]
    return [step.text("name") or step.text("item") for _, step in sorted(numbered, key=lambda one: one[0])]
