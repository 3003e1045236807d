"""What to do with the rules: what to offer beside a product, and what to sell together."""

from __future__ import annotations

import polars as pl

from models_ml.baskets.config import BasketAssumptions
from models_ml.baskets.rules import JOINT
from models_ml.tables import MONEY

CROSS_SELL = {
    "product_id": pl.String,
    "offered_product_id": pl.String,
    "rank": pl.Int64,
    "together_count": pl.Int64,
    "confidence": pl.Float64,
    "lift": pl.Float64,
    "q_value": pl.Float64,
    "chances_per_year": pl.Float64,
    "extra_units_per_year": pl.Float64,
    "unit_price_shop": MONEY,
    "unit_margin_shop": MONEY,
    "extra_sales_per_year_shop": MONEY,
    "extra_margin_per_year_shop": MONEY,
}
BUNDLE = {
    "bundle_product_ids": pl.String,
    "rank": pl.Int64,
    "item_count": pl.Int64,
    "together_count": pl.Int64,
    "all_confidence": pl.Float64,
    "lift": pl.Float64,
    "price_shop": MONEY,
    "margin_shop": MONEY,
    "break_even_discount_pct": pl.Float64,
}
PRICES = {"product_id": pl.String, "unit_price_shop": pl.Float64, "unit_margin_shop": pl.Float64}


def proven(rules: pl.DataFrame, assumptions: BasketAssumptions) -> pl.DataFrame:
    """The rules to act on: more than chance after correction, and so in both halves of the time."""
    return rules.filter(pl.col("is_stable") & (pl.col("q_value") <= assumptions.max_q_value) & (pl.col("lift") > 1))


def cross_sell(rules: pl.DataFrame, prices: pl.DataFrame, days: int, assumptions: BasketAssumptions) -> pl.DataFrame:
    """What to offer beside each product, with the margin to expect from it.

    There is a chance in every basket with the product and without the other. Of those customers the assumed share of
    the confidence says yes; each takes one. Margins are empty where no source tells the cost.

    Args:
        rules: As from `rules_from_itemsets`, the trivial ones left out.
        prices: `product_id, unit_price_shop, unit_margin_shop`.
        days: How long the baskets took to come together.
        assumptions: Take-up share, and how many to keep.
    """
    plain = pl.all_horizontal(~pl.col(side).str.contains(JOINT, literal=True) for side in _SIDES)
    year = 365 / max(days, 1)
    offered = (
        proven(rules, assumptions)
        .filter(plain)
        .join(prices, left_on="consequent_product_ids", right_on="product_id", how="left")
        .with_columns(chances_per_year=(pl.col("antecedent_count") - pl.col("together_count")) * year)
        .with_columns(
            extra_units_per_year=pl.col("chances_per_year") * pl.col("confidence") * assumptions.take_up_share
        )
        .with_columns(
            extra_sales_per_year_shop=(pl.col("extra_units_per_year") * pl.col("unit_price_shop")).cast(MONEY),
            extra_margin_per_year_shop=(pl.col("extra_units_per_year") * pl.col("unit_margin_shop")).cast(MONEY),
        )
    )
    ranked = offered.sort(
        ["extra_margin_per_year_shop", "extra_sales_per_year_shop", "lift", *_SIDES],
        descending=[True, True, True, False, False],
        nulls_last=True,
    ).head(assumptions.max_cross_sell)
    return (
        ranked.with_columns(
            pl.col("unit_price_shop", "unit_margin_shop").cast(MONEY), rank=pl.int_range(1, pl.len() + 1)
        )
        .rename({"antecedent_product_ids": "product_id", "consequent_product_ids": "offered_product_id"})
        .select(list(CROSS_SELL))
    )


_SIDES = ("antecedent_product_ids", "consequent_product_ids")


def bundles(
    rules: pl.DataFrame, family: pl.DataFrame, prices: pl.DataFrame, assumptions: BasketAssumptions
) -> pl.DataFrame:
    """Sets of products to sell as one.

    Every split of the set is a proven rule, no two of its products belong to one family, and whoever buys any of them
    buys all with at least `min_all_confidence`. Ranked by the margin of what was bought together; a set that shares two
    products with a better one is left out. `break_even_discount_pct` is the discount on the set at which a customer who
    came for its most bought product brings the margin that they bring today, the others' by their confidence.

    Args:
        rules: As from `rules_from_itemsets`.
        family: As from `trivial.families`.
        prices: `product_id, unit_price_shop, unit_margin_shop`.
        assumptions: What is close enough, and how many to keep.
    """
    items = pl.concat_list(*[pl.col(side).str.split(JOINT) for side in _SIDES]).list.sort().list.join(JOINT)
    whole = rules.with_columns(set=items)
    held = proven(whole, assumptions).group_by("set").len()
    every = whole.group_by("set").agg(
        pl.len(),
        all_confidence=pl.col("confidence").min(),
        lift=pl.col("lift").min(),
        together_count=pl.col("together_count").first(),
        item_count=pl.col("set").first().str.split(JOINT).list.len().cast(pl.Int64),
    )
    sets = every.filter(
        (pl.col("len") == 2 ** pl.col("item_count") - 2) & (pl.col("all_confidence") >= assumptions.min_all_confidence)
    ).join(held, on=["set", "len"], how="semi")
    parts = sets.select("set", item=pl.col("set").str.split(JOINT)).explode("item", empty_as_null=True)
    shared = parts.join(family, on="item").group_by("set", "family").len().filter(pl.col("len") > 1)
    sums = (
        parts.join(prices, left_on="item", right_on="product_id", how="left")
        .join(_extra_margin(rules, parts, prices), on=["set", "item"], how="left")
        .group_by("set")
        .agg(
            price_shop=_whole_sum("unit_price_shop"),
            margin_shop=_whole_sum("unit_margin_shop"),
            extra=pl.when(pl.col("unit_margin_shop").null_count() == 0).then(pl.col("extra").sum()),
        )
    )
    ranked = (
        sets.join(shared, on="set", how="anti")
        .join(sums, on="set")
        .with_columns(worth=pl.col("together_count") * pl.coalesce("margin_shop", "price_shop", pl.lit(0.0)).round(4))
        .sort(["worth", "set"], descending=[True, False], nulls_last=True)
        .head(10 * assumptions.max_bundles)
    )
    distinct = ranked.filter(pl.Series(_distinct(ranked["set"].to_list()), dtype=pl.Boolean))
    return distinct.head(assumptions.max_bundles).select(
        pl.col("set").alias("bundle_product_ids"),
        pl.int_range(1, pl.len() + 1).alias("rank"),
        "item_count",
        "together_count",
        "all_confidence",
        "lift",
        pl.col("price_shop", "margin_shop").cast(MONEY),
        pl.when((pl.col("price_shop") > 0) & (pl.col("extra") > 0))
        .then(100 * pl.col("extra") / pl.col("price_shop"))
        .alias("break_even_discount_pct"),
    )


def _extra_margin(rules: pl.DataFrame, parts: pl.DataFrame, prices: pl.DataFrame) -> pl.DataFrame:
    """What each product of a set adds beyond what the set's most bought product brings with it today."""
    counts = rules.select(item="antecedent_product_ids", count="antecedent_count").unique()
    counted = parts.join(counts, on="item")
    anchors = counted.sort(["set", "count", "item"], descending=[False, True, False]).group_by(
        "set", maintain_order=True
    ).agg(anchor=pl.col("item").first())  # fmt: skip
    pairs = rules.select(anchor="antecedent_product_ids", item="consequent_product_ids", confidence="confidence")
    return (
        parts.join(anchors, on="set")
        .filter(pl.col("item") != pl.col("anchor"))
        .join(pairs, on=["anchor", "item"], how="left")
        .join(prices, left_on="item", right_on="product_id", how="left")
        .select("set", "item", extra=(1 - pl.col("confidence").fill_null(0.0)) * pl.col("unit_margin_shop"))
    )


def _whole_sum(column: str) -> pl.Expr:
    """The sum, or nothing if a part of it is not known."""
    return pl.when(pl.col(column).null_count() == 0).then(pl.col(column).sum())


def _distinct(sets: list[str]) -> list[bool]:
    """Which sets share fewer than two products with every better one that is kept."""
    kept: list[frozenset[str]] = []
    answers: list[bool] = []
    for text in sets:
        items = frozenset(text.split(JOINT))
        new = all(len(items & other) < 2 for other in kept)
        answers.append(new)
        if new:
            kept.append(items)
    return answers
