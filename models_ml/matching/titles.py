"""Pairs of titles that may name one thing, and how much they say the same."""

from __future__ import annotations

from typing import Final

import polars as pl
from rapidfuzz import fuzz

from models_ml.matching.blocking import candidates
from models_ml.matching.config import MatchingAssumptions
from models_ml.matching.likeness import likeness
from models_ml.matching.subjects import Offers, Products

_PAIRS: Final = {"offer": pl.Int64, "product": pl.Int64, "likeness": pl.Float64, "is_foreign": pl.Boolean}
_AT_ONCE: Final = 20_000  # texts of theirs: what bounds the memory
_KEPT: Final = 6  # texts of ours for each of theirs, after the closer look
_MISSPELT: Final = 84  # of 100: likeness of two words of which one is misspelt


def title_pairs(offers: Offers, wanted: pl.DataFrame, products: Products, rules: MatchingAssumptions) -> pl.DataFrame:
    """Offers and products whose titles are alike.

    Args:
        offers: All offers.
        wanted: `offer`: those to look at.
        products: All products.
        rules: The assumptions.

    Returns:
        `offer, product, likeness, is_foreign`, the likest text of each product; from `rules.review` on.
    """
    looked_at = offers.table.join(wanted, on="offer", how="semi").select(
        "offer", pl.col("title_text").alias("their_text")
    )
    texts = looked_at.select(pl.col("their_text").unique().sort().alias("number"))
    kept = [_near_texts(part, offers, products, rules) for part in texts.iter_slices(_AT_ONCE)]
    if not kept:
        return pl.DataFrame(schema=_PAIRS)
    return _likest(
        looked_at.join(pl.concat(kept), on="their_text").join(
            products.listings.rename({"title_text": "our_text"}), on="our_text"
        )
    )


def _near_texts(texts: pl.DataFrame, offers: Offers, products: Products, rules: MatchingAssumptions) -> pl.DataFrame:
    """The likest texts of ours for some of theirs, by number."""
    theirs = offers.words.join(texts, on="number", how="semi")
    near = candidates(
        theirs, products.words, most=rules.candidates, common=rules.common_word_listings, cells=rules.pair_cells
    )
    measured = measure(near.select("their_text", "our_text"), offers, products).filter(
        pl.col("likeness") >= rules.review
    )
    ranked = measured.sort(["their_text", "likeness", "our_text"], descending=[False, True, False])
    return ranked.filter(pl.int_range(pl.len()).over("their_text") < _KEPT)


def known_pairs(pairs: pl.DataFrame, offers: Offers, products: Products) -> pl.DataFrame:
    """The pairs `offer, product` with the likeness of their titles: that of the likest, of a product's several."""
    joined = pairs.join(offers.table.select("offer", pl.col("title_text").alias("their_text")), on="offer").join(
        products.listings.rename({"title_text": "our_text"}), on="product"
    )
    measured = measure(
        joined.select("their_text", "our_text").unique().sort("their_text", "our_text"), offers, products
    )
    return _likest(joined.join(measured, on=["their_text", "our_text"]))


def measure(pairs: pl.DataFrame, offers: Offers, products: Products) -> pl.DataFrame:
    """The pairs of texts with their likeness, words that are shortened or misspelt understood."""
    looked_at = pairs.select(pl.col("their_text").alias("number")).unique()
    told = offers.words.join(looked_at, on="number", how="semi")
    theirs = _spelt_out(told, pairs, products)
    return likeness(pairs, theirs, products.words, offers.texts, products.texts)


def _spelt_out(told: pl.DataFrame, pairs: pl.DataFrame, products: Products) -> pl.DataFrame:
    """Their words; one that none of our titles has becomes the word of a near title of ours that it stands for."""
    known = products.words.select("word").unique()
    strange = told.join(known, on="word", how="anti").filter(pl.col("word").str.contains(r"^\p{Latin}{3,}$"))
    near = (
        pairs.join(strange.select("number", "word"), left_on="their_text", right_on="number")
        .join(products.words.rename({"number": "our_text", "word": "ours"}), on="our_text")
        .filter(pl.col("word").str.head(1) == pl.col("ours").str.head(1))
        .select(pl.col("their_text").alias("number"), "word", "ours")
        .unique()
    )
    couples = near.select("word", "ours").unique().sort("word", "ours")
    alike = [_same_word(word, ours) for word, ours in couples.iter_rows()]
    scored = couples.with_columns(alike=pl.Series(alike, dtype=pl.Float64)).filter(pl.col("alike") > 0)
    meant = near.join(scored, on=["word", "ours"]).sort(
        ["number", "word", "alike", "ours"], descending=[False, False, True, False]
    )
    stands = meant.unique(["number", "word"], keep="first", maintain_order=True).select("number", "word", "ours")
    meaning = told.join(stands, on=["number", "word"], how="left").with_columns(
        pl.coalesce("ours", "word").alias("word")
    )
    return meaning.group_by("number", "word").agg(pl.col("is_tail").min()).sort("number", "word")


def _same_word(word: str, ours: str) -> float:
    """How sure a word is ours misspelt or shortened, as in `stnwr` for stoneware; 0: it is not."""
    ratio = fuzz.ratio(word, ours)
    if len(word) > 4 and ratio >= _MISSPELT:
        return ratio
    rest = iter(ours)
    is_shortened = len(ours) - len(word) >= 2 and all(letter in rest for letter in word)
    return ratio if is_shortened else 0.0


def _likest(joined: pl.DataFrame) -> pl.DataFrame:
    best = joined.sort(["offer", "product", "likeness"], descending=[False, False, True])
    return best.unique(["offer", "product"], keep="first", maintain_order=True).select(
        "offer", "product", "likeness", "is_foreign"
    )
