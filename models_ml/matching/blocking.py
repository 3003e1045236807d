"""Which of our texts may mean what a text of theirs does: those that share words few of ours have.

All pairs of 500,000 offers and 50,000 products are too many to look at. Each text is a sparse row of words and pairs of
words, weighted by how rare they are among ours (TF-IDF); the product of the two matrices, some thousand rows at a time,
gives each text of theirs the few of ours with the greatest cosine.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

_LEAST_COSINE = 0.12  # most pairs share one word of many, and are not worth putting in order
CANDIDATES = {"their_text": pl.Int64, "our_text": pl.Int64, "cosine": pl.Float64}


def candidates(theirs: pl.DataFrame, ours: pl.DataFrame, *, most: int, common: int, cells: int) -> pl.DataFrame:
    """The texts of ours that are nearest to each of theirs.

    Args:
        theirs: `number, word`, each pair once; numbers from 0.
        ours: The same.
        most: So many at most for each of theirs.
        common: A word in more of our texts than that is used only in pairs with another.
        cells: Cells of the product held at once.

    Returns:
        Columns of `CANDIDATES`, nearest first for each of theirs; equal ones in the order of our numbers.
    """
    left, right = _with_pairs(theirs), _with_pairs(ours)
    counts = right.group_by("word").len("texts").filter(pl.col("texts") <= common)
    known = counts.join(left.select("word").unique(), on="word", how="semi").sort("word")
    if known.is_empty():
        return pl.DataFrame(schema=CANDIDATES)
    total = int(ours["number"].n_unique())
    vocabulary = known.with_columns(
        column=pl.int_range(pl.len(), dtype=pl.Int64), weight=((total + 1) / pl.col("texts")).log() + 1.0
    )
    left_rows, right_rows = _matrix(left, vocabulary, theirs), _matrix(right, vocabulary, ours)
    cost = np.asarray((left_rows != 0) @ vocabulary["texts"].to_numpy().astype(np.float64))
    turned = right_rows.T.tocsr()
    found = [_nearest(left_rows[start:end] @ turned, start, most) for start, end in _slices(cost, cells)]
    return pl.concat(found) if found else pl.DataFrame(schema=CANDIDATES)


def _with_pairs(words: pl.DataFrame) -> pl.DataFrame:
    """The words of each text, and each pair of them: "linen cushion" is rare where linen and cushion are not."""
    kept = words.filter(pl.len().over("number") <= 14)  # of a longer text the words alone are rare enough
    pairs = (
        kept.join(kept, on="number", suffix="_two")
        .filter(pl.col("word") < pl.col("word_two"))
        .select("number", pl.format("{} {}", "word", "word_two").alias("word"))
    )
    return pl.concat([words.select("number", "word"), pairs])


def _matrix(words: pl.DataFrame, vocabulary: pl.DataFrame, texts: pl.DataFrame) -> csr_matrix:
    cells = words.join(vocabulary, on="word").with_columns(
        weight=pl.col("weight") / pl.col("weight").pow(2).sum().over("number").sqrt()
    )
    height = texts.select((pl.col("number").max() + 1).fill_null(0)).item()
    place = (cells["number"].to_numpy(), cells["column"].to_numpy())
    return csr_matrix((cells["weight"].to_numpy(), place), shape=(height, vocabulary.height))


def _slices(cost: np.ndarray[Any, Any], cells: int) -> Iterator[tuple[int, int]]:
    """Runs of rows whose product has about so many cells at most; a row by itself may have more."""
    start, held = 0, 0.0
    for row, price in enumerate(cost.tolist()):
        if held and held + price > cells:
            yield start, row
            start, held = row, 0.0
        held += price
    if start < len(cost):
        yield start, len(cost)


def _nearest(product: csr_matrix, start: int, most: int) -> pl.DataFrame:
    entries = product.tocoo()
    kept = entries.data >= _LEAST_COSINE
    frame = pl.DataFrame(
        {
            "their_text": entries.row[kept].astype(np.int64) + start,
            "our_text": entries.col[kept].astype(np.int64),
            # Rounded, so that the order of additions cannot decide which of two equals comes first.
            "cosine": np.round(entries.data[kept], 9),
        },
        schema=CANDIDATES,
    )
    ranked = frame.sort(["their_text", "cosine", "our_text"], descending=[False, True, False])
    return ranked.filter(pl.int_range(pl.len()).over("their_text") < most)
