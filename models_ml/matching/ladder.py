"""The ladder: GTIN, then maker and part number, then titles; what is unsure is left to a person."""

from __future__ import annotations

from typing import Final

import polars as pl

from models_ml.matching.config import MatchingAssumptions
from models_ml.matching.exact import BRAND_MPN, GTIN, PERSON, TEXT, gtin_pairs, learned_brands, part_pairs
from models_ml.matching.objections import HARD, any_of, in_words, objections
from models_ml.matching.subjects import Offers, Products
from models_ml.matching.titles import known_pairs, title_pairs

MATCHED, REVIEW, REJECTED, NONE = "matched", "review", "rejected", "none"
PAIRS: Final = {
    "offer": pl.Int64,
    "product": pl.Int64,
    "rule": pl.String,
    "score": pl.Float64,
    "status": pl.String,
    "reason": pl.String,
}
_RULE_ORDER: Final = {PERSON: 0, GTIN: 1, BRAND_MPN: 2, TEXT: 3}
_CONTRADICTION: Final = 0.15  # likeness of titles in one language below which they name different things
_RULE_WORDS: Final = {GTIN: "the same GTIN", BRAND_MPN: "the same maker and part number"}
_AT_ONCE: Final = 200_000  # pairs


def climb(offers: Offers, products: Products, refused: pl.DataFrame, rules: MatchingAssumptions) -> pl.DataFrame:
    """Every pair that is a match or may be one.

    Args:
        offers: The offers.
        products: Our products.
        refused: `offer, product` that a person said are different.
        rules: The assumptions.

    Returns:
        Columns of `PAIRS`, the best of each offer first; at most one pair of an offer is matched.
    """
    offers = _renamed(offers, learned_brands(offers, products, rules))
    by_gtin = gtin_pairs(offers, products).join(refused, on=["offer", "product"], how="anti")
    by_part = part_pairs(offers, products).join(refused, on=["offer", "product"], how="anti")
    by_part = by_part.join(by_gtin, on=["offer", "product"], how="anti")
    exact = pl.concat([by_gtin.with_columns(rule=pl.lit(GTIN)), by_part.with_columns(rule=pl.lit(BRAND_MPN))])
    judged = _judged_numbers(exact, offers, products, rules)
    rest = offers.table.select("offer").join(exact, on="offer", how="anti")
    alike = title_pairs(offers, rest, products, rules).join(refused, on=["offer", "product"], how="anti")
    titled = _judged_titles(alike, offers, products, rules)
    return _once_a_shop(_ordered(pl.concat([judged, titled])), offers)


def _renamed(offers: Offers, names: dict[str, str]) -> Offers:
    if not names:
        return offers
    return Offers(offers.table.with_columns(pl.col("brand_key").replace(names)), offers.texts, offers.words)


def _judged_numbers(
    exact: pl.DataFrame, offers: Offers, products: Products, rules: MatchingAssumptions
) -> pl.DataFrame:
    """Pairs of one number: matched unless it names several products, or the titles contradict it."""
    if exact.is_empty():
        return pl.DataFrame(schema=PAIRS)
    alike = known_pairs(exact.select("offer", "product"), offers, products)
    found = _objected(exact.join(alike, on=["offer", "product"]).sort("offer", "product"), offers, products, rules)
    several = pl.col("product").n_unique().over("offer") > 1
    apart = ~pl.col("is_foreign") & (pl.col("likeness") < _CONTRADICTION)
    against = any_of(HARD) | pl.col("not_price") | pl.col("not_pack_told") | pl.col("not_gtin")
    is_sure = ~several & ~apart & ~against
    why = pl.concat_str(
        pl.col("rule").replace_strict(_RULE_WORDS, return_dtype=pl.String),
        pl.when(several).then(pl.lit("the page's numbers name several of our products")),
        pl.when(apart).then(pl.lit("the titles have nothing in common")),
        pl.when(against).then(pl.lit("but ") + in_words()),
        separator="; ",
        ignore_nulls=True,
    )
    return found.select(
        "offer", "product", "rule", score=pl.when(is_sure).then(1.0).otherwise(0.5 + pl.col("likeness") / 4),
        status=pl.when(is_sure).then(pl.lit(MATCHED)).otherwise(pl.lit(REVIEW)), reason=why,
    )  # fmt: skip


def _judged_titles(alike: pl.DataFrame, offers: Offers, products: Products, rules: MatchingAssumptions) -> pl.DataFrame:
    """Pairs of like titles: matched where nothing speaks against it and no other product is as like."""
    found = _objected(alike.sort("offer", "product"), offers, products, rules).filter(~any_of(HARD))
    if found.is_empty():
        return pl.DataFrame(schema=PAIRS)
    best = pl.col("likeness").max().over("offer")
    runners = (pl.col("likeness") > best - rules.margin).sum().over("offer") > 1
    least = pl.when("has_brand").then(rules.accept).otherwise(rules.accept_unbranded)
    reason = in_words()
    is_sure = (pl.col("likeness") >= least) & (reason == "") & ~runners & (pl.col("likeness") == best)
    why = pl.concat_str(
        pl.format("titles {} % alike", (pl.col("likeness") * 100).floor().cast(pl.Int64)),
        pl.when("has_brand").then(pl.lit("the same maker")),
        pl.when(runners).then(pl.lit("another of our products is as like")),
        pl.when(reason != "").then(reason),
        separator="; ",
        ignore_nulls=True,
    )
    return found.select(
        "offer", "product", rule=pl.lit(TEXT), score=pl.col("likeness"),
        status=pl.when(is_sure).then(pl.lit(MATCHED)).otherwise(pl.lit(REVIEW)), reason=why,
    )  # fmt: skip


def _objected(pairs: pl.DataFrame, offers: Offers, products: Products, rules: MatchingAssumptions) -> pl.DataFrame:
    parts = [objections(part, offers, products, rules) for part in pairs.iter_slices(_AT_ONCE)]
    return pl.concat(parts) if parts else objections(pairs, offers, products, rules)


def _ordered(pairs: pl.DataFrame) -> pl.DataFrame:
    order = pl.col("rule").replace_strict(_RULE_ORDER, return_dtype=pl.Int64)
    return pairs.sort(["offer", pl.col("status") != MATCHED, order, -pl.col("score"), "product"])


def _once_a_shop(pairs: pl.DataFrame, offers: Offers) -> pl.DataFrame:
    """Of a shop's pages that match one product by title alone, the best; those of the very same name stay with it.

    A page that moved, or that several sellers share, has one name. Two names in one shop are two products, unless
    numbers say otherwise.
    """
    shops = offers.table.select("offer", "source", "name")
    matched = pairs.filter(pl.col("status") == MATCHED).join(shops, on="offer")
    order = pl.col("rule").replace_strict(_RULE_ORDER, return_dtype=pl.Int64)
    best = matched.sort([order, -pl.col("score"), "offer"]).group_by("source", "product", maintain_order=True).first()
    worse = (
        matched.filter(pl.col("rule") == TEXT)
        .join(best.select("source", "product", pl.col("name").alias("best_name")), on=["source", "product"])
        .filter(pl.col("name") != pl.col("best_name"))
        .select("offer", "product", pl.lit(value=True).alias("is_worse"))
    )
    marked = pairs.join(worse, on=["offer", "product"], how="left", maintain_order="left")
    is_worse = pl.col("is_worse").fill_null(value=False)
    return marked.with_columns(
        status=pl.when(is_worse).then(pl.lit(REVIEW)).otherwise("status"),
        reason=pl.when(is_worse)
        .then(pl.col("reason") + "; another page of this shop matches it better")
        .otherwise("reason"),
    ).select(list(PAIRS))
