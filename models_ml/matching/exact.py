"""Numbers that name a product: its GTIN, and its maker's part number beside the maker's name."""

from __future__ import annotations

import polars as pl

from models_ml.matching.config import MatchingAssumptions
from models_ml.matching.normalise import part_key
from models_ml.matching.subjects import Offers, Products

GTIN, BRAND_MPN, TEXT, PERSON = "gtin", "brand_mpn", "text", "person"


def gtin_pairs(offers: Offers, products: Products) -> pl.DataFrame:
    """`offer, product` of one GTIN; several where products of ours share it."""
    ours = products.table.select("product", pl.col("gtins").alias("gtin14")).explode("gtin14").drop_nulls()
    return offers.table.select("offer", "gtin14").drop_nulls().join(ours, on="gtin14").select("offer", "product")


def part_pairs(offers: Offers, products: Products) -> pl.DataFrame:
    """`offer, product` of one part number and maker.

    A merchant's own brand has no other part number than the merchant's: its product code counts as one.
    """
    numbers = pl.concat_list("parts", part_key(pl.col("product_id"))).list.drop_nulls().list.unique()
    ours = products.table.select("product", "brands", numbers.alias("part")).explode("part").drop_nulls("part")
    pairs = offers.table.select("offer", "part", "brand_key").drop_nulls().join(ours, on="part")
    agree = pl.col("brands").list.contains(pl.col("brand_key"))
    return pairs.filter(agree).select("offer", "product").unique().sort("offer", "product")


def learned_brands(offers: Offers, products: Products, rules: MatchingAssumptions) -> dict[str, str]:
    """Other names of our makers, by what GTINs say: 北光 is Northlight where barcode after barcode says so.

    Returns:
        Our key of a maker by the key of the other name; only for names that none of ours has.
    """
    pairs = gtin_pairs(offers, products).join(offers.table.select("offer", "brand_key"), on="offer")
    known = products.table.select(pl.col("brands").alias("ours")).explode("ours").drop_nulls().unique()
    strange = pairs.drop_nulls("brand_key").join(known, left_on="brand_key", right_on="ours", how="anti")
    named = strange.join(products.table.select("product", pl.col("brands").alias("ours")).explode("ours"), on="product")
    counts = named.drop_nulls("ours").group_by("brand_key", "ours").agg(pl.col("product").n_unique().alias("pairs"))
    share = pl.col("pairs") / pl.col("pairs").sum().over("brand_key")
    sure = counts.filter((pl.col("pairs") >= rules.alias_pairs) & (share >= rules.alias_share))
    return dict(sure.sort("brand_key").select("brand_key", "ours").rows())
