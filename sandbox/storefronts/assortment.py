"""What a shop sells: the merchant's products too, what only looks like them, and goods of its own."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from sandbox.storefronts.model import Good, Page, Shop
from sandbox.storefronts.near_misses import near_miss, own_good
from sandbox.storefronts.titles import Name, in_words_of
from sandbox.storefronts.vocabulary import glossary
from sandbox.world import World
from sandbox.world.part_numbers import part_number

SIZE = 120  # pages of a shop
_SAME, _NEAR = 0.5, 0.22  # the rest are goods of its own
_GROUPS = {"json_ld": 0.12, "json_ld_dirty": 0.1, "opengraph": 0.1}  # share of pages that offer all variants


@dataclass(frozen=True)
class Ours:
    """A variant of the merchant, as rivals know it."""

    variant_id: int
    product_id: int
    sku: str
    name: Name
    option: str
    option_name: str
    brand: str
    gtin: str
    mpn: str
    price_minor: int
    department: str
    category: str
    on_amazon: bool
    is_single: bool


class Assortment:
    """The pages of one shop.

    Args:
        world: The merchant.
        shop: The shop.
        size: How many pages at most.
    """

    def __init__(self, world: World, shop: Shop, size: int = SIZE) -> None:
        self.shop, self.seed, self.spec = shop, world.spec.seed, world.spec
        self._ours = known_products(world)
        self._titles = {(one.name.english, one.option) for one in self._ours}
        self.pages = self._make(size)
        self.by_slug = {page.slug: page for page in self.pages}
        self.by_number = {page.number: page for page in self.pages}

    def on(self, day: date) -> list[Page]:
        """The pages that are there on a day."""
        return [page for page in self.pages if page.is_there(day)]

    def _make(self, size: int) -> list[Page]:
        chance = random.Random(f"{self.seed}:{self.shop.name}:assortment")  # noqa: S311  the same shop again is wanted
        usable = [one for one in self._ours if not (self.shop.brands_only and one.brand == "Northlight")]
        usable = [one for one in usable if chance.random() < 0.7]
        same, near = round(size * _SAME), round(size * _NEAR)
        same = min(same, len(usable) * 2 // 3)
        rest = usable[same:] + usable[:same]
        near = min(near, len(rest))
        pages = list(self._same(usable[:same], chance))
        # Traps beside what is sold, and in place of what is not.
        pages += [self._near(one, chance) for one in chance.sample(rest, near)]
        pages += [self._own(place, chance) for place in range(max(size - same - near, 4))]
        chance.shuffle(pages)
        return [self._placed(page, place, chance) for place, page in enumerate(pages)]

    def _same(self, ours: Sequence[Ours], chance: random.Random) -> Iterator[Page]:
        """Pages of the merchant's products: most of one variant, some of all of a product's variants."""
        words, seen = glossary(self.shop.words), set[int]()
        by_product: dict[int, list[Ours]] = {}
        for one in self._ours:
            by_product.setdefault(one.product_id, []).append(one)
        for one in ours:
            if one.product_id in seen:
                continue
            variants = by_product[one.product_id]
            if len(variants) > 1 and chance.random() < _GROUPS.get(self.shop.markup, 0) and self.shop.look != "bazaar":
                seen.add(one.product_id)
                title = in_words_of(self.shop, words, one.name, "", one.brand, chance)
                goods = tuple(self._good(each, words, chance, how="gtin", title=title) for each in variants)
                yield Page(0, title, goods, "")
            else:
                good = self._good(one, words, chance, how=self._how(one, chance))
                yield Page(0, good.title, (good,), "")

    def _how(self, one: Ours, chance: random.Random) -> str:
        """By what the product can be known there."""
        by_title = "title" if self.shop.words == "en" else "foreign_title"
        shares = {"gtin": 0.52, "brand_mpn": 0.28, "title": 0.2} if self.shop.words == "en" else None
        shares = shares or {"gtin": 0.64, "brand_mpn": 0.31, "foreign_title": 0.05}
        how = chance.choices(list(shares), list(shares.values()))[0]
        if how == "brand_mpn" and (not one.on_amazon or "mpn" not in self.shop.shows):
            how = "gtin"  # only Amazon tells the merchant the makers' numbers
        if how == "gtin" and "gtin" not in self.shop.shows:
            how = "brand_mpn" if one.on_amazon else by_title
        return how

    def _good(
        self, one: Ours, words: dict[str, str], chance: random.Random, *, how: str, title: str | None = None
    ) -> Good:
        option = words[one.option] if one.option else ""
        tells_mpn = how == "brand_mpn" or (how == "gtin" and chance.random() < 0.5)
        if title and self.shop.markup != "json_ld":
            tells_mpn = False  # only there a variant has room for it
        level = self.shop.rate * self.shop.level * chance.lognormvariate(0, 0.06)
        return Good(
            number=one.variant_id,
            relation="same",
            how=how,
            product_ref=one.sku,
            resembles=None,
            title=title or in_words_of(self.shop, words, one.name, option, one.brand, chance),
            option=option if title else "",
            brand=one.brand,
            gtin=one.gtin[1:] if how == "gtin" else "",
            mpn=one.mpn if tells_mpn else "",
            sku="",
            department=one.department,
            category=one.category,
            base_minor=round(one.price_minor * level),
        )

    def _near(self, one: Ours, chance: random.Random) -> Page:
        like = self._good(one, glossary(self.shop.words), chance, how="gtin")
        good = near_miss(self.shop, one, like, self._titles, chance)
        return Page(0, good.title, (good,), "")

    def _own(self, place: int, chance: random.Random) -> Page:
        good = own_good(self.shop, place, chance)
        return Page(0, good.title, (good,), "")

    def _placed(self, page: Page, place: int, chance: random.Random) -> Page:
        """With its number, address, days and opinions; each thing with the shop's own number."""
        number = 1_000 + place * 7 + chance.randrange(7)
        prefix = "".join(word[0] for word in self.shop.look.split("_")).upper()
        goods = tuple(
            replace(
                good,
                number=number * 10 + variant,
                sku=f"{prefix}{number}{f'-{variant + 1}' if len(page.goods) > 1 else ''}",
                sellers=_sellers(chance) if self.shop.look == "bazaar" else (),
                gtin=good.gtin if "gtin" in self.shop.shows else "",
                mpn=good.mpn if "mpn" in self.shop.shows else "",
            )
            for variant, good in enumerate(page.goods)
        )
        slug = f"{slugged(page.title) or 'item'}-{number}"
        first, days = self.spec.first_day, self.spec.days
        begun = first + timedelta(chance.randrange(1, days)) if chance.random() < 0.12 else None
        ended = first + timedelta(chance.randrange(days // 2, days)) if chance.random() < 0.06 else None
        moved = first + timedelta(chance.randrange(1, days)) if chance.random() < 0.06 else None
        if begun and ended and ended <= begun:
            ended = None
        return replace(
            page,
            number=number,
            goods=goods,
            slug=slug,
            old_slug=f"{slugged(page.title) or 'item'}-old-{number}" if moved else "",
            first_day=begun,
            last_day=ended,
            moved_on=moved,
            rating=round(chance.uniform(3.4, 4.9), 1) if chance.random() < 0.7 else 0.0,
            reviews=chance.randrange(2, 140),
        )


def known_products(world: World) -> list[Ours]:
    """The merchant's variants whose names rivals can put in their own words, the same ones first for every shop.

    Gift cards and bundles are nobody else's; a name and option that two products share cannot be told apart.
    """
    tree = world.frame("categories").select("category_id", "path_en")
    products = world.frame("products").join(tree, on="category_id", how="left", maintain_order="left")
    asked = datetime.combine(world.spec.first_day + timedelta(days=world.spec.days // 3), datetime.min.time())
    products = products.filter(
        ~pl.col("is_gift_card"), ~pl.col("is_bundle"), pl.col("discontinued_at").is_null(), pl.col("created_at") < asked
    ).filter(pl.col("title_en").is_unique())
    rows = world.frame("variants").join(products, on="product_id", how="inner", maintain_order="left", suffix="_p")
    several = pl.len().over("product_id") > 1
    made = [_ours(row) for row in rows.with_columns(is_single=~several).iter_rows(named=True)]
    found = [one for one in made if one is not None]
    random.Random(f"{world.spec.seed}:rivals").shuffle(found)  # noqa: S311  the same order again is wanted
    return found


def _ours(row: dict[str, Any]) -> Ours | None:
    name = Name.of(row["title_en"])
    if name is None:
        return None
    department, category = row["path_en"].split(" > ")
    return Ours(
        variant_id=row["variant_id"],
        product_id=row["product_id"],
        sku=row["sku"],
        name=name,
        option=row["option_value"] or "",
        option_name=row["option_name"] or "",
        brand=row["brand"],
        gtin=row["gtin"],
        mpn=part_number(row["brand"], row["variant_id"]),
        price_minor=row["price_minor"],
        department=department,
        category=category,
        on_amazon=row["sold_by_amazon_uk"] or row["sold_by_amazon_jp"],
        is_single=row["is_single"],
    )


def slugged(text: str) -> str:
    """The text as part of an address: letters of ASCII, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].strip("-")


def _sellers(chance: random.Random) -> tuple[str, ...]:
    names = ["Borough Bazaar", "HomeSpares UK", "Wick & Willow", "Brightside Trading", "Oakleaf Interiors"]
    return tuple(chance.sample(names, chance.choices([1, 2, 3, 4], [3, 3, 2, 1])[0]))
