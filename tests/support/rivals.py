"""Rival shops' offers and the merchant's listings as frames, with the truth of which is which; no pages between."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import polars as pl

from models_ml.matching.decided import DECISIONS
from models_ml.matching.subjects import LISTINGS, OFFER_KEY, OFFERS
from sandbox.amazon.marketplaces import MARKETPLACES, title
from sandbox.storefronts import truth
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
        self._frames["variant_prices"] = self._frames["variants"].select(
            "variant_id",
            "price_minor",
            shop=pl.lit("shopify"),
            valid_from=pl.lit(spec.first_day).cast(pl.Datetime("us")),
            compare_at_minor=pl.lit(None, pl.Int64),
            currency=pl.lit("GBP"),
        )

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
    """What all rivals offered last, of what they showed on four days.

    Columns of `OFFERS`, and `how` (by what it can be known, or what kind of trap it is) and `truth` (the merchant's
    code, or null).
    """
    spec = catalogue.spec
    days = [spec.first_day + timedelta(spec.days * part // 4) for part in (1, 2, 3)] + [spec.last_day]
    shops = truth.sites(cast(World, catalogue), size=size)
    shown = truth.offers(shops, days).sort("date").unique(list(OFFER_KEY), keep="last", maintain_order=True)
    rate = pl.col("currency").replace_strict(_RATES, return_dtype=pl.Float64)
    told = shown.rename({"title": "offer_title"}).with_columns(price_shop=pl.col("price").cast(pl.Float64) * rate)
    known = truth.matches(shops).select(
        "source",
        "page_url",
        pl.col("offer_ref").alias("sku"),
        pl.format("{}:{}", "relation", "how").alias("how"),
        pl.col("product_ref").alias("truth"),
    )
    both = told.join(known, on=["source", "page_url", "sku"])
    assert both.height == told.height
    return _as_shown(both).select(*OFFERS, "how", "truth").sort(list(OFFER_KEY))


def _as_shown(told: pl.DataFrame) -> pl.DataFrame:
    """Without what a shop's pages leave out."""
    hidden = [
        pl.when(pl.col("source").is_in([shop.name for shop in SHOPS if name in shop.shows])).then(name).alias(name)
        for name in ("gtin", "mpn", "brand")
    ]
    return told.with_columns(hidden)


def measured(matches: pl.DataFrame, known: pl.DataFrame) -> tuple[float, float, pl.DataFrame]:
    """Precision and recall of what is matched without a person, and every offer beside its truth."""
    both = matches.join(known, on=["source", "page_url", "offer_ref"])
    assert both.height == known.height
    found = both.filter(pl.col("status") == "matched")
    right = found.filter(pl.col("product_id") == pl.col("truth")).height
    return right / max(found.height, 1), right / both["truth"].count(), both
