"""Association rules: which products are bought together more often than chance would have it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl

from models_ml.baskets.config import least_count
from models_ml.tables import require_columns

ITEMSET_SCHEMA: dict[str, pl.DataType] = {
    "items": pl.List(pl.String),
    "together_count": pl.Int64(),
    "basket_count": pl.Int64(),
}
RULE_SCHEMA: dict[str, type[pl.DataType]] = {
    "antecedent_product_ids": pl.String,
    "consequent_product_ids": pl.String,
    "antecedent_count": pl.Int64,
    "consequent_count": pl.Int64,
    "together_count": pl.Int64,
    "basket_count": pl.Int64,
    "support": pl.Float64,
    "confidence": pl.Float64,
    "lift": pl.Float64,
    "leverage": pl.Float64,
    "conviction": pl.Float64,
    "zhangs_metric": pl.Float64,
}
JOINT = "+"


@dataclass(frozen=True)
class Baskets:
    """Baskets ready for counting.

    Attributes:
        lines: `order_id, item`, each pair once, of the baskets that count.
        basket_count: Baskets that count: the denominator of every share.
        left_out_count: Baskets longer than the cap.
    """

    lines: pl.DataFrame
    basket_count: int
    left_out_count: int


def prepare(baskets: pl.DataFrame, *, max_basket_items: int | None = None) -> Baskets:
    """Removes repetitions and the baskets that are too long.

    A basket above the cap is left out whole and counted, rather than cut: which of its items to cut would be arbitrary.

    Args:
        baskets: `order_id, item`, a row for each item of an order; repetitions are allowed.
        max_basket_items: Longest basket that counts; None for no limit.

    Raises:
        ContractError: If a column is missing or holds nulls.
    """
    require_columns(baskets, ["order_id", "item"], table="baskets")
    lines = baskets.select("order_id", "item").unique()
    sizes = lines.group_by("order_id").len()
    kept = sizes if max_basket_items is None else sizes.filter(pl.col("len") <= max_basket_items)
    return Baskets(lines.join(kept, on="order_id", how="semi"), kept.height, sizes.height - kept.height)


def frequent_itemsets(
    baskets: pl.DataFrame,
    *,
    min_support: Fraction | str,
    min_count: int = 1,
    max_items: int | None = None,
    max_basket_items: int | None = None,
) -> pl.DataFrame:
    """Sets of items that occur together in at least a share of the baskets (FP-growth, by mlxtend).

    Args:
        baskets: `order_id, item`.
        min_support: Least share of baskets, as text or fraction.
        min_count: Least number of baskets besides.
        max_items: Largest set; None for no limit.
        max_basket_items: Longest basket that counts.

    Returns:
        `items` (sorted list), `together_count`, `basket_count`; sorted by size and items.
    """
    ready = prepare(baskets, max_basket_items=max_basket_items)
    threshold = least_count(min_support, ready.basket_count, at_least=min_count)
    return _count(ready, threshold, max_items)


def _count(ready: Baskets, threshold: int, max_items: int | None) -> pl.DataFrame:
    """Counts by mlxtend on a sparse matrix of the items that are frequent by themselves."""
    frequent = ready.lines.group_by("item").len().filter(pl.col("len") >= threshold).select("item")
    lines = ready.lines.join(frequent, on="item", how="semi")
    if lines.is_empty():
        return pl.DataFrame(schema=ITEMSET_SCHEMA)
    import pandas as pd
    from mlxtend.frequent_patterns import fpgrowth  # type: ignore[import-untyped]
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

    rows, _ = _numbered(lines["order_id"])
    columns, names = _numbered(lines["item"])
    # Baskets without a frequent item need no row, but count in the shares: hence counts here, not supports.
    cells = csr_matrix((np.ones(len(rows), dtype=np.bool_), (rows, columns)), shape=(int(rows.max()) + 1, len(names)))
    sparse: Any = pd.DataFrame.sparse  # the stubs know the accessor of a frame only, not of the class
    matrix = sparse.from_spmatrix(cells)
    # Half a basket below the threshold: no rounding of the quotient can lose a set that is exactly on it.
    found = fpgrowth(matrix, min_support=(threshold - 0.5) / len(matrix), max_len=max_items)
    counts = np.rint(found["support"].to_numpy() * len(matrix)).astype(np.int64)
    return pl.DataFrame(
        {
            "items": [sorted(names[column] for column in items) for items in found["itemsets"]],
            "together_count": counts,
            "basket_count": np.full(len(counts), ready.basket_count, dtype=np.int64),
        },
        schema=ITEMSET_SCHEMA,
    ).sort(pl.col("items").list.len(), pl.col("items").list.join(JOINT))


def _numbered(values: pl.Series) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], list[str]]:
    names = values.unique().sort()
    numbers = values.replace_strict(names, pl.int_range(len(names), eager=True), return_dtype=pl.Int64)
    return numbers.to_numpy(), [str(name) for name in names]


def rules_from_itemsets(itemsets: pl.DataFrame, *, min_lift: float = 1.0) -> pl.DataFrame:
    """Every split of every frequent set into "who buys this" and "also buys that", measured from whole numbers.

    Support, confidence and lift after Agrawal & Srikant (1994) and Brin et al. (1997, also conviction), leverage after
    Piatetsky-Shapiro (1991), Zhang's metric after Zhang (2000). Conviction is empty where every basket with the
    antecedent has the consequent (it is infinite there). `support` is that of the whole rule, together_count over
    basket_count; older mlxtend printed the antecedent's.

    Args:
        itemsets: As from `frequent_itemsets`; complete, so that each subset of a set is in it.
        min_lift: Least lift.

    Returns:
        Columns of `RULE_SCHEMA`; ids joined by `+` within a side; sorted by both sides.
    """
    total = int(itemsets["basket_count"][0]) if itemsets.height else 0
    counts = {tuple(items): count for items, count in itemsets.select("items", "together_count").iter_rows()}
    splits = [
        (JOINT.join(left), JOINT.join(right), counts[left], counts[right], together, total)
        for items, together in counts.items()
        if len(items) > 1
        for left, right in _splits(items)
    ]
    # The total goes in row by row: polars divides by a literal through its reciprocal, and 3 / 5 is then not 0.6.
    rules = pl.DataFrame(splits, schema=dict(list(RULE_SCHEMA.items())[:6]), orient="row")
    measured = rules.with_columns(**_measures()).with_columns(
        conviction=pl.when(pl.col("together_count") < pl.col("antecedent_count")).then(pl.col("conviction"))
    )
    return (
        measured.filter(pl.col("lift") >= min_lift)
        .select(list(RULE_SCHEMA))
        .sort("antecedent_product_ids", "consequent_product_ids")
    )


def _splits(items: tuple[str, ...]) -> Iterable[tuple[tuple[str, ...], tuple[str, ...]]]:
    for mask in range(1, 2 ** len(items) - 1):
        left = tuple(item for place, item in enumerate(items) if mask >> place & 1)
        yield left, tuple(item for item in items if item not in left)


def _measures() -> dict[str, pl.Expr]:
    """The measures in whole numbers as far as they go, so that equal counts give equal values to the last bit."""
    left, right, both, all_ = (
        pl.col(name) for name in ("antecedent_count", "consequent_count", "together_count", "basket_count")
    )
    surplus = both * all_ - left * right
    zhang = pl.max_horizontal(both * (all_ - left), left * (right - both))
    return {
        "support": both / all_,
        "confidence": both / left,
        "lift": (both * all_) / (left * right),
        "leverage": surplus / (all_ * all_),
        "conviction": (left * (all_ - right)) / (all_ * (left - both)),
        "zhangs_metric": pl.when(zhang == 0).then(0.0).otherwise(surplus / zhang),
    }
