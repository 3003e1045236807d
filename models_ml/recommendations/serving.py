"""From scores to lists that a shop can show: what is for sale, earns something, and is not all of one kind."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import coo_matrix, csr_matrix  # type: ignore[import-untyped]

from models_ml.recommendations.config import RecommendationAssumptions

_ROWS = 1000
PRODUCT = {
    "product_id": pl.String,
    "category": pl.String,
    "product_group_id": pl.String,
    "unit_price_shop": pl.Float64,
    "unit_margin_shop": pl.Float64,
    "is_for_sale": pl.Boolean,
}


def for_sale(products: pl.DataFrame) -> pl.DataFrame:
    """The products that may be recommended, each with its weight by margin.

    Args:
        products: As `PRODUCT`. Without a margin nothing is held against a product; a product sold at a loss is out.

    Returns:
        `product_id, category, family, margin`: `family` is shared by the variants of one product; `margin` is the share
        of the price that is left, less the mean share, over the mean; 0 where it is not known.
    """
    share = pl.when(pl.col("unit_price_shop") > 0).then(pl.col("unit_margin_shop") / pl.col("unit_price_shop"))
    open_to = products.filter(pl.col("is_for_sale") & (pl.col("unit_margin_shop").fill_null(1) > 0))
    return (
        open_to.with_columns(share=share.clip(0, 1))
        .with_columns(margin=((pl.col("share") - pl.col("share").mean()) / pl.col("share").mean()).fill_null(0))
        .with_columns(margin=pl.col("margin").clip(-1, 1).round(6))
        .select("product_id", "category", pl.coalesce("product_group_id", "product_id").alias("family"), "margin")
        .sort("product_id")
    )


def lists(
    scored: pl.DataFrame,
    key: str,
    offer: pl.DataFrame,
    rules: RecommendationAssumptions,
    *,
    families_out: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """The rules of the house on scored products.

    A score grows by `margin_weight` times how much more than usual the product earns. Of one family one product stays,
    of one category `max_per_category` (products without a category are not held back); then the best `list_length`.

    Args:
        scored: The key, `product_id`, `score`, and whatever is to be kept.
        key: Column that names whose list it is.
        offer: As from `for_sale`; other products are left out.
        rules: Weights and lengths.
        families_out: The key and `family`: families that a list must not hold.

    Returns:
        The columns of `scored` with the new `score`, and `rank` from 1.
    """
    weighed = scored.join(offer, on="product_id").with_columns(
        score=(pl.col("score") * (1 + rules.margin_weight * pl.col("margin"))).round(5)
    )
    if families_out is not None:
        weighed = weighed.join(families_out, on=[key, "family"], how="anti")
    order = weighed.sort([key, "score", "product_id"], descending=[False, True, False])
    place = pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
    return (
        order.filter(place.over(key, "family") == 1)
        .filter(pl.col("category").is_null() | (place.over(key, "category") <= rules.max_per_category))
        .with_columns(rank=place.over(key))
        .filter(pl.col("rank") <= rules.list_length)
        .select(*[name for name in scored.columns if name != "rank"], "rank")
    )


def together(baskets: pl.DataFrame, rules: RecommendationAssumptions, *, largest: int) -> pl.DataFrame:
    """Products that the same orders, or the same customers, have.

    The score is the cosine of the products' columns, times n / (n + `together_shrink`) for n that have both.

    Args:
        baskets: `basket_id, product_id`, each once.
        rules: Least count, and how much a few are doubted.
        largest: Baskets of more products are left out.

    Returns:
        `source_product_id, product_id, together_count, score`, both ways.
    """
    counted = baskets.filter(pl.len().over("basket_id") <= largest)
    products = counted.select("product_id").unique().sort("product_id").with_row_index("code")
    names = counted.select("basket_id").unique().sort("basket_id").with_row_index("row")
    coded = counted.join(products, on="product_id").join(names, on="basket_id")
    held = csr_matrix(
        (np.ones(coded.height, dtype=np.int32), (coded["row"].to_numpy(), coded["code"].to_numpy())),
        shape=(names.height, products.height),
    )
    sizes = np.asarray(held.sum(axis=0), dtype=np.float64).ravel()
    columns = held.T.tocsr()
    # some products at a time: all pairs of many products at once are more than a machine holds
    found = [
        _pairs((columns[start : start + _ROWS] @ held).tocoo(), start, rules.least_together)
        for start in range(0, products.height, _ROWS)
    ]
    codes, others, counts = (np.concatenate([part[at] for part in found] or [np.empty(0, np.int64)]) for at in range(3))
    cosine = counts / np.sqrt(sizes[codes] * sizes[others])
    pairs = pl.DataFrame(
        {
            "code": codes,
            "other": others,
            "together_count": counts,
            "score": (cosine * counts / (counts + rules.together_shrink)).round(5),
        },
        schema={"code": pl.UInt32, "other": pl.UInt32, "together_count": pl.Int64, "score": pl.Float64},
    )
    return (
        pairs.join(products.rename({"product_id": "source_product_id"}), on="code")
        .join(products, left_on="other", right_on="code")
        .select("source_product_id", "product_id", "together_count", "score")
    )


def _pairs(
    block: coo_matrix, start: int, least: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The pairs of a block of products that enough baskets have: codes of the one, of the other, and counts."""
    rows = block.row.astype(np.int64) + start
    kept = (block.data >= least) & (rows != block.col)
    return rows[kept], block.col[kept].astype(np.int64), block.data[kept].astype(np.int64)


def same_category(offer: pl.DataFrame, popular: pl.DataFrame, sources: pl.DataFrame) -> pl.DataFrame:
    """For products that nobody has bought: what sells in their category.

    Args:
        offer: As from `for_sale`.
        popular: `product_id, score`.
        sources: `product_id, category` of the products without buyers.

    Returns:
        `source_product_id, product_id, score`.
    """
    best = offer.join(popular, on="product_id").select("product_id", "category", "score")
    return (
        sources.rename({"product_id": "source_product_id"})
        .join(best, on="category")
        .filter(pl.col("source_product_id") != pl.col("product_id"))
        .select("source_product_id", "product_id", "score")
    )
