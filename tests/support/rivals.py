"""Rival shops' offers and the merchant's listings as frames, with the truth of which is which; no pages between."""

from __future__ import annotations

from typing import cast

import polars as pl

from models_ml.matching.decided import DECISIONS
from models_ml.matching.subjects import LISTINGS, OFFERS
from sandbox.amazon.marketplaces import MARKETPLACES, title
from sandbox.storefronts.assortment import Assortment
from sandbox.storefronts.shops import SHOPS
from sandbox.world import World
from sandbox.world.catalogue import make_assortment
from sandbox.world.part_numbers import part_number
from sandbox.world.spec import WorldSpec

NO_DECISIONS = pl.DataFrame(schema=DECISIONS)
_RATES = {"GBP": 1.0, "EUR": 0.85, "CNY": 0.11}


class Catalogue:
    """A world of which there is only the catalogue: what shops sell follows from it alone."""

    def __init__(self, spec: WorldSpec) -> None:
        self.spec = spec
        self._frames = make_assortment(spec).frames

    def frame(self, table: str) -> pl.DataFrame:
        """A table of the catalogue."""
        return self._frames[table]


def listings(catalogue: Catalogue) -> pl.DataFrame:
    """The merchant's products as its three platforms list them: only Amazon tells part numbers, and its own titles."""
    uk = next(place for place in MARKETPLACES.values() if place.currency == "GBP")
    products = catalogue.frame("products").filter(~pl.col("is_gift_card"), ~pl.col("is_bundle"))
    rows = []
    for one in catalogue.frame("variants").join(products, on="product_id").iter_rows(named=True):
        told = {
            "product_id": one["sku"],
            "brand": one["brand"],
            "gtin": one["gtin"],
            "price_shop": one["price_minor"] / 100,
        }
        named = {"product_title": one["title_en"], "variant_title": one["option_value"]}
        group = {"product_group_ref": str(one["product_id"])}
        if one["sold_by_shopify"]:
            rows.append({"source": "shopify", **told, **named, **group})
        if one["sold_by_woocommerce"]:
            rows.append({"source": "woocommerce", **told, **named, **group})
        if one["sold_by_amazon_uk"]:
            option = f" {one['option_value']}" if one["option_value"] else ""
            full = title(one["title_en"], one["product_id"], uk) + option
            number = part_number(one["brand"], one["variant_id"])
            rows.append(
                {"source": "amazon", **told, "product_title": full, "mpn": number, "product_group_ref": one["asin"]}
            )
    return pl.DataFrame(rows, schema=LISTINGS)


def offers(catalogue: Catalogue, size: int = 120) -> pl.DataFrame:
    """What all rivals offer: columns of `OFFERS`, and `how` and `truth` (the merchant's code, or null)."""
    rows = [
        {
            "source": shop.name,
            "page_url": f"{shop.url}/{page.slug}",
            "offer_ref": good.sku,
            "is_main": good is page.goods[0],
            "offer_title": good.title,
            "variant_title": good.option or None,
            "brand": (good.brand or None) if "brand" in shop.shows else None,
            "gtin": good.gtin or None,
            "mpn": good.mpn or None,
            "condition": good.condition,
            "price_shop": good.base_minor / 100 * _RATES[shop.currency],
            "how": f"{good.relation}:{good.how}",
            "truth": good.product_ref,
        }
        for shop in SHOPS
        for page in Assortment(cast(World, catalogue), shop, size).pages
        for good in page.goods
    ]
    return pl.DataFrame(rows, schema={**OFFERS, "how": pl.String, "truth": pl.String})


def measured(matches: pl.DataFrame, truth: pl.DataFrame) -> tuple[float, float, pl.DataFrame]:
    """Precision and recall of what is matched without a person, and every offer beside its truth."""
    both = matches.join(truth, on=["source", "page_url", "offer_ref"])
    assert both.height == truth.height
    found = both.filter(pl.col("status") == "matched")
    right = found.filter(pl.col("product_id") == pl.col("truth")).height
    return right / max(found.height, 1), right / both["truth"].count(), both
