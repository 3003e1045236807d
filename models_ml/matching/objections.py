"""What speaks against an offer being a product, whatever their numbers and names say for it."""

from __future__ import annotations

from typing import Final

import polars as pl

from models_ml.matching.attributes import COLUMNS
from models_ml.matching.config import MatchingAssumptions
from models_ml.matching.subjects import Offers, Products

# By objection: its words, and whether it rules a match by title out (`hard`) or leaves it to a person.
HARD: Final = {
    "brand": "another maker",
    "sibling": "another variant of the same product",
    "pack": "another number in the pack",
    "measure": "another measure",
    "colour": "another colour",
    "size": "another size",
    "condition": "used or refurbished",
    "model": "another model",
}
SOFT: Final = {
    "pack_told": "only one of the two tells a number in the pack",
    "option_missing": "the variant is not told",
    "brand_near": "the makers' names are only alike",
    "brand_untold": "the page names no maker",
    "gtin": "the page has another GTIN",
    "part": "the page has another part number",
    "price": "the prices are far apart",
}
WORDS: Final = HARD | SOFT


def objections(pairs: pl.DataFrame, offers: Offers, products: Products, rules: MatchingAssumptions) -> pl.DataFrame:
    """The pairs with what speaks against each.

    Args:
        pairs: `offer, product`, each pair once, and anything else.
        offers: The offers.
        products: The products.
        rules: The assumptions.

    Returns:
        The pairs with a column `not_<name>` of each of `WORDS`, and `has_brand`: whether the makers agree.
    """
    sides = (
        pairs.join(_of_offers(offers), on="offer", how="left", maintain_order="left")
        .join(products.table.drop("product_id"), on="product", how="left", suffix="_our", maintain_order="left")
        .join(_option_words(pairs, offers, products), on=["offer", "product"], how="left", maintain_order="left")
    )
    found = sides.with_columns(
        has_brand=pl.col("brands").list.contains(pl.col("brand_key")).fill_null(value=False),
        brand_near=_brand_near(),
    )
    ratio = pl.col("price_shop") / pl.col("price_shop_our")
    both_brands = pl.col("brand_key").is_not_null() & (pl.col("brands").list.len() > 0)
    told = {
        "brand": both_brands & ~pl.col("has_brand") & ~pl.col("brand_near"),
        "sibling": (pl.col("sibling_words") > 0) & (pl.col("own_words") < pl.col("own_total")),
        "pack": _differ("packs"),
        "measure": _differ("measures") & _share(_kinds("measures"), _kinds("measures_our")),
        "colour": _differ("colours"),
        "size": _differ("sizes"),
        "condition": pl.col("conditions").list.set_symmetric_difference("conditions_our").list.len() > 0,
        "model": _differ("models"),
        "pack_told": (pl.col("packs").list.len() > 0) != (pl.col("packs_our").list.len() > 0),
        "option_missing": (pl.col("own_total") > 0) & (pl.col("own_words") == 0),
        "brand_untold": pl.col("brand_key").is_null() & (pl.col("brands").list.len() > 0),
        "brand_near": both_brands & ~pl.col("has_brand") & pl.col("brand_near"),
        "gtin": pl.col("gtin14").is_not_null() & (pl.col("gtins").list.len() > 0)
        & ~pl.col("gtins").list.contains(pl.col("gtin14")),
        "part": pl.col("part").is_not_null() & (pl.col("parts").list.len() > 0)
        & ~pl.col("parts").list.contains(pl.col("part")) & pl.col("has_brand"),
        "price": (ratio > rules.price_ratio) | (ratio < 1 / rules.price_ratio),
    }  # fmt: skip
    named = [one.fill_null(value=False).alias(f"not_{name}") for name, one in told.items()]
    return found.select(*pairs.columns, "has_brand", *named)


def any_of(names: dict[str, str]) -> pl.Expr:
    """Whether any of these objections is raised."""
    return pl.any_horizontal(pl.col(f"not_{name}") for name in names)


def in_words() -> pl.Expr:
    """The objections that are raised, in words."""
    said = [pl.when(pl.col(f"not_{name}")).then(pl.lit(words)) for name, words in WORDS.items()]
    return pl.concat_str(said, separator="; ", ignore_nulls=True)


def _of_offers(offers: Offers) -> pl.DataFrame:
    return offers.table.select("offer", "brand_key", "gtin14", "part", "price_shop", *COLUMNS)


def _differ(column: str) -> pl.Expr:
    """Whether both sides tell it and share nothing."""
    both = (pl.col(column).list.len() > 0) & (pl.col(f"{column}_our").list.len() > 0)
    return both & ~_share(pl.col(column), pl.col(f"{column}_our"))


def _share(one: pl.Expr, two: pl.Expr) -> pl.Expr:
    return one.list.set_intersection(two).list.len() > 0


def _kinds(column: str) -> pl.Expr:
    return pl.col(column).list.eval(pl.element().str.extract(r"(\S+)$"))


def _brand_near() -> pl.Expr:
    """Whether one name begins with the other: Northlight and Northlight Living Spaces may be one house, or not."""
    ours = pl.col("brands").list.first()
    theirs = pl.col("brand_key")
    longest = pl.max_horizontal(ours.str.len_chars(), theirs.str.len_chars())
    begins = (ours.str.starts_with(theirs) | theirs.str.starts_with(ours)) & (longest > 3)
    return begins.fill_null(value=False)


def _option_words(pairs: pl.DataFrame, offers: Offers, products: Products) -> pl.DataFrame:
    """By pair: how many words its variant has, how many of them the offer says, and how many of a sibling's."""
    own = products.options.filter("is_own").group_by("product").len("own_total")
    texts = offers.table.select("offer", pl.col("title_text").alias("number"))
    said = (
        pairs.select("offer", "product").unique()
        .join(texts, on="offer").join(products.options, on="product")
        .join(offers.words, on=["number", "word"], how="semi")
        .group_by("offer", "product")
        .agg(pl.col("is_own").sum().alias("own_words"), (~pl.col("is_own")).sum().alias("sibling_words"))
    )  # fmt: skip
    keys = pairs.select("offer", "product").unique()
    return (
        keys.join(own, on="product", how="left")
        .join(said, on=["offer", "product"], how="left")
        .with_columns(pl.col("own_total", "own_words", "sibling_words").fill_null(0).cast(pl.Int64))
    )
