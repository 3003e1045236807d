"""Offers and products prepared for comparison: keys, texts by number, words, and what the titles say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from models_ml.matching.attributes import COLUMNS, attributes, core
from models_ml.matching.config import MatchingAssumptions
from models_ml.matching.normalise import brand_key, gtin14, head, part_key, plain, words

OFFER_KEY: Final = ("source", "page_url", "offer_ref")
OFFERS: Final = {
    "source": pl.String,
    "page_url": pl.String,
    "offer_ref": pl.String,
    "is_main": pl.Boolean,
    "offer_title": pl.String,
    "variant_title": pl.String,
    "brand": pl.String,
    "gtin": pl.String,
    "mpn": pl.String,
    "condition": pl.String,
    "price_shop": pl.Float64,
}
LISTINGS: Final = {
    "source": pl.String,
    "product_id": pl.String,
    "product_group_ref": pl.String,
    "product_title": pl.String,
    "variant_title": pl.String,
    "brand": pl.String,
    "gtin": pl.String,
    "mpn": pl.String,
    "price_shop": pl.Float64,
}
_STATED: Final = {"new": None, "used": "used", "refurbished": "refurbished"}


@dataclass(frozen=True)
class Offers:
    """Offers by number, in the order of their keys.

    Attributes:
        table: `offer`, the key, `title_text` (number of its text), `name` (the text without decoration),
            `brand_key`, `gtin14`, `part`, `price_shop` and
            what the title says (`attributes.COLUMNS`).
        texts: The distinct texts by number.
        words: `number, word, is_tail` of the texts: whether the word stands only behind a bar, where decoration is.
    """

    table: pl.DataFrame
    texts: pl.Series
    words: pl.DataFrame


@dataclass(frozen=True)
class Products:
    """Our products by number, in the order of their ids.

    Attributes:
        table: `product, product_id, price_shop`, lists of `brands`, `gtins`, `parts`, and what the titles say.
        listings: `product, title_text`: under which texts they are known, each pair once.
        texts: The distinct texts by number.
        words: `number, word` of the texts.
        brand_names: The makers' names, as `normalise.plain` writes them.
        options: `product, word, is_own`: the words of its variant, and those of its siblings that are not its own.
    """

    table: pl.DataFrame
    listings: pl.DataFrame
    texts: pl.Series
    words: pl.DataFrame
    brand_names: tuple[str, ...]
    options: pl.DataFrame


def prepare_offers(offers: pl.DataFrame, products: Products, rules: MatchingAssumptions) -> Offers:
    """Offers ready for comparison.

    Args:
        offers: Columns of `OFFERS`, one row for each key.
        products: Ours: where a page names no maker, one of ours may stand in its title.
        rules: The assumptions.
    """
    keyed = (
        offers.sort(list(OFFER_KEY))
        .with_row_index("offer")
        .with_columns(
            pl.col("offer").cast(pl.Int64),
            brand_key=_known_brand(brand_key(pl.col("brand")), rules),
            gtin14=gtin14(pl.col("gtin")),
            part=part_key(pl.col("mpn")),
            full=_full(pl.col("offer_title"), pl.col("variant_title")),
        )
    )
    keyed = keyed.with_columns(
        brand_key=pl.coalesce("brand_key", _brand_in(pl.col("full"), products.brand_names)), name=head(pl.col("full"))
    )
    described, texts = _described(keyed, "offer")
    names = [*keyed["brand"].unique().to_list(), *products.brand_names]
    heads = _naming_words(texts.with_columns(head(pl.col("text"))), names)
    found = _naming_words(texts, names).join(heads.with_columns(is_tail=False), on=["number", "word"], how="left")
    found = found.with_columns(pl.col("is_tail").fill_null(value=True)).sort("number", "word")
    table = keyed.join(described, on="offer", how="left").sort("offer")
    stated = pl.col("condition").replace_strict(_STATED, default=None, return_dtype=pl.String)
    table = table.with_columns(
        conditions=pl.when(stated.is_null()).then("conditions").otherwise(pl.concat_list(stated))
    )
    return Offers(table, texts["text"], _without_shop_words(found, table, rules))


def prepare_products(listings: pl.DataFrame, rules: MatchingAssumptions) -> Products:
    """Our products ready for comparison.

    Args:
        listings: Columns of `LISTINGS`: a product may be listed in several shops, under several titles.
        rules: The assumptions.
    """
    products = listings.select(pl.col("product_id").unique().sort()).with_row_index("product")
    told = listings.join(products.cast({"product": pl.Int64}), on="product_id").sort(
        "product", "source", "product_title", "variant_title", "product_group_ref", nulls_last=True
    )
    keyed = told.with_row_index("listing").with_columns(
        brand_key=_known_brand(brand_key(pl.col("brand")), rules),
        gtin14=gtin14(pl.col("gtin")),
        part=part_key(pl.col("mpn")),
        full=_full(pl.col("product_title"), pl.col("variant_title")),
    )
    described, texts = _described(keyed, "listing")
    listed = keyed.join(described, on="listing", how="left")

    names = told.select(_worded(pl.col("brand")).unique().sort()).to_series().to_list()
    names = [name for name in names if name]

    def all_of(column: str) -> pl.Expr:
        return pl.col(column).drop_nulls().unique().sort()

    table = listed.group_by("product").agg(
        pl.col("product_id").first(),
        all_of("brand_key").alias("brands"),
        all_of("gtin14").alias("gtins"),
        all_of("part").alias("parts"),
        pl.col("price_shop").median(),
        *(pl.col(name).list.explode(keep_nulls=False, empty_as_null=False).unique().sort() for name in COLUMNS),
    )
    return Products(
        table.sort("product"),
        listed.select("product", "title_text").unique().sort("product", "title_text"),
        texts["text"],
        _naming_words(texts, names),
        tuple(names),
        _options(told),
    )


def _known_brand(key: pl.Expr, rules: MatchingAssumptions) -> pl.Expr:
    told = pl.DataFrame(
        {"name": list(rules.brand_aliases), "ours": list(rules.brand_aliases.values())},
        schema={"name": pl.String, "ours": pl.String},
    ).select(brand_key(pl.col("name")), brand_key(pl.col("ours")))
    return key.replace(dict(told.rows())) if told.height else key


def _worded(name: pl.Expr) -> pl.Expr:
    """A plain text whose words are parted by single blanks, without other signs."""
    return plain(name).str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()


def _brand_in(text: pl.Expr, names: Sequence[str]) -> pl.Expr:
    """The key of the first of these makers that a plain text names; null where it names none."""
    if not names:
        return pl.lit(None, pl.String)
    framed = pl.concat_str(pl.lit(" "), _worded(text), pl.lit(" "))
    found = framed.str.extract_many([f" {name} " for name in names], overlapping=True, leftmost=False)
    return brand_key(found.list.first())


def _naming_words(texts: pl.DataFrame, brands: Sequence[str | None]) -> pl.DataFrame:
    """The words of texts that name the thing: no measures, no counts of units, no maker."""
    names = pl.DataFrame({"name": brands}, {"name": pl.String}).select(_worded(pl.col("name")).unique().sort())
    known = [f" {name} " for name in names["name"].to_list() if name]
    framed = pl.concat_str(pl.lit(" "), _worded(core(pl.col("text"))), pl.lit(" "))
    left = framed.str.replace_many(known, [" "], leftmost=True) if known else framed
    return words(texts.select("number", left.alias("text")))


def _full(title: pl.Expr, variant: pl.Expr) -> pl.Expr:
    """Title and variant as one text; a variant that the title has already is not said twice."""
    name, option = plain(title), plain(variant)
    said = name.str.contains(option, literal=True)
    return pl.when((option == "") | said).then(name).otherwise(pl.concat_str(name, option, separator=" "))


def _described(keyed: pl.DataFrame, row: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """By row: the number of its text and what it says; and the distinct texts."""
    texts = keyed.select(pl.col("full").unique().sort().alias("text")).with_row_index("number")
    texts = texts.with_columns(pl.col("number").cast(pl.Int64))
    said = attributes(texts, words(texts)).join(texts, on="number")
    joined = keyed.select(row, "full").join(said, left_on="full", right_on="text")
    return joined.select(row, pl.col("number").alias("title_text"), *COLUMNS), texts


def _without_shop_words(found: pl.DataFrame, table: pl.DataFrame, rules: MatchingAssumptions) -> pl.DataFrame:
    """Leaves out what a shop writes behind every title, its own name for one."""
    texts = table.select("source", pl.col("title_text").alias("number")).unique()
    shops = texts.group_by("source").len("texts").filter(pl.col("texts") >= rules.least_shop_offers)
    counts = found.join(texts, on="number").join(shops, on="source").group_by("source", "word", "texts").len("held")
    common = counts.filter(pl.col("held") > rules.common_word_share * pl.col("texts")).select("source", "word")
    if common.is_empty():
        return found
    idle = texts.join(common, on="source").select("number", "word").unique()
    return found.join(idle, on=["number", "word"], how="anti").sort("number", "word")


def _options(told: pl.DataFrame) -> pl.DataFrame:
    """What the variants of one product differ by, in words."""
    named = told.filter(pl.col("variant_title").is_not_null()).select(
        "product", "source", "product_group_ref", text=core(plain(pl.col("variant_title")))
    )
    texts = named.select(pl.col("text").unique().sort()).with_row_index("number")
    said = named.join(texts, on="text").join(words(texts.select("number", "text")), on="number")
    own = said.select("product", "word", pl.lit(value=True).alias("is_own")).unique()
    group = ["source", "product_group_ref"]
    members = named.filter(pl.col("product_group_ref").is_not_null()).select("product", *group).unique()
    theirs = members.join(said.select(*group, "word").unique(), on=group).select("product", "word").unique()
    siblings = theirs.join(own, on=["product", "word"], how="anti").with_columns(is_own=pl.lit(value=False))
    return pl.concat([own, siblings]).sort("product", "word")
