"""A catalogue and ten times as many offers, made of words, matched: `made_offers.py PRODUCTS` prints figures."""

from __future__ import annotations

import json
import resource
import sys
import time

import numpy as np
import polars as pl

from models_ml.matching import match
from models_ml.matching.decided import DECISIONS
from models_ml.matching.subjects import LISTINGS, OFFERS

_STYLES, _MATERIALS, _NOUNS, _BRANDS = 80, 60, 300, 200
_PER_SERIES = 20  # products that share a word of their own
_OFFERS = 10  # for each product
_DECOR = ("Gift Idea", "Home Decor", "Free Delivery", "Sale", "Bestseller")


def main(products: int) -> None:
    """Matches, and prints seconds, megabytes, precision and recall as JSON."""
    rng = np.random.default_rng(products)
    ours = _catalogue(rng, products)
    theirs = _offers(rng, ours)
    before = _megabytes()
    begin = time.perf_counter()
    found = match(theirs.select(list(OFFERS)), ours.select(list(LISTINGS)), pl.DataFrame(schema=DECISIONS))
    seconds = time.perf_counter() - begin
    both = found["offer_match"].join(theirs, on=["source", "page_url", "offer_ref"])
    matched = both.filter(pl.col("status") == "matched")
    right = matched.filter(pl.col("product_id") == pl.col("truth")).height
    told = {
        "products": products, "offers": theirs.height, "seconds": round(seconds, 1), "megabytes": _megabytes(),
        "megabytes_of_the_data": before, "precision": round(right / max(matched.height, 1), 4),
        "recall": round(right / both["truth"].count(), 4), "review": both.filter(pl.col("status") == "review").height,
    }  # fmt: skip
    sys.stdout.write(json.dumps(told) + "\n")


def _catalogue(rng: np.random.Generator, products: int) -> pl.DataFrame:
    number = np.arange(products)
    series = number // _PER_SERIES
    frame = pl.DataFrame(
        {
            "number": number,
            "style": rng.integers(0, _STYLES, products),
            "material": rng.integers(0, _MATERIALS, products),
            "noun": rng.integers(0, _NOUNS, products),
            "series": series,
        }
    )
    words = [
        _word(pl.col("style"), "st"),
        _word(pl.col("material"), "ma"),
        _word(pl.col("noun"), "no"),
        _word(pl.col("series"), "se"),
    ]
    return frame.with_columns(
        source=pl.lit("shop"),
        product_id=pl.format("P{}", "number"),
        product_group_ref=pl.lit(None, pl.String),
        product_title=pl.concat_str(words, separator=" "),
        variant_title=pl.lit(None, pl.String),
        brand=_word(pl.col("series") % _BRANDS, "br"),
        gtin=_gtin(pl.col("number")),
        mpn=pl.format("MX-{}", pl.col("number") + 10_000),
        price_shop=pl.lit(20.0),
    )


def _offers(rng: np.random.Generator, ours: pl.DataFrame) -> pl.DataFrame:
    count = ours.height * _OFFERS
    picked: pl.DataFrame = ours.select(pl.all().gather(pl.Series(rng.integers(0, ours.height, count))))
    kind = pl.Series(rng.random(count))
    decor = pl.Series(rng.choice(_DECOR, count))
    is_ours = kind < 0.6
    strange = pl.Series(rng.integers(0, ours.height, count)) + 10_000_000
    parts = picked["product_title"].str.split(" ")
    foreign = (strange // _PER_SERIES).alias("strange").to_frame().select(_word(pl.col("strange"), "x")).to_series()
    title = pl.DataFrame({"parts": parts, "decor": decor, "foreign": foreign, "is_ours": is_ours}).select(
        pl.concat_str(
            pl.col("parts").list.get(2),
            pl.col("parts").list.get(1),
            pl.col("parts").list.get(0),
            pl.when("is_ours").then(pl.col("parts").list.get(3)).otherwise("foreign"),
            pl.lit("|"),
            "decor",
            separator=" ",
        )
    )
    return picked.select("brand", "gtin", "mpn", "price_shop", "product_id").with_columns(
        title.to_series().alias("offer_title"),
        page=pl.int_range(pl.len()),
        kind=kind,
        is_ours=is_ours,
    ).select(
        source=pl.format("rival_{}", pl.col("page") % 20),
        page_url=pl.format("https://rival.example/{}", "page"),
        offer_ref=pl.lit("1"),
        is_main=pl.lit(value=True),
        offer_title="offer_title",
        variant_title=pl.lit(None, pl.String),
        brand="brand",
        gtin=pl.when(pl.col("kind") < 0.25).then("gtin"),
        mpn=pl.when(pl.col("kind").is_between(0.25, 0.4, closed="left")).then("mpn"),
        condition=pl.lit("new"),
        price_shop="price_shop",
        truth=pl.when("is_ours").then("product_id"),
    )  # fmt: skip


def _word(number: pl.Expr, kind: str) -> pl.Expr:
    """A word of letters for each number."""
    digits = number.cast(pl.String).str.replace_many(list("0123456789"), list("bdfgklmnpr"))
    return pl.concat_str(pl.lit(kind), digits, pl.lit("a")).str.to_titlecase()


def _gtin(number: pl.Expr) -> pl.Expr:
    body = pl.format("40{}", (number + 1_000_000_000).cast(pl.String))
    total = pl.sum_horizontal(body.str.slice(place, 1).cast(pl.Int64) * (3 if place % 2 else 1) for place in range(12))
    return pl.concat_str(body, ((10 - total % 10) % 10).cast(pl.String))


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main(int(sys.argv[1]))
