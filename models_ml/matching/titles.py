"""Pairs of titles that may name one thing, and how much they say the same."""

from __future__ import annotations

from typing import Final

import polars as pl
from rapidfuzz import fuzz

from models_ml.matching.blocking import candidates
from models_ml.matching.config import MatchingAssumptions
from models_ml.matching.likeness import likeness
from models_ml.matching.subjects import Offers, Products

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
    texts = offers.table.join(wanted, on="offer", how="semi").select(pl.col("title_text").alias("number")).unique()
    theirs = offers.words.join(texts, on="number", how="semi")
    near = candidates(
        theirs, products.words, most=rules.candidates, common=rules.common_word_listings, cells=rules.pair_cells
    )
    measured = measure(near.select("their_text", "our_text"), offers, products)
    kept = measured.filter(pl.col("likeness") >= rules.review).sort(
        ["their_text", "likeness", "our_text"], descending=[False, True, False]
    )
    kept = kept.filter(pl.int_range(pl.len()).over("their_text") < _KEPT)
    return _of_offers(kept, offers.table.join(wanted, on="offer", how="semi"), products)


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
    theirs = _spelt_out(pairs, offers, products)
    return likeness(pairs, theirs, products.words, offers.texts, products.texts)


def _spelt_out(pairs: pl.DataFrame, offers: Offers, products: Products) -> pl.DataFrame:
    """Their words; one that none of our titles has becomes the word of a near title of ours that it stands for."""
    known = products.words.select("word").unique()
    strange = offers.words.join(known, on="word", how="anti").filter(pl.col("word").str.contains(r"^\p{Latin}{3,}$"))
    if strange.is_empty() or pairs.is_empty():
        return offers.words
    near = pairs.join(strange, left_on="their_text", right_on="number").join(
        products.words.rename({"number": "our_text", "word": "ours"}), on="our_text"
    )
    couples = near.filter(pl.col("word").str.head(1) == pl.col("ours").str.head(1)).select("word", "ours").unique()
    scored = [(word, ours, _same_word(word, ours)) for word, ours in couples.sort("word", "ours").iter_rows()]
    found = pl.DataFrame(scored, schema={"word": pl.String, "ours": pl.String, "alike": pl.Float64}, orient="row")
    meant = found.filter(pl.col("alike") > 0).sort(["word", "alike", "ours"], descending=[False, True, False])
    stands = meant.unique("word", keep="first", maintain_order=True).select("word", "ours")
    meaning = offers.words.join(stands, on="word", how="left").with_columns(pl.coalesce("ours", "word").alias("word"))
    return meaning.group_by("number", "word").agg(pl.col("is_tail").min()).sort("number", "word")


def _same_word(word: str, ours: str) -> float:
    """How sure a word is ours misspelt or shortened, as in `stnwr` for stoneware; 0: it is not."""
    ratio = fuzz.ratio(word, ours)
    if len(word) > 4 and ratio >= _MISSPELT:
        return ratio
    rest = iter(ours)
    is_shortened = len(ours) - len(word) >= 2 and all(letter in rest for letter in word)
    return ratio if is_shortened else 0.0


def _of_offers(measured: pl.DataFrame, wanted: pl.DataFrame, products: Products) -> pl.DataFrame:
    joined = (
        wanted.select("offer", pl.col("title_text").alias("their_text"))
        .join(measured, on="their_text")
        .join(products.listings.rename({"title_text": "our_text"}), on="our_text")
    )
    return _likest(joined)


def _likest(joined: pl.DataFrame) -> pl.DataFrame:
    best = joined.sort(["offer", "product", "likeness"], descending=[False, False, True])
    return best.unique(["offer", "product"], keep="first", maintain_order=True).select(
        "offer", "product", "likeness", "is_foreign"
    )
