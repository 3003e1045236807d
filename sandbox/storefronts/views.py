"""What a shop's templates are given: a product's page or a listing, as it is on a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sandbox.storefronts.addresses import PER_PAGE, Addresses, Listing
from sandbox.storefronts.assortment import SIZE, Assortment
from sandbox.storefronts.model import Good, Offer, Page, Shop
from sandbox.storefronts.phrases import REVIEWS, SCHEMA_AVAILABILITY, decimal, money, phrases
from sandbox.storefronts.pricing import Pricing
from sandbox.storefronts.vocabulary import glossary
from sandbox.world import World

View = dict[str, Any]
_RELATED = 4
_CANDIDATES = 16  # of these some may not be there on a day
_VAT = 1.2


@dataclass(frozen=True)
class State:
    """All of a product page that changes with the day, for telling whether it did."""

    offers: tuple[tuple[Offer, ...], ...]
    rating: tuple[float, int]
    others: tuple[tuple[str, Offer], ...]


class Site:
    """One shop's pages on any day.

    Args:
        world: The merchant.
        shop: The shop.
        size: How many product pages it has at most.
    """

    def __init__(self, world: World, shop: Shop, size: int = SIZE) -> None:
        self.shop = shop
        self.assortment = Assortment(world, shop, size)
        self.pricing = Pricing(world, shop)
        self.words = glossary(shop.words)
        self.phrases = phrases(shop)
        names = sorted({page.goods[0].department for page in self.assortment.pages})
        self.addresses = Addresses(shop, names)
        self.products = {self.addresses.product(page): page for page in self.assortment.pages}
        self._alike: dict[int, list[Page]] = {}
        self.former = {self.addresses.former(page): page for page in self.assortment.pages if page.moved_on}

    def address(self, page: Page, day: date) -> str:
        """The path of a product's page on a day: the former one until it moves."""
        moved = page.moved_on is not None and day >= page.moved_on
        return self.addresses.product(page) if moved or page.moved_on is None else self.addresses.former(page)

    def related(self, page: Page, day: date) -> list[Page]:
        """Other products that are shown beside it: those of its category first."""
        if page.number not in self._alike:
            category = page.goods[0].category
            others = [other for other in self.assortment.pages if other.number != page.number]
            others.sort(
                key=lambda other: (other.goods[0].category != category, (other.number * 7919 + page.number) % 1009)
            )
            self._alike[page.number] = others[:_CANDIDATES]
        return [other for other in self._alike[page.number] if other.is_there(day)][:_RELATED]

    def state(self, page: Page, day: date) -> State:
        """All of the page that may be other on another day."""
        return State(
            tuple(tuple(self.pricing.offers(good, day)) for good in page.goods),
            self.pricing.rating(page, day),
            tuple(
                (self.address(other, day), self.pricing.offer(other.goods[0], day)) for other in self.related(page, day)
            ),
        )

    def changed_on(self, page: Page, day: date, most: int = 30) -> date:
        """The last day, up to this one, on which the page became as it is; looked for over some weeks."""
        state = self.state(page, day)
        for back in range(1, most):
            earlier = day - timedelta(back)
            if not page.is_there(earlier) or self.state(page, earlier) != state:
                return earlier + timedelta(1)
        return day - timedelta(most - 1)

    def listed(self, listing: Listing, day: date) -> list[Page]:
        """All products of a listing's department on a day."""
        every = self.assortment.on(day)
        return [page for page in every if listing.department in ("all", page.goods[0].department)]

    def card(self, page: Page, day: date) -> View:
        """A product as listings show it."""
        good = page.goods[0]
        offer = self.pricing.offer(good, day)
        rating, count = self.pricing.rating(page, day)
        return {
            "title": page.title,
            "url": self.address(page, day),
            "image": f"/media/{page.number}.svg",
            "category": self.words[good.category],
            "rating": rating,
            "review_count": count,
            "available": offer.availability != "out_of_stock",
            **self._amounts(offer),
        }

    def _amounts(self, offer: Offer) -> View:
        before = offer.list_minor
        # A shop that shows prices without tax rounds what is with it.
        taxed = round(offer.price_minor * _VAT)
        return {
            "price": decimal(offer.price_minor),
            "price_text": money(offer.price_minor, self.shop),
            "whole": offer.price_minor // 100,
            "cents": f"{offer.price_minor % 100:02d}",
            "taxed_text": money(taxed, self.shop),
            "list_price": decimal(before) if before else "",
            "list_text": money(before, self.shop) if before else "",
            "saved_text": money(before - offer.price_minor, self.shop) if before else "",
            "saved_percent": round(100 - 100 * offer.price_minor / before) if before else 0,
            "availability": offer.availability,
            "availability_text": self.phrases[offer.availability],
            "schema_availability": SCHEMA_AVAILABILITY[offer.availability],
            "seller": offer.seller,
        }

    def product(self, page: Page, day: date) -> View:
        """All that a product's page says."""
        main = page.goods[0]
        rating, count = self.pricing.rating(page, day)
        return {
            **self.variant(main, day),
            "number": page.number,
            "title": page.title,
            "brand": main.brand,
            "url": self.address(page, day),
            "image": f"/media/{page.number}.svg",
            "condition": main.condition,
            "description": self.phrases["text"].format(title=page.title),
            "department": self.words[main.department],
            "category": self.words[main.category],
            "department_url": self.addresses.listing(main.department),
            "rating": rating,
            "review_count": count,
            "reviews": self._reviews(page) if rating else [],
            "variants": [self.variant(good, day) for good in page.goods] if page.is_group else [],
            "sellers": self._sellers(main, day),
            "related": [self.card(other, day) for other in self.related(page, day)],
        }

    def variant(self, good: Good, day: date) -> View:
        """A variant with its offer."""
        told = {"option": good.option, "sku": good.sku, "gtin": good.gtin, "mpn": good.mpn}
        return told | self._amounts(self.pricing.offer(good, day))

    def _sellers(self, good: Good, day: date) -> list[View]:
        found = [self._amounts(offer) for offer in self.pricing.offers(good, day)] if good.sellers else []
        return [one | {"seller": one["seller"] or self.shop.title} for one in found]

    def _reviews(self, page: Page) -> list[View]:
        return [
            {"author": author, "text": text, "stars": 3 + (page.number + place) % 3}
            for place, (author, text) in enumerate(REVIEWS[self.shop.words])
        ]

    def listing(self, listing: Listing, day: date) -> View | None:
        """All that a listing says; None where it has no such page."""
        pages = self.listed(listing, day)
        last = max(-(-len(pages) // PER_PAGE), 1)
        if not 1 <= listing.page <= last:
            return None
        shown = pages[(listing.page - 1) * PER_PAGE : listing.page * PER_PAGE]
        link = self.addresses.listing
        return {
            "heading": self.words.get(listing.department, self.phrases["all"]),
            "is_home": listing == Listing("all", 1),
            "count": len(pages),
            "cards": [self.card(page, day) for page in shown],
            "numbers": [
                {"number": number, "url": link(listing.department, number), "here": number == listing.page}
                for number in range(1, last + 1)
            ],
            "next": link(listing.department, listing.page + 1) if listing.page < last else "",
            "previous": link(listing.department, listing.page - 1) if listing.page > 1 else "",
        }

    def navigation(self) -> Sequence[View]:
        """The departments, for every page."""
        every = [{"name": self.phrases["all"], "url": self.addresses.listing("all")}]
        named = [{"name": self.words[one], "url": self.addresses.listing(one)} for one in self.addresses.departments]
        return every + named
