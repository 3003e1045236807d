"""Things that look like the merchant's and are not, each with the reason why, and things of the shop's own."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sandbox.storefronts.model import Good, Shop
from sandbox.storefronts.titles import (
    MULTIPACK,
    OTHER_BRANDS,
    OTHER_COLOURS,
    OTHER_SCENTS,
    OTHER_SIZES,
    OWN,
    REFURBISHED,
    in_words_of,
)
from sandbox.storefronts.vocabulary import glossary
from sandbox.world.words import DEPARTMENTS, STYLES

if TYPE_CHECKING:
    from sandbox.storefronts.assortment import Ours

# Who would buy a refurbished towel?
_REFURBISHED_KINDS: Final = ("Lamps", "Outdoor Lighting", "Coffee & Tea", "Garden Tools")
_OTHER_OPTIONS: Final = {"Colour": OTHER_COLOURS, "Size": OTHER_SIZES, "Scent": OTHER_SCENTS}
_DEPARTMENT_OF: Final = {kind.name_en: department for (department, _), kinds in DEPARTMENTS.items() for kind in kinds}


def near_miss(shop: Shop, ours: Ours, like: Good, titles: Collection[tuple[str, str]], chance: random.Random) -> Good:
    """Something that is not the merchant's product, though much of it is alike.

    Args:
        shop: Who sells it.
        ours: The merchant's product.
        like: How the shop would sell that.
        titles: Names and options of all the merchant's products: none of them may come out.
        chance: Decides which kind.
    """
    kinds = ["multipack", "other_brand", "other_model"]
    if ours.option:
        kinds += ["other_size" if ours.option_name == "Size" else "other_colour"] * 2
    if ours.category in _REFURBISHED_KINDS:
        kinds += ["refurbished"] * 2
    kind = chance.choice(kinds)
    trap = replace(like, relation="near_miss", how=kind, product_ref=None, resembles=ours.sku)
    if kind == "multipack":
        return _multipack(shop, trap, ours, chance)
    if kind == "refurbished":  # carries the new one's numbers, as such things do
        title = REFURBISHED[shop.words].format(like.title)
        return replace(trap, title=title, condition="refurbished", base_minor=round(like.base_minor * 0.68))
    return _renamed(shop, trap, ours, titles, chance)


def _multipack(shop: Shop, trap: Good, ours: Ours, chance: random.Random) -> Good:
    """Six of them; some shops leave the single one's numbers on it."""
    careless = chance.random() < 0.25
    return replace(
        trap,
        title=MULTIPACK[shop.words].format(trap.title),
        base_minor=round(trap.base_minor * 5.3),
        gtin=ours.gtin[1:] if careless else _own_gtin(chance),
        mpn=trap.mpn if careless else "",
    )


def _renamed(shop: Shop, trap: Good, ours: Ours, titles: Collection[tuple[str, str]], chance: random.Random) -> Good:
    """Another colour or size than the merchant has, another maker, or another model of the same maker."""
    words = glossary(shop.words)
    name, brand, option = ours.name, ours.brand, words[ours.option] if ours.option else ""
    if trap.how in ("other_size", "other_colour"):
        option = chance.choice(_OTHER_OPTIONS[ours.option_name][shop.words])
    elif trap.how == "other_brand":
        brand = chance.choice(OTHER_BRANDS)
    else:
        others = [replace(name, style=style) for style, _ in STYLES if style != name.style]
        known = {title for title, _ in titles}
        name = chance.choice([other for other in others if other.english not in known] or others)
    has_codes = chance.random() < 0.5
    return replace(
        trap,
        title=in_words_of(shop, words, name, option, brand, chance),
        brand=brand,
        gtin=_own_gtin(chance) if has_codes else "",
        mpn=f"{ours.mpn[:-2]}{(int(ours.mpn[-2:]) + 41) % 100:02d}X" if has_codes and trap.how != "other_brand" else "",
    )


def own_good(shop: Shop, place: int, chance: random.Random) -> Good:
    """Something that the merchant does not sell."""
    *names, pence, category = OWN[place % len(OWN)]
    title = str(names[("en", "de", "fr", "zh").index(shop.words)])
    brand = OTHER_BRANDS[(place // len(OWN) + chance.randrange(3)) % len(OTHER_BRANDS)]
    again = place // len(OWN)
    price = int(pence) * shop.rate * shop.level * chance.lognormvariate(0, 0.2)
    return Good(
        number=0,
        relation="own",
        how="own",
        product_ref=None,
        resembles=None,
        title=f"{brand} {title}" if again else title,
        option="",
        brand=brand if again or chance.random() < 0.6 else "",
        gtin=_own_gtin(chance) if chance.random() < 0.6 else "",
        mpn=f"{chance.randrange(10_000, 99_999)}" if chance.random() < 0.3 else "",
        sku="",
        department=_DEPARTMENT_OF[str(category)],
        category=str(category),
        base_minor=round(price),
    )


def _own_gtin(chance: random.Random) -> str:
    """An EAN-13 that is none of the merchant's."""
    body = f"40{chance.randrange(10**10):010d}"
    check = -sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body)) % 10
    return f"{body}{check}"
