"""Who bought what, as a matrix."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

from models_ml.recommendations.config import RecommendationAssumptions

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Interactions:
    """The customers' purchases before a day.

    Attributes:
        customers: Their ids, sorted; the rows of the matrices.
        products: Their ids, sorted; the columns.
        bought: 1 where a customer bought a product.
        recent: The same, halved with every half-life since the last time.
        now: Customers of each product over the last days, relative to the mean of the ten best: what is bought now.
    """

    customers: pl.Series
    products: pl.Series
    bought: csr_matrix
    recent: csr_matrix
    now: Floats

    @property
    def is_empty(self) -> bool:
        """Whether nobody bought anything."""
        return not self.bought.nnz


def interactions(purchases: pl.DataFrame, *, until: date, rules: RecommendationAssumptions) -> Interactions:
    """The purchases before a day as matrices.

    Args:
        purchases: `customer_id, product_id, order_date`; repetitions may be.
        until: The first day that is not known.
        rules: History, half-life, and how long "now" lasts.
    """
    known = purchases.filter(
        (pl.col("order_date") < until) & (pl.col("order_date") >= until - timedelta(days=rules.history_days))
    )
    pairs = known.group_by("customer_id", "product_id").agg(last=pl.col("order_date").max())
    customers, products = (pairs[name].unique().sort() for name in ("customer_id", "product_id"))
    coded = pairs.with_columns(
        row=_code(pairs["customer_id"], customers),
        column=_code(pairs["product_id"], products),
        age=(pl.lit(until) - pl.col("last")).dt.total_days(),
    ).sort("row", "column")
    place = (coded["row"].to_numpy(), coded["column"].to_numpy())
    shape = (len(customers), len(products))
    weight = np.power(0.5, coded["age"].to_numpy() / rules.half_life_days)
    bought = csr_matrix((np.ones(coded.height, dtype=np.float32), place), shape=shape)
    return Interactions(
        customers=customers,
        products=products,
        bought=bought,
        recent=csr_matrix((weight.astype(np.float32), place), shape=shape),
        now=_now(known, products, until, rules),
    )


def relative(scores: Floats, best: int = 10) -> Floats:
    """Scores as multiples of the mean of their row's best, so that those of different methods can be added.

    Args:
        scores: Shape (rows, products), or (products,).
        best: How many count.
    """
    count = min(best, scores.shape[-1])
    if not count:
        return scores
    top = np.partition(scores, -count, axis=-1)[..., -count:].mean(axis=-1, keepdims=True)
    return np.asarray(scores / np.maximum(top, 1e-9), dtype=np.float32)


def last_days(purchases: pl.DataFrame, *, until: date, days: int) -> pl.DataFrame:
    """The purchases of the last days before the newest one, so that a source that is late leaves something to go by.

    Args:
        purchases: With `order_date`.
        until: The first day that is not known.
        days: How many.
    """
    known = purchases.filter(pl.col("order_date") < until)
    return known.filter(pl.col("order_date") > pl.col("order_date").max() - pl.duration(days=days))


def _now(known: pl.DataFrame, products: pl.Series, until: date, rules: RecommendationAssumptions) -> Floats:
    counts = (
        last_days(known, until=until, days=rules.now_days)
        .group_by("product_id")
        .agg(buyers=pl.col("customer_id").n_unique())
    )
    every = pl.DataFrame({"product_id": products}).join(counts, on="product_id", how="left", maintain_order="left")
    return relative(every["buyers"].fill_null(0).to_numpy().astype(np.float32))


def _code(values: pl.Series, names: pl.Series) -> pl.Series:
    return names.search_sorted(values).cast(pl.Int64)
