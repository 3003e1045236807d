"""How much two titles say the same: their shared words, weighted by what each tells, and their letters."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from rapidfuzz import fuzz, process
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

from models_ml.matching.normalise import head

_UNKNOWN: Final = 0.35  # what a word that none of our titles has tells, against a middling one: mostly "free delivery"
_THEIRS, _OURS = 0.7, 1.0  # a word that only they have may be decoration; one of ours that they lack names something
_TAIL: Final = 0.4  # what a word behind a bar tells against, if it is not ours
_LETTERS: Final = 0.25  # share of the letters' likeness in the whole: it forgives misspelt words
_AT_ONCE: Final = 200_000  # pairs


def likeness(
    pairs: pl.DataFrame, theirs: pl.DataFrame, ours: pl.DataFrame, their_texts: pl.Series, our_texts: pl.Series
) -> pl.DataFrame:
    """The pairs with what their titles share.

    Args:
        pairs: `their_text, our_text`: numbers of texts.
        theirs: `number, word, is_tail` of their texts.
        ours: `number, word` of ours.
        their_texts: The texts by number.
        our_texts: The same of ours.

    Returns:
        The pairs with `likeness` from 0 to 1, and `is_foreign`: whether their words are not among ours at all, so
        that nothing follows from what is not shared.
    """
    if pairs.is_empty():
        return pairs.with_columns(likeness=pl.lit(None, pl.Float64), is_foreign=pl.lit(None, pl.Boolean))
    vocabulary = _vocabulary(theirs, ours)
    told = theirs.with_columns(value=pl.when("is_tail").then(_TAIL).otherwise(1.0))
    left, right = _matrix(told, vocabulary, len(their_texts)), _matrix(ours, vocabulary, len(our_texts))
    heads = their_texts.to_frame("text").select(head(pl.col("text"))).to_series()
    weight = vocabulary["weight"].to_numpy()
    known = vocabulary["is_known"].to_numpy().astype(np.float64)
    measured = []
    for part in pairs.iter_slices(_AT_ONCE):
        rows, columns = part["their_text"].to_numpy(), part["our_text"].to_numpy()
        one, two = left[rows], right[columns]
        shared = np.asarray((one != 0).multiply(two) @ weight)
        only_theirs = np.asarray(one @ weight) - np.asarray(one.multiply(two) @ weight)
        only_ours = np.asarray(two @ weight) - shared
        total = shared + _THEIRS * only_theirs + _OURS * only_ours
        by_words = np.divide(shared, total, out=np.zeros_like(shared), where=total > 0)
        letters = process.cpdist(
            heads.gather(rows).to_list(), our_texts.gather(columns).to_list(), scorer=fuzz.token_sort_ratio
        )
        known_share = np.asarray(one @ known) / np.maximum(np.asarray(one.sum(axis=1)).ravel(), 1)
        like = (1 - _LETTERS) * by_words + _LETTERS * np.asarray(letters, dtype=np.float64) / 100
        measured.append(
            part.with_columns(likeness=pl.Series(np.round(like, 6)), is_foreign=pl.Series(known_share < 0.5))
        )
    return pl.concat(measured)


def _vocabulary(theirs: pl.DataFrame, ours: pl.DataFrame) -> pl.DataFrame:
    """`word, column, weight, is_known`: the rarer among our titles, the more a word tells."""
    total = max(int(ours["number"].n_unique()), 1)
    counts = ours.group_by("word").len("texts")
    known = counts.with_columns(weight=((total + 1) / pl.col("texts")).log() + 1.0, is_known=pl.lit(value=True))
    middling = float(known["weight"].median() or 1.0)  # type: ignore[arg-type]  # a number, as declared
    unknown = (
        theirs.select("word")
        .unique()
        .join(counts, on="word", how="anti")
        .with_columns(weight=pl.lit(_UNKNOWN * middling), is_known=pl.lit(value=False))
    )
    return pl.concat([known.drop("texts"), unknown]).sort("word").with_row_index("column")


def _matrix(words: pl.DataFrame, vocabulary: pl.DataFrame, height: int) -> csr_matrix:
    cells = words.join(vocabulary.select("word", "column"), on="word")
    place = (cells["number"].to_numpy(), cells["column"].to_numpy())
    values = cells["value"].to_numpy() if "value" in cells.columns else np.ones(cells.height)
    return csr_matrix((values, place), shape=(height, vocabulary.height))
