"""Discounts, tax, shipping and totals of orders, in whole minor units."""

from __future__ import annotations

import polars as pl

from sandbox.world.setting import Setting

_SHIPPING, _ABROAD, _FREE_FROM = (395, 490, 399, 410), (1_295, 990, 699, 410), (5_000, 6_000, 2_000, 3_500)
_WRAPPING = 395


def discounted(setting: Setting, lines: pl.DataFrame) -> pl.DataFrame:
    """Allocates the order's discount to its lines; in some orders a rest of 1 to 3 units stays unallocated."""
    deals = setting.deals.select(
        pl.int_range(pl.len()).alias("promotion"),
        "value",
        deal_kind="kind",
        deal_category="category_id",
        code="code",
        deal_title="title_en",
    )
    lines = lines.join(deals, on="promotion", how="left", maintain_order="left")
    lower = setting.made.frames["categories"].filter(pl.col("parent_id").is_not_null())["category_id"]
    own = lower.gather(setting.made.category[lines["variant"].to_numpy()])
    applies = (pl.col("kind") == "product") & (pl.col("deal_category").is_null() | (pl.col("deal_category") == own))
    lines = lines.with_columns(gross=pl.col("current") * pl.col("price")).with_columns(
        eligible=pl.when(applies & pl.col("value").is_not_null()).then("gross").otherwise(0)
    )
    base = pl.col("eligible").sum().over("order")
    fixed = pl.min_horizontal(pl.col("value"), base)
    percent = base * pl.col("value") // 100
    lines = lines.with_columns(
        base=base,
        order_discount=pl.when(pl.col("deal_kind") == "percentage").then(percent).otherwise(fixed).fill_null(0),
    )
    allocated = (
        pl.when(pl.col("base") > 0).then(pl.col("order_discount") * pl.col("eligible") // pl.col("base")).otherwise(0)
    )
    lines = lines.with_columns(
        discount=allocated, first=pl.col("eligible").cum_sum().over("order") == pl.col("eligible")
    )
    rest = pl.col("order_discount") - pl.col("discount").sum().over("order")
    several = (pl.col("eligible") > 0).sum().over("order") > 1
    leaves = several & ~pl.col("refundable") & (pl.col("order_id") * 7_919 % 100 < 30)
    lines = lines.with_columns(rest=rest, leaves=leaves, lead=(pl.col("eligible") > 0) & pl.col("first"))
    keep = pl.when("leaves").then(pl.min_horizontal("rest", 3)).otherwise(0)
    return lines.with_columns(discount=pl.col("discount") + pl.when("lead").then(pl.col("rest") - keep).otherwise(0))


def tax_of(amount: pl.Expr, rate_bp: pl.Expr, included: pl.Expr) -> pl.Expr:
    """Tax in an amount that includes it, or on one that does not; half a unit rounds up."""
    inside = (2 * amount * rate_bp + 10_000 + rate_bp) // (2 * (10_000 + rate_bp))
    return pl.when(included).then(inside).otherwise((2 * amount * rate_bp + 10_000) // 20_000)


def taxed(lines: pl.DataFrame) -> pl.DataFrame:
    """Adds the tax of each line, now and before the edit. Gift cards bear none."""
    rate = pl.when(pl.col("kind") == "gift_card").then(0).otherwise("tax_rate_bp")
    original = pl.when("added").then(0).otherwise(pl.col("got") * pl.col("price") - pl.col("discount"))
    return lines.with_columns(
        tax=tax_of(pl.col("gross") - pl.col("discount"), rate, pl.col("taxes_included")),
        original_gross=pl.when("added").then(0).otherwise(pl.col("got") * pl.col("price")),
        original_tax=tax_of(original, rate, pl.col("taxes_included")),
    )


def totalled(orders: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Adds shipping and the totals of the orders: see the identities in the notes of the schema."""
    sums = lines.group_by("order_id", maintain_order=True).agg(
        pl.col("gross", "tax", "original_gross", "original_tax").sum(),
        pl.col("order_discount").first().alias("discount_minor"),
        pl.col("code", "deal_title").first(),
        digital=(pl.col("kind") == "gift_card").all(),
        rest=pl.when(pl.col("leaves").any())
        .then(pl.col("order_discount").first() - pl.col("discount").sum())
        .otherwise(0),
    )
    orders = orders.join(sums, on="order_id", maintain_order="left")
    usual, abroad, free = (
        pl.col("market").replace_strict(dict(enumerate(found))) for found in (_SHIPPING, _ABROAD, _FREE_FROM)
    )
    home = pl.col("market").replace_strict({0: "GB", 1: "DE", 2: "GB", 3: "JP"}) == pl.col("country")
    prime = (pl.col("shop") == "amazon") & (pl.col("draw3") < 0.7)
    fee = (
        pl.when(pl.col("digital") | pl.col("counter") | prime | (home & (pl.col("gross") >= free)))
        .then(0)
        .when(home)
        .then(usual)
        .otherwise(abroad)
    )
    orders = orders.with_columns(shipping_minor=fee.cast(pl.Int64)).with_columns(
        shipping_tax=tax_of(pl.col("shipping_minor"), pl.col("tax_rate_bp"), pl.col("taxes_included"))
    )
    on_top = ~pl.col("taxes_included")
    return (
        _wrapped(orders)
        .with_columns(
            subtotal_minor=pl.col("gross") + pl.col("wrapping") - pl.col("discount_minor"),
            tax_minor=pl.col("tax") + pl.col("wrapping_tax") + pl.col("shipping_tax"),
            original_subtotal_minor=pl.col("original_gross") + pl.col("wrapping") - pl.col("discount_minor"),
            original_tax_minor=pl.col("original_tax") + pl.col("wrapping_tax") + pl.col("shipping_tax"),
            discount_code=pl.when(pl.col("discount_minor") > 0).then("code"),
        )
        .with_columns(
            total_minor=pl.col("subtotal_minor") + pl.col("shipping_minor") + on_top * pl.col("tax_minor"),
            original_total_minor=pl.col("original_subtotal_minor")
            + pl.col("shipping_minor")
            + on_top * pl.col("original_tax_minor"),
        )
    )


def _wrapped(orders: pl.DataFrame) -> pl.DataFrame:
    """A charge without a product: wrapping a gift. Where it stands, nothing is edited, missing or brought back."""
    settled = ~(pl.col("edited") | pl.col("comes_back") | pl.col("cancelled") | pl.col("partial") | pl.col("is_test"))
    web = (pl.col("shop") != "amazon") & ~pl.col("counter")
    wraps = settled & web & (pl.col("draw3") > 0.55) & (pl.col("draw3") < 0.575)
    orders = orders.with_columns(wrapping=pl.when(wraps).then(_WRAPPING).otherwise(0).cast(pl.Int64))
    return orders.with_columns(wrapping_tax=tax_of(pl.col("wrapping"), pl.col("tax_rate_bp"), pl.col("taxes_included")))
