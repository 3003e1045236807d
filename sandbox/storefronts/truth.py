"""What is true of the rivals' pages, for measuring: what each asks, and which of the merchant's products it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import polars as pl

from sandbox.storefronts.addresses import TRACKING
from sandbox.storefronts.assortment import SIZE
from sandbox.storefronts.model import Good, Offer, Page, Shop
from sandbox.storefronts.shops import SHOPS
from sandbox.storefronts.views import Site
from sandbox.world import World

OFFERS: Final = {
    "source": pl.String(), "date": pl.Date(), "page_url": pl.String(), "offer_ref": pl.String(),
    "is_main": pl.Boolean(),
    "title": pl.String(), "variant_title": pl.String(), "brand": pl.String(), "gtin": pl.String(), "mpn": pl.String(),
    "sku": pl.String(), "price": pl.Decimal(18, 2), "list_price": pl.Decimal(18, 2), "currency": pl.String(),
    "tax_note": pl.String(), "availability": pl.String(), "condition": pl.String(), "rating": pl.Float64(),
    "review_count": pl.Int64(), "category": pl.String(), "seller": pl.String(), "image_url": pl.String(),
}  # fmt: skip
"""Columns of the truth about offers. `offer_ref` is the shop's SKU (with the seller behind a slash for a further
seller's offer); a page of several variants has one row each, the first being the main one. `gtin` has 14 digits."""
MATCHES: Final = {
    "source": pl.String(), "page_url": pl.String(), "offer_ref": pl.String(), "is_group": pl.Boolean(),
    "relation": pl.String(), "how": pl.String(), "product_ref": pl.String(), "resembles": pl.String(),
    "title": pl.String(),
}  # fmt: skip
"""Columns of the truth about matches: `product_ref` is the merchant's SKU, null where the thing is not the merchant's.
`how` says by what it can be known, or what kind of trap it is; a page that moved has a row for each address."""


def sites(world: World, shops: Iterable[Shop] = SHOPS, size: int = SIZE) -> list[Site]:
    """The shops over a world."""
    return [Site(world, shop, size) for shop in shops]


def offers(over: Iterable[Site], days: Sequence[date], bases: Mapping[str, str] | None = None) -> pl.DataFrame:
    """What every page asks on each of the days.

    Args:
        over: The shops.
        days: The days.
        bases: Where each shop is served, by its name; where it is by default otherwise.
    """
    rows = [
        row
        for site in over
        for day in days
        for page in site.assortment.on(day)
        for row in _offer_rows(site, page, day, _base(site.shop, bases))
    ]
    return pl.DataFrame(rows, OFFERS, orient="row")


def matches(over: Iterable[Site], bases: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Which of the merchant's products is on each page, and why the others are not."""
    rows = []
    for site in over:
        for page in site.assortment.pages:
            paths = [site.addresses.product(page)] + ([site.addresses.former(page)] if page.moved_on else [])
            for path in paths:
                url = _base(site.shop, bases) + path
                rows += [_match_row(site.shop, page, good, url) for good in page.goods]
    return pl.DataFrame(rows, MATCHES, orient="row")


def plain_url(url: str) -> str:
    """An address without what only follows people: the form that the truth has."""
    parts = urlsplit(url)
    kept = sorted((name, value) for name, value in parse_qsl(parts.query) if name not in TRACKING)
    return parts._replace(query=urlencode(kept), fragment="").geturl()


def write(folder: Path, world: World, days: Sequence[date], size: int = SIZE) -> dict[str, int]:
    """Writes `offers.parquet` and `matches.parquet`; returns how many rows each has."""
    folder.mkdir(parents=True, exist_ok=True)
    over = sites(world, size=size)
    frames = {"offers": offers(over, days), "matches": matches(over)}
    for name, frame in frames.items():
        frame.write_parquet(folder / f"{name}.parquet")
    return {name: frame.height for name, frame in frames.items()}


def _base(shop: Shop, bases: Mapping[str, str] | None) -> str:
    return (bases or {}).get(shop.name, shop.url)


def _match_row(shop: Shop, page: Page, good: Good, url: str) -> tuple[Any, ...]:
    title = f"{good.title} – {good.option}" if good.option else good.title
    return (
        shop.name,
        url,
        good.sku,
        page.is_group,
        good.relation,
        good.how,
        good.product_ref,
        good.resembles,
        title,
    )


def _offer_rows(site: Site, page: Page, day: date, base: str) -> Iterator[tuple[Any, ...]]:
    for place, good in enumerate(page.goods):
        for rank, offer in enumerate(site.pricing.offers(good, day)):
            yield _offer_row(site, page, good, offer, day, base, is_main=place == 0 and rank == 0)


def _offer_row(
    site: Site, page: Page, good: Good, offer: Offer, day: date, base: str, *, is_main: bool
) -> tuple[Any, ...]:
    shop = site.shop
    rating, count = site.pricing.rating(page, day)
    if shop.look == "pennyworth":
        rating, count = 0.0, 0  # it shows none
    ref = good.sku if is_main or not good.sellers else f"{good.sku}/{offer.seller or shop.title}"
    return (
        shop.name,
        day,
        base + site.address(page, day),
        ref,
        is_main,
        page.title,
        good.option or None,
        good.brand or None,
        good.gtin.zfill(14) if good.gtin else None,
        good.mpn or None,
        good.sku,
        _decimal(offer.price_minor),
        _decimal(offer.list_minor),
        shop.currency,
        shop.tax_note or None,
        offer.availability,
        good.condition,
        rating or None,
        count or None,
        f"{site.words[good.department]} > {site.words[good.category]}",
        offer.seller or None,
        f"{base}/media/{page.number}.svg",
    )


def _decimal(minor: int | None) -> Decimal | None:
    return None if minor is None else Decimal(minor).scaleb(-2)
