"""Association rules: which products are bought together more often than chance would have it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from models_ml.baskets.config import least_count
from models_ml.baskets.counting import count_itemsets
from models_ml.baskets.significance import EARLY, SIGNIFICANCE, with_significance
from models_ml.tables import require_columns

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
    **SIGNIFICANCE,
}
JOINT = "+"


@dataclass(frozen=True)
class Baskets:
    """Baskets ready for counting.

    Attributes:
        lines: `basket` (number in time order, from 0), `item`, each pair once, of the baskets that count.
        basket_count: Baskets that count: the denominator of every share.
        early_basket_count: Half of them, those numbered first.
        left_out_count: Baskets longer than the cap.
        longest_items: Items of the longest basket, left out or not.
    """

    lines: pl.DataFrame
    basket_count: int
    early_basket_count: int
    left_out_count: int
    longest_items: int


def prepare(baskets: pl.DataFrame, *, max_basket_items: int | None = None) -> Baskets:
    """Removes repetitions and the baskets that are too long.

    A basket above the cap is left out whole and counted, rather than cut: which of its items to cut would be arbitrary.

    Args:
        baskets: `order_id, item`, a row for each item of an order; repetitions are allowed. With `order_date`, baskets
            are in the order of it; without, in that of their ids.
        max_basket_items: Longest basket that counts; None for no limit.

    Raises:
        ContractError: If a column is missing or holds nulls.
    """
    require_columns(baskets, ["order_id", "item"], table="baskets")
    dated = "order_date" in baskets.columns
    when = pl.col("order_date").min() if dated else pl.lit(0)
    sizes = baskets.group_by("order_id").agg(when=when, size=pl.col("item").n_unique())
    kept = sizes if max_basket_items is None else sizes.filter(pl.col("size") <= max_basket_items)
    numbered = kept.sort("when", "order_id").select("order_id", basket=pl.int_range(pl.len(), dtype=pl.Int32))
    lines = baskets.join(numbered, on="order_id").select("basket", "item").unique()
    longest = int(sizes["size"].max() or 0)  # type: ignore[arg-type]
    return Baskets(lines, kept.height, kept.height // 2, sizes.height - kept.height, longest)


def frequent_itemsets(
    baskets: pl.DataFrame,
    *,
    min_support: Fraction | str,
    min_count: int = 1,
    max_items: int | None = None,
    max_basket_items: int | None = None,
) -> pl.DataFrame:
    """Sets of items that occur together in at least a share of the baskets.

    Args:
        baskets: `order_id, item`.
        min_support: Least share of baskets, as text or fraction.
        min_count: Least number of baskets besides.
        max_items: Largest set; None for no limit.
        max_basket_items: Longest basket that counts.

    Returns:
        `items` (sorted list), `together_count`, `basket_count`, and both counts of the first half of the baskets;
        sorted by size and items.
    """
    ready = prepare(baskets, max_basket_items=max_basket_items)
    threshold = least_count(min_support, ready.basket_count, at_least=min_count)
    return count_itemsets(
        ready.lines,
        basket_count=ready.basket_count,
        early_basket_count=ready.early_basket_count,
        threshold=threshold,
        max_items=max_items,
    )


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
    total, early = (int(itemsets[name][0]) if itemsets.height else 0 for name in ("basket_count", "early_basket_count"))
    found = itemsets.select("items", "together_count", "early_count").iter_rows()
    counts = {tuple(items): (count, first) for items, count, first in found}
    splits = [
        (JOINT.join(left), JOINT.join(right), *_pairs(counts[left], counts[right], together, (total, early)))
        for items, together in counts.items()
        if len(items) > 1
        for left, right in _splits(items)
    ]
    # The total goes in row by row: polars divides by a literal through its reciprocal, and 3 / 5 is then not 0.6.
    early_columns: dict[str, type[pl.DataType]] = dict.fromkeys(EARLY, pl.Int64)
    rules = pl.DataFrame(splits, schema=dict(list(RULE_SCHEMA.items())[:6]) | early_columns, orient="row")
    measured = rules.with_columns(**_measures()).with_columns(
        conviction=pl.when(pl.col("together_count") < pl.col("antecedent_count")).then(pl.col("conviction"))
    )
    # What is frequent is tested, whatever its lift: to leave the others out first would flatter those that stay.
    return (
        with_significance(measured)
        .filter(pl.col("lift") >= min_lift)
        .select(list(RULE_SCHEMA))
        .sort("antecedent_product_ids", "consequent_product_ids")
    )


def _pairs(*counts: tuple[int, int]) -> list[int]:
    return [count for count, _ in counts] + [early for _, early in counts]


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
