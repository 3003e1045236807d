"""The assortment: categories, suppliers, products and variants, and what is truly behind their demand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from sandbox.world.seasons import CURVES, Flags, Floats, Integers, Words
from sandbox.world.spec import WorldSpec
from sandbox.world.tree import categories, kinds, suppliers
from sandbox.world.words import AWKWARD, BRANDS, DEPARTMENTS, MATERIALS, OPTIONS, STYLES, Kind

FIRST_PRODUCT, FIRST_VARIANT = 10_001, 50_001
MARKETS = ("shopify", "woocommerce", "amazon_uk", "amazon_jp")
_LISTED = np.array([1.0, 0.7, 0.45, 0.22])  # share of the assortment by market
NEVER = 1_000_000  # a day number after all days
_GIFT_CARD_VALUES = (1_000, 2_500, 5_000)


@dataclass(frozen=True)
class Assortment:
    """One entry a variant in every array, in the order of `variant_id`.

    Attributes:
        frames: The catalogue's tables by name.
        product: Row number of the product.
        category: Row number of the category at the lower level, and `department` that of its department.
        supplier: Row number of the supplier.
        price: List price in pence, with tax.
        cost: Cost in pence.
        pack: Units in a pack.
        starts: Day number of the launch, negative before the first day; `ends`: of the end of sale, or NEVER.
        popularity: Weight in the demand.
        elasticity: Percent change of demand for one percent of price, negative.
        listed: Shape (markets, variants): sold there.
        has_stock: False for gift cards and bundles.
        is_bundle: Sold as its components.
        partners: Shape (variants, 2): variants that are bought with it.
        attach: Chance that a basket begun with it takes a partner.
    """

    frames: dict[str, pl.DataFrame]
    product: Integers
    category: Integers
    department: Integers
    supplier: Integers
    price: Integers
    cost: Integers
    pack: Integers
    starts: Integers
    ends: Integers
    popularity: Floats
    elasticity: Floats
    listed: Flags
    has_stock: Flags
    is_bundle: Flags
    partners: Integers
    attach: Floats

    @property
    def size(self) -> int:
        """Number of variants."""
        return len(self.product)

    @property
    def ids(self) -> Integers:
        """The variants' ids."""
        return np.arange(self.size, dtype=np.int64) + FIRST_VARIANT

    def season(self) -> Floats:
        """Shape (12, variants): the month's factor on the demand."""
        curves = np.array([CURVES[kind.season] for kind in kinds()] + [CURVES["gift"]])
        result: Floats = curves[self.category].T
        return result


def make_assortment(spec: WorldSpec) -> Assortment:
    """The merchant's whole catalogue, with its truth."""
    rng = spec.rng("catalogue")
    tree, makers = categories(), suppliers(spec)
    products, draws = _products(spec, rng, tree, makers.height)
    return _variants(spec, rng, products, draws, {"categories": tree, "suppliers": makers})


@dataclass(frozen=True)
class _Draws:
    category: Integers  # row among the lower categories
    starts: Integers
    ends: Integers
    variants: Integers  # how many


def _products(
    spec: WorldSpec, rng: np.random.Generator, tree: pl.DataFrame, makers: int
) -> tuple[pl.DataFrame, _Draws]:
    lower, every, count = tree.filter(pl.col("parent_id").is_not_null()), kinds(), spec.products
    category = rng.integers(0, len(every), count)
    is_card = np.arange(count) == 3
    is_bundle = (np.arange(count) % 45 == 7) & ~is_card
    category[is_card], category[is_bundle] = len(every), len(every) - 1
    starts = np.where(rng.random(count) < 0.78, -rng.integers(1, 900, count), rng.integers(0, spec.days, count))
    starts[:12] = -rng.integers(30, 400, 12)
    lives = rng.integers(120, 900, count)
    ends = np.where((rng.random(count) < 0.12) & ~is_card & ~is_bundle, np.maximum(starts, 0) + lives, NEVER)
    titles = _titles(rng, category, every)
    special = np.flatnonzero(~is_card & ~is_bundle)[4 : 4 + len(AWKWARD)]
    titles[0][special] = AWKWARD
    titles[0][is_card], titles[1][is_card] = "Northlight Gift Card", "北光家居礼品卡"
    begun = _instants(spec, starts, rng)
    frame = pl.DataFrame(
        {
            "product_id": np.arange(count) + FIRST_PRODUCT,
            "title_en": titles[0].tolist(),
            "title_zh": titles[1].tolist(),
            "category_id": lower["category_id"].gather(category),
            "brand": np.array(BRANDS)[rng.choice(len(BRANDS), count, p=_brand_shares())],
            "supplier_id": rng.integers(0, makers, count) + 501,
            "created_at": begun,
            "discontinued_at": _instants(spec, np.where(ends < spec.days, ends, 0), rng),
            "is_gift_card": is_card,
            "is_bundle": is_bundle,
        }
    ).with_columns(pl.when(pl.Series(ends < spec.days)).then("discontinued_at"))
    alone = is_card | is_bundle
    options = np.array([kind.option != "none" for kind in every] + [False])[category] & ~alone
    many = np.where(options & (rng.random(count) < 0.62), rng.integers(2, 5, count), 1)
    many[is_card] = len(_GIFT_CARD_VALUES)
    return frame, _Draws(category, starts, ends, many)


def _brand_shares() -> Floats:
    shares: Floats = np.array([0.4] + [0.6 / (len(BRANDS) - 1)] * (len(BRANDS) - 1))
    return shares


def _instants(spec: WorldSpec, days: Integers, rng: np.random.Generator) -> pl.Series:
    """Office hours of the days with these numbers."""
    first = np.datetime64(spec.first_day, "us")
    seconds = (days * 86_400 + 8 * 3_600 + rng.integers(0, 9 * 3_600, len(days))).astype("timedelta64[s]")
    return pl.Series(first + seconds, dtype=pl.Datetime("us"))


def _titles(rng: np.random.Generator, category: Integers, every: list[Kind]) -> tuple[Words, Words]:
    count = len(category)
    style, material, noun = (rng.integers(0, size, count) for size in (len(STYLES), len(MATERIALS), 6))
    # Six columns hold any kind's nouns, again from the first; the last row is for gift cards.
    nouns = np.array([[kind.nouns[n % len(kind.nouns)] for n in range(6)] for kind in every] + [[("", "")] * 6], object)
    styles, materials = np.array(STYLES, object)[style], np.array(MATERIALS, object)[material]
    chosen = nouns[category, noun]
    english: Words = styles[:, 0] + " " + materials[:, 0] + " " + chosen[:, 0]
    return english, styles[:, 1] + materials[:, 1] + chosen[:, 1]


def _variants(
    spec: WorldSpec, rng: np.random.Generator, products: pl.DataFrame, draws: _Draws, frames: dict[str, pl.DataFrame]
) -> Assortment:
    product = np.repeat(np.arange(products.height), draws.variants)
    place = np.arange(len(product)) - np.repeat(np.cumsum(draws.variants) - draws.variants, draws.variants)
    category, count = draws.category[product], len(product)
    is_card = products["is_gift_card"].to_numpy()[product]
    is_bundle = products["is_bundle"].to_numpy()[product]
    price = _prices(rng, draws.category, product, place)
    price[is_card] = _GIFT_CARD_VALUES
    cost = np.maximum(np.round(price * rng.uniform(0.26, 0.46, count)), 20).astype(np.int64)
    listed = rng.random((4, products.height))[:, product] < _LISTED[:, None]
    listed[1:, is_card | is_bundle] = False
    popularity = rng.lognormal(0, 1.0, products.height)[product] * rng.lognormal(0, 0.45, count) / (1 + 0.3 * place)
    popularity[is_card] = popularity.mean() * 0.4
    popularity *= np.clip((price / 2_000.0), 0.2, 5) ** -0.35
    made = Assortment(
        frames,
        product,
        category,
        _departments()[category],
        products["supplier_id"].to_numpy()[product] - 501,
        price,
        cost,
        rng.choice([1, 1, 4, 6, 12], count),
        draws.starts[product],
        draws.ends[product],
        popularity,
        -np.clip(rng.normal(1.7, 0.5, products.height), 0.4, 3.2)[product],
        listed,
        ~(is_card | is_bundle),
        is_bundle,
        _partners(rng, category, is_card | is_bundle),
        rng.uniform(0.15, 0.55, count),
    )
    frames["products"] = products
    _bundle(rng, made)
    frames["variants"] = _variant_table(rng, made, products, place)
    return made


def _departments() -> Integers:
    sizes = [len(found) for found in DEPARTMENTS.values()]
    return np.repeat(np.arange(len(sizes) + 1), [*sizes, 1]).astype(np.int64)


def _prices(rng: np.random.Generator, categories_of: Integers, product: Integers, place: Integers) -> Integers:
    usual = np.array([kind.price for kind in kinds()] + [2_500])[categories_of]
    rough = (usual * rng.lognormal(0, 0.32, len(usual)))[product] * (1 + 0.12 * (place > 1))
    ending = rng.choice([99, 49], len(usual), p=[0.8, 0.2])[product]
    result: Integers = (np.maximum(np.round(rough / 100), 2) * 100 - 100 + ending).astype(np.int64)
    return result


def _partners(rng: np.random.Generator, category: Integers, excluded: Flags) -> Integers:
    """Two variants of other categories that go with each one."""
    usable = np.flatnonzero(~excluded)
    return usable[rng.integers(0, len(usable), (len(category), 2))].astype(np.int64)


def _bundle(rng: np.random.Generator, made: Assortment) -> None:
    """Bundles of two or three things, cheaper than the things; launched when the last of them is there."""
    bundles = np.flatnonzero(made.is_bundle)
    usable = np.flatnonzero(made.has_stock & (made.starts < 0) & (made.ends == NEVER))
    rows: list[tuple[int, int, int]] = []
    for bundle in bundles.tolist():
        parts = rng.choice(usable, int(rng.integers(2, 4)), replace=False)
        quantities = rng.choice([1, 1, 2], len(parts))
        total = int((made.price[parts] * quantities).sum())
        made.price[bundle] = max(total * 85 // 10_000, 1) * 100 - 1
        made.cost[bundle] = int((made.cost[parts] * quantities).sum())
        rows += [
            (bundle + FIRST_VARIANT, int(p) + FIRST_VARIANT, int(q)) for p, q in zip(parts, quantities, strict=True)
        ]
    names = ["bundle_variant_id", "component_variant_id", "quantity"]
    made.frames["bundles"] = pl.DataFrame(rows, dict.fromkeys(names, pl.Int64), orient="row")


def _variant_table(rng: np.random.Generator, made: Assortment, products: pl.DataFrame, place: Integers) -> pl.DataFrame:
    several = np.bincount(made.product)[made.product] > 1
    known = [OPTIONS.get(kind.option, ("", ("",))) for kind in kinds()] + [("Value", ("£10", "£25", "£50"))]
    option = pl.Series(np.array([name for name, _ in known], object)[made.category], dtype=pl.String)
    values = np.array([[found[n % len(found)] for n in range(6)] for _, found in known], object)
    value = pl.Series(values[made.category, place], dtype=pl.String)
    weight = np.array([kind.weight_g for kind in kinds()] + [5])[made.category]
    number = pl.Series(made.ids)
    shuffled = made.ids * 7_919_881 % 36**6
    digits = np.array(list("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"), object)
    asin = sum((digits[shuffled // 36**power % 36] for power in range(8)), start=np.full(made.size, "B0", object))
    return pl.DataFrame({"variant_id": number, "product_id": made.product + FIRST_PRODUCT}).with_columns(
        sku=pl.format("NL-{}-{}", pl.Series(made.category + 10), "variant_id"),
        option_name=pl.when(pl.Series(several)).then(option),
        option_value=pl.when(pl.Series(several)).then(value),
        gtin=_gtins(made.ids),
        asin=pl.Series(asin, dtype=pl.String),
        weight_g=pl.Series((weight * rng.uniform(0.7, 1.4, made.size)).astype(np.int64)),
        cost_minor=pl.Series(made.cost),
        price_minor=pl.Series(made.price),
        pack_units=pl.Series(made.pack),
        created_at=products["created_at"].gather(made.product),
        **{f"sold_by_{market}": pl.Series(made.listed[place]) for place, market in enumerate(MARKETS)},
    )


def _gtins(ids: Integers) -> pl.Series:
    """GTIN-14 with a leading zero, which a careless reader loses; the last digit checks the others."""
    body = 501_234_500_000 + ids
    places = body[:, None] // 10 ** np.arange(12) % 10  # from the right
    check = -(places * np.tile([3, 1], 6)).sum(axis=1) % 10
    return pl.Series(body * 10 + check).cast(pl.String).str.zfill(14)
