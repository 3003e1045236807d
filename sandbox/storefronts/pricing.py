"""What a shop asks on a day: each price follows from the seed and the date alone, so that any day can be served."""

from __future__ import annotations

import random
from bisect import bisect_right
from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from sandbox.storefronts.model import Good, Offer, Page, Shop
from sandbox.world import World
from sandbox.world.seasons import black_friday

_EPOCH = date(2020, 1, 1)
_LEVEL_DAYS, _SALE_DAYS, _STOCK_DAYS = 38, 55, 48  # lengths of the spans in which one thing may happen
_REACTION = timedelta(days=2)


class Pricing:
    """The offers of one shop.

    Args:
        world: The merchant, whose prices the shop watches.
        shop: The shop.
    """

    def __init__(self, world: World, shop: Shop) -> None:
        self._seed, self._shop = world.spec.seed, shop
        self._ours = _price_histories(world)
        self._cached = lru_cache(maxsize=200_000)(self._offers)

    def offers(self, good: Good, day: date) -> list[Offer]:
        """What is asked for a good on a day: one offer, or one of each seller, the first one the cheapest to be had."""
        return self._cached(good, day)

    def offer(self, good: Good, day: date) -> Offer:
        """The offer that the page puts first."""
        return self._cached(good, day)[0]

    def rating(self, page: Page, day: date) -> tuple[float, int]:
        """Mean and number of the opinions on a page; their number grows by a few a month."""
        if not page.rating:
            return 0.0, 0
        months = (day - _EPOCH).days // 30 - 60
        return page.rating, max(page.reviews + months * (1 + page.number % 4), 1)

    def _offers(self, good: Good, day: date) -> list[Offer]:
        if not good.sellers:
            return [self._one(good, day, "")]
        found = [self._one(good, day, seller) for seller in good.sellers]
        return sorted(found, key=lambda offer: (offer.availability == "out_of_stock", offer.price_minor))

    def _one(self, good: Good, day: date, seller: str) -> Offer:
        usual = self._usual(good, day, seller)
        availability = self._availability(good, day, seller)
        cut = self._cut(good, day, seller)
        price = self._ended(usual * (1 - cut)) if cut else usual
        seller = "" if seller == self._shop.title else seller
        return Offer(price, usual if price < usual else None, availability, seller)

    def _usual(self, good: Good, day: date, seller: str) -> int:
        """The price without a reduction: just below the merchant's where the shop follows it, or its own."""
        followed = self._watched(good, day)
        if followed is not None and not seller:
            return followed
        level = 1.0
        span, place = divmod((day - _EPOCH).days, _LEVEL_DAYS)
        chance = self._chance(good, seller, "level", span)
        if place < chance.randrange(_LEVEL_DAYS):  # the change comes within the span
            chance = self._chance(good, seller, "level", span - 1)
            chance.randrange(_LEVEL_DAYS)
        if chance.random() < 0.45:
            level = chance.uniform(0.9, 1.08)
        if seller:
            level *= self._chance(good, seller, "seller", 0).uniform(0.96, 1.12)
        return self._ended(good.base_minor * level)

    def _watched(self, good: Good, day: date) -> int | None:
        """One to three percent below what the merchant asked two days ago, where the shop watches this product."""
        chance = self._chance(good, "", "follows", 0)
        history = self._ours.get(good.product_ref or "")
        if history is None or chance.random() >= self._shop.follows:
            return None
        place = bisect_right(history[0], day - _REACTION) - 1
        if place < 0:
            return None
        theirs = history[1][place] * self._shop.rate
        return self._ended(theirs * chance.uniform(0.94, 0.99))

    def _cut(self, good: Good, day: date, seller: str) -> float:
        """The share that is taken off: a sale of one to three weeks, a weekend, Black Friday; 0 for none."""
        friday = black_friday(day.year)
        if friday <= day < friday + timedelta(days=4):
            chance = self._chance(good, seller, "friday", day.year)
            if chance.random() < 0.5:
                return chance.choice([0.15, 0.2, 0.25, 0.3])
        span, place = divmod((day - _EPOCH).days, _SALE_DAYS)
        chance = self._chance(good, seller, "sale", span)
        begin, length = chance.randrange(_SALE_DAYS - 21), chance.choice([7, 14, 21])
        if chance.random() < 0.42 and begin <= place < begin + length:
            return chance.choice([0.1, 0.15, 0.2, 0.25, 0.3, 0.4])
        weekend = self._chance(good, seller, "weekend", (day - _EPOCH).days // 7)  # a Wednesday begins the count
        if day.weekday() >= 5 and weekend.random() < 0.07:
            return weekend.choice([0.1, 0.15])
        return 0.0

    def _availability(self, good: Good, day: date, seller: str) -> str:
        """Out of stock for some days now and then, with few left in the days before."""
        span, place = divmod((day - _EPOCH).days, _STOCK_DAYS)
        chance = self._chance(good, seller, "stock", span)
        begin, length = chance.randrange(4, _STOCK_DAYS - 16), chance.randrange(3, 16)
        if chance.random() < 0.33:
            if begin <= place < begin + length:
                return "backorder" if chance.random() < 0.15 else "out_of_stock"
            if begin - 4 <= place < begin:
                return "limited"
        return "in_stock"

    def _chance(self, good: Good, seller: str, purpose: str, number: int) -> random.Random:
        told = f"{self._seed}:{self._shop.name}:{good.number}:{seller}:{purpose}:{number}"
        return random.Random(told)  # noqa: S311  the same price again is wanted, not secrecy

    def _ended(self, minor: float) -> int:
        """As the shop likes its prices to end."""
        if self._shop.currency == "CNY":
            return max(round(minor / 100), 5) * 100
        if self._shop.ending == 0:  # to five pence
            return max(round(minor / 5) * 5, 50)
        return max(round((minor - self._shop.ending) / 100), 1) * 100 + self._shop.ending


def _price_histories(world: World) -> dict[str, tuple[list[date], list[int]]]:
    """By SKU the days on which the merchant's price in pounds changed, and the prices."""
    skus = world.frame("variants").select("variant_id", "sku")
    rows = (
        world.frame("variant_prices")
        .filter(pl.col("currency") == "GBP")
        .sort("variant_id", pl.col("shop") != "shopify", "valid_from")
        .filter(pl.col("shop") == pl.col("shop").first().over("variant_id"))
        .join(skus, on="variant_id", how="inner", maintain_order="left")
        .group_by("sku", maintain_order=True)
        .agg(pl.col("valid_from").dt.date(), "price_minor")
    )
    return {sku: (days, prices) for sku, days, prices in rows.iter_rows()}
