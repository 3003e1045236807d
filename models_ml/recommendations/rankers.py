"""The rival methods: what is bought now, products bought by the same customers, and factors of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from implicit.als import AlternatingLeastSquares  # type: ignore[import-untyped] # it has no types
from implicit.nearest_neighbours import ItemItemRecommender, bm25_weight  # type: ignore[import-untyped] # it has no types
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from models_ml.recommendations.config import RecommendationAssumptions
from models_ml.recommendations.interactions import Floats, Interactions, relative

Rows = npt.NDArray[np.int64]
Scorer = Callable[[Rows], Floats]

POPULARITY, ITEM_ITEM, ITEM_ITEM_NOW, ALS, ALS_NOW = "popularity", "item_item", "item_item_now", "als", "als_now"
METHODS = (POPULARITY, ITEM_ITEM, ITEM_ITEM_NOW, ALS, ALS_NOW)  # the plainest first
_CHUNK_BYTES = 64 * 2**20
_FOUND = {"row": pl.UInt32, "column": pl.UInt32, "score": pl.Float64}


@dataclass(frozen=True)
class Fitted:
    """The methods, fitted on the same purchases.

    Attributes:
        data: The purchases.
        scorers: By method, a function from rows of customers to scores, shape (rows, products).
    """

    data: Interactions
    scorers: dict[str, Scorer]


def fit(data: Interactions, rules: RecommendationAssumptions, methods: tuple[str, ...] = METHODS) -> Fitted:
    """Fits the methods; one thread, so that the same purchases give the same factors.

    Item-item: inner products of columns weighted by Okapi BM25 (Sarwar et al. 2001; implicit's weights). ALS: implicit
    feedback after Hu, Koren and Volinsky 2008. `_now` adds what is bought now to either.
    """
    scorers: dict[str, Scorer] = {
        POPULARITY: lambda rows: np.broadcast_to(data.now, (len(rows), len(data.now))),
    }
    with threadpool_limits(1):
        if {ITEM_ITEM, ITEM_ITEM_NOW} & set(methods):
            similar = ItemItemRecommender(K=rules.neighbours, num_threads=1)
            # products are the documents, and customers the terms
            weighted = bm25_weight(data.bought.T, K1=rules.bm25_k1, B=rules.bm25_b).T.tocsr()
            similar.fit(weighted, show_progress=False)
            scorers[ITEM_ITEM] = lambda rows: relative((data.recent[rows] @ similar.similarity).toarray())
            scorers[ITEM_ITEM_NOW] = _with_now(scorers[ITEM_ITEM], data, rules.item_item_now)
        if {ALS, ALS_NOW} & set(methods):
            factors = AlternatingLeastSquares(
                factors=min(rules.als_factors, max(1, min(data.bought.shape) - 1)),
                regularization=rules.als_regularization,
                alpha=rules.als_alpha,
                iterations=rules.als_iterations,
                random_state=rules.seed,
                num_threads=1,
            )
            factors.fit(data.recent, show_progress=False)
            scorers[ALS] = lambda rows: relative(factors.user_factors[rows] @ factors.item_factors.T)
            scorers[ALS_NOW] = _with_now(scorers[ALS], data, rules.als_now)
    return Fitted(data, {name: scorers[name] for name in methods})


def best(
    fitted: Fitted, method: str, customers: pl.Series, count: int, *, among: pl.Series | None = None
) -> pl.DataFrame:
    """Each customer's best products by a method, those they bought left out.

    Args:
        fitted: The methods.
        method: One of them.
        customers: Ids; the unknown are left out.
        count: How many products each.
        among: The products that may be recommended; all by default.

    Returns:
        `customer_id, product_id, score, rank`; fewer than `count` rows where no more have a score above zero.
    """
    data = fitted.data
    known = customers.filter(customers.is_in(data.customers.implode())).unique().sort()
    rows = data.customers.search_sorted(known).to_numpy().astype(np.int64)
    allowed = np.ones(len(data.products), dtype=bool)
    if among is not None:
        allowed = data.products.is_in(among.implode()).to_numpy()
    frames = [
        _top(fitted.scorers[method](chunk), data, chunk, min(count, int(allowed.sum())), allowed)
        for chunk in _chunks(rows, len(data.products))
    ]
    found = pl.concat(frames) if frames else pl.DataFrame(schema=_FOUND)
    return (
        found.filter(pl.col("score") > 0)
        .sort(["row", "score", "column"], descending=[False, True, False])
        .with_columns(rank=pl.int_range(1, pl.len() + 1).over("row"))
        .join(pl.DataFrame({"customer_id": data.customers}).with_row_index("row"), on="row", maintain_order="left")
        .join(pl.DataFrame({"product_id": data.products}).with_row_index("column"), on="column", maintain_order="left")
        .select("customer_id", "product_id", "score", "rank")
    )


def _with_now(scorer: Scorer, data: Interactions, weight: float) -> Scorer:
    return lambda rows: np.asarray(np.maximum(scorer(rows), 0) + weight * data.now, dtype=np.float32)


def _top(scores: Floats, data: Interactions, rows: Rows, count: int, allowed: npt.NDArray[np.bool_]) -> pl.DataFrame:
    open_to = np.where(allowed, scores, -np.inf)
    open_to[data.bought[rows].nonzero()] = -np.inf
    if count == 0:
        return pl.DataFrame(schema=_FOUND)
    columns = np.argpartition(-open_to, count - 1, axis=1)[:, :count]
    return pl.DataFrame(
        {
            "row": np.repeat(rows, count),
            "column": columns.ravel(),
            # in steps that leave out what differs with the order of a sum
            "score": np.take_along_axis(open_to, columns, axis=1).ravel().astype(np.float64).round(5),
        },
        schema_overrides=_FOUND,
    )


def _chunks(rows: Rows, width: int) -> Iterator[Rows]:
    """So many customers at a time that their scores stay within bounds."""
    size = max(1, _CHUNK_BYTES // (4 * max(width, 1)))
    return (rows[start : start + size] for start in range(0, len(rows), size))
