"""Rules that are no news: between variants of one product, and between what is sold as one bundle."""

from __future__ import annotations

import polars as pl

SIDES = ("antecedent_product_ids", "consequent_product_ids")
PRODUCT_COLUMNS = {"product_id": pl.String, "product_group_id": pl.String}
COMPONENT_COLUMNS = {"bundle_product_id": pl.String, "component_product_id": pl.String}


def families(items: pl.Series, products: pl.DataFrame | None, components: pl.DataFrame | None) -> pl.DataFrame:
    """What an item belongs to.

    Args:
        items: Product ids.
        products: `product_id, product_group_id` (null where the source has no variants).
        components: `bundle_product_id, component_product_id`.

    Returns:
        `item`, `family`, a row for each: the product whose variant it is; without one, ids of the same digits with
        another letter behind are variants (`85123A`, `85123B`), and ids of another shape their own product; besides,
        each bundle that it is or is a part of.
    """
    known = products if products is not None else pl.DataFrame(schema=PRODUCT_COLUMNS)
    parts = components if components is not None else pl.DataFrame(schema=COMPONENT_COLUMNS)
    base = pl.col("item").str.replace(r"^(\d+)[A-Z]+$", "$1")
    own = (
        pl.DataFrame({"item": items.unique().sort()})
        .join(known.select("product_id", "product_group_id"), left_on="item", right_on="product_id", how="left")
        .select("item", family=pl.coalesce(pl.format("group {}", "product_group_id"), pl.format("id {}", base)))
    )
    bundle = pl.format("bundle {}", "bundle_product_id")
    return pl.concat(
        [
            own,
            parts.select(item="component_product_id", family=bundle),
            parts.select(item="bundle_product_id", family=bundle),
        ]
    ).unique(maintain_order=True)


def without_trivial(rules: pl.DataFrame, family: pl.DataFrame) -> pl.DataFrame:
    """Leaves out the rules whose two sides have a family in common.

    That who buys the red one buys the blue one too is no news, and would fill the head of the list.
    """
    numbered = rules.with_row_index("rule")
    left, right = (
        numbered.select("rule", item=pl.col(side).str.split("+"))
        .explode("item", empty_as_null=True)
        .join(family, on="item")
        .select("rule", "family")
        for side in SIDES
    )
    trivial = left.join(right, on=["rule", "family"], how="semi").select("rule").unique()
    return numbered.join(trivial, on="rule", how="anti", maintain_order="left").drop("rule")
