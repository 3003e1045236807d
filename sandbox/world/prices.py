"""Prices over time, promotions, what suppliers charge, and exchange rates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from sandbox.world.catalogue import FIRST_VARIANT, NEVER, Assortment
from sandbox.world.seasons import Floats, Integers, black_friday
from sandbox.world.spec import WorldSpec

CURRENCIES = ("GBP", "EUR", "GBP", "JPY")  # by market
SHOPS = ("shopify", "woocommerce", "amazon", "amazon")
PER_POUND = np.array([1.0, 1.18, 1.0, 1.92])  # minor units for a penny, as the merchant's price lists reckon


@dataclass(frozen=True)
class Prices:
    """Price steps of all products.

    Attributes:
        steps: `product` (row number), `day`, `factor` on the list price, `was`: the factor beside it that is crossed
            out, null without a sale. In order of day.
        list_price: Shape (markets, variants): first price in the market's minor units.
    """

    steps: pl.DataFrame
    list_price: Integers

    def at(self, factor: Floats, product: Integers) -> Integers:
        """Prices of all markets for the products' factors: shape (markets, variants)."""
        return rounded(self.list_price * factor[product])


def rounded(price: Floats) -> Integers:
    """Prices as a shop prints them: ...99 below, yen in tens; the markets are the first axis."""
    result = np.maximum(np.round(price / 50) * 50 - 1, 99)
    result[3] = np.maximum(np.round(price[3] / 10) * 10, 100)
    return result.astype(np.int64)


def make_prices(spec: WorldSpec, made: Assortment) -> Prices:
    """A few lasting changes a year, and sales of two weeks with a crossed-out price."""
    rng = spec.rng("prices")
    products = int(made.product.max()) + 1
    first = np.full(products, made.starts.min())
    lasting = rng.poisson(1.3 * spec.days / 365, products)
    whose = np.repeat(np.arange(products), lasting)
    change = np.where(
        rng.random(len(whose)) < 0.7, rng.uniform(1.02, 1.12, len(whose)), rng.uniform(0.88, 0.97, len(whose))
    )
    sales = np.repeat(np.arange(products), rng.poisson(0.7 * spec.days / 365, products))
    begin = rng.integers(0, spec.days, len(sales))
    cut = rng.choice([0.7, 0.75, 0.8, 0.85], len(sales))
    steps = pl.concat(
        [
            _steps(np.arange(products), first, np.ones(products), np.ones(products)),
            _steps(whose, rng.integers(1, spec.days, len(whose)), change, None),
            _steps(sales, begin, None, cut),
            _steps(sales, begin + 14, None, np.ones(len(sales))),
        ]
    )
    is_card = np.zeros(products, bool)
    is_card[made.product[~made.has_stock & ~made.is_bundle]] = True
    steps = steps.filter(
        (pl.col("day") < spec.days) & (~pl.Series(is_card[steps["product"].to_numpy()]) | (pl.col("day") < 0))
    )
    steps = (
        steps.unique(["product", "day"], keep="last", maintain_order=True)
        .sort("product", "day")
        .with_columns(
            pl.col("change").fill_null(1.0).cum_prod().over("product"), pl.col("cut").forward_fill().over("product")
        )
        .select(
            "product",
            "day",
            factor=pl.col("change") * pl.col("cut"),
            was=pl.when(pl.col("cut") < 1).then("change"),
        )
    )
    listed = np.where(made.has_stock, 0, made.price) + rounded(made.price * PER_POUND[:, None]) * made.has_stock
    listed[0] = made.price
    return Prices(steps.sort("day", "product"), listed.astype(np.int64))


def _steps(product: Integers, day: Integers, change: Floats | None, cut: Floats | None) -> pl.DataFrame:
    nothing = pl.Series([None] * len(product), dtype=pl.Float64)
    return pl.DataFrame({"product": product, "day": day}).with_columns(
        change=nothing if change is None else pl.Series(change, dtype=pl.Float64),
        cut=nothing if cut is None else pl.Series(cut, dtype=pl.Float64),
    )


def price_table(spec: WorldSpec, made: Assortment, prices: Prices) -> pl.DataFrame:
    """The history of every variant in every market that lists it."""
    variants = pl.DataFrame({"variant": np.arange(made.size), "product": made.product, "starts": made.starts})
    rows = prices.steps.join(variants, on="product", maintain_order="left_right")
    first = (pl.col("day") < 0) | (pl.col("day") <= pl.col("starts"))
    rows = rows.with_columns(pl.when(first).then("starts").otherwise("day").alias("day"))
    rows = rows.unique(["variant", "day"], keep="last", maintain_order=True)
    variant = rows["variant"].to_numpy()
    base = prices.list_price[:, variant]
    now = np.where(made.has_stock[variant] | made.is_bundle[variant], rounded(base * rows["factor"].to_numpy()), base)
    was = rounded(base * rows["was"].fill_null(1.0).to_numpy())
    midnight = np.datetime64(spec.first_day, "us") + rows["day"].to_numpy().astype("timedelta64[D]")
    parts = []
    for market, (shop, currency) in enumerate(zip(SHOPS, CURRENCIES, strict=True)):
        part = pl.DataFrame(
            {
                "variant_id": variant + FIRST_VARIANT,
                "valid_from": midnight,
                "price_minor": now[market],
                "was": was[market],
            }
        ).with_columns(
            pl.col("valid_from").cast(pl.Datetime("us")),
            shop=pl.lit(shop),
            currency=pl.lit(currency),
            compare_at_minor=pl.when(rows["was"].is_not_null() & (pl.col("was") > pl.col("price_minor"))).then("was"),
        )
        parts.append(part.filter(pl.Series(made.listed[market, variant])))
    return pl.concat(parts).sort("variant_id", "shop", "currency", "valid_from")


def promotions(spec: WorldSpec, tree: pl.DataFrame) -> pl.DataFrame:
    """Codes and automatic discounts: monthly codes, category weeks, and the great days of the year."""
    rng = spec.rng("promotions")
    rows: list[tuple[str, str | None, str, str, str, int, date, date, int | None]] = []
    lower = tree.filter(pl.col("parent_id").is_not_null())["category_id"].to_list()[:-1]
    for shop in ("shopify", "woocommerce", "amazon"):
        for year in range(spec.first_day.year, spec.last_day.year + 1):
            friday = black_friday(year)
            value = {"shopify": 20, "woocommerce": 15, "amazon": 15}[shop]
            rows += [
                (
                    shop,
                    None,
                    "Black Friday",
                    "黑色星期五",
                    "percentage",
                    value,
                    friday,
                    friday + timedelta(days=4),
                    None,
                ),
                (
                    shop,
                    None if shop == "amazon" else "DOUBLE11",
                    "Singles’ Day 11.11",
                    "双十一",
                    "percentage",
                    11,
                    date(year, 11, 11),
                    date(year, 11, 12),
                    None,
                ),
                (
                    shop,
                    None,
                    "Winter sale",
                    "冬季促销",
                    "percentage",
                    10,
                    date(year, 12, 26),
                    date(year + 1, 1, 6),
                    None,
                ),
            ]
            for month in range(1, 13):
                begin = date(year, month, int(rng.integers(3, 20)))
                rows.append(
                    (
                        shop,
                        None,
                        "Category week",
                        "品类周",
                        "percentage",
                        int(rng.choice([10, 15])),
                        begin,
                        begin + timedelta(days=7),
                        int(rng.choice(lower)),
                    )
                )
                if shop != "amazon":
                    fixed = bool(rng.random() < 0.4)
                    rows.append(
                        (
                            shop,
                            f"HELLO{month:02d}{year % 100}",
                            "Code of the month",
                            "本月优惠码",
                            "fixed_amount" if fixed else "percentage",
                            500 if fixed else 10,
                            date(year, month, 1),
                            date(year, month, 26),
                            None,
                        )
                    )
    names = ["shop", "code", "title_en", "title_zh", "kind", "value", "starts_at", "ends_at", "category_id"]
    frame = pl.DataFrame(rows, names, orient="row", infer_schema_length=None)
    within = (pl.col("ends_at") > spec.first_day) & (pl.col("starts_at") <= spec.last_day)
    frame = frame.filter(within).sort("starts_at", "shop", maintain_order=True)
    return frame.with_row_index("promotion_id", 3_001).with_columns(
        pl.col("promotion_id", "value", "category_id").cast(pl.Int64),
        pl.col("starts_at", "ends_at").cast(pl.Datetime("us")),
    )


def product_changes(spec: WorldSpec, made: Assortment, prices: Prices) -> pl.DataFrame:
    """Creations, edits, price changes (which leave the product's updated_at alone), and ends."""
    rng = spec.rng("product_changes")
    products = made.frames["products"]
    begun = products.select("product_id", changed_at="created_at").with_columns(kind=pl.lit("created"))
    ended = (
        products.select("product_id", changed_at="discontinued_at")
        .drop_nulls()
        .with_columns(kind=pl.lit("discontinued"))
    )
    midnight = np.datetime64(spec.first_day, "us")
    later = prices.steps.filter(
        pl.col("day") > pl.Series(_product_starts(made)[prices.steps["product"].to_numpy()])
    ).filter(pl.col("day") >= 0)
    at = pl.Series(midnight + later["day"].to_numpy().astype("timedelta64[D]"), dtype=pl.Datetime("us"))
    repriced = later.select(product_id=pl.col("product") + 10_001).with_columns(
        changed_at=at, kind=pl.lit("price_changed")
    )
    whose = rng.integers(0, products.height, max(products.height * spec.days // 300, 5))
    seconds = rng.integers(0, spec.days * 86_400, len(whose)).astype("timedelta64[s]")
    edited = pl.DataFrame({"product_id": whose + 10_001, "changed_at": midnight + seconds}).with_columns(
        pl.col("changed_at").cast(pl.Datetime("us")), kind=pl.lit("edited")
    )
    gone = ended.filter(pl.Series(rng.random(ended.height) < 0.3)).with_columns(
        pl.col("changed_at").dt.offset_by("20d"), kind=pl.lit("deleted")
    )
    every = pl.concat([begun, edited, repriced, ended, gone])
    every = every.join(begun.select("product_id", born="changed_at"), on="product_id", maintain_order="left")
    every = every.filter(pl.col("changed_at") >= pl.col("born"))
    bumps = pl.col("kind") != "price_changed"
    return every.drop("born").with_columns(bumps_updated_at=bumps).sort("product_id", "changed_at", "kind")


def _product_starts(made: Assortment) -> Integers:
    result = np.full(int(made.product.max()) + 1, NEVER)
    np.minimum.at(result, made.product, made.starts)
    return result
