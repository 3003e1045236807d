"""Orders and their lines: numbers, prices, discounts, tax, totals, all in whole minor units."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.world.amounts import discounted, taxed, totalled
from sandbox.world.catalogue import FIRST_VARIANT
from sandbox.world.fates import DAY, HOUR, Fates
from sandbox.world.people import FIRST_CUSTOMER, addresses
from sandbox.world.prices import CURRENCIES, SHOPS
from sandbox.world.setting import Placed, Setting

MARKETPLACES = ("", "", "A1F83G8C2ARO7P", "A1VC38T7YXB528")
_TAX = {"GB": 2_000, "DE": 1_900, "FR": 2_000, "IE": 2_300, "JP": 1_000, "US": 825}
_PRESENTED = {"GB": "GBP", "DE": "EUR", "FR": "EUR", "IE": "EUR", "JP": "JPY", "US": "USD"}
_ORDER_SEED = 61_979_173_003  # coprime to 10**14: each order gets another number


def place_orders(setting: Setting, number: int, baskets: pl.DataFrame, fates: Fates, lines: pl.DataFrame) -> Placed:
    """Makes orders of what was granted. Baskets of which nothing was left never become orders."""
    rng = setting.spec.rng("orders", number)
    lines = lines.filter(pl.col("got") > 0).with_columns(
        added=pl.col("added") & (pl.col("added").sum().over("order") < pl.len().over("order")),
        line_no=pl.int_range(1, pl.len() + 1).over("order"),
    )
    orders = pl.concat([baskets, fates.orders], how="horizontal")
    changed = lines.group_by("order", maintain_order=True).agg(
        changed=((pl.col("cut") > 0) | pl.col("added")).any(), comes_back=(pl.col("back_units") > 0).any()
    )
    orders = orders.join(changed, on="order", maintain_order="left").with_columns(
        edited=pl.col("edited") & pl.col("changed"),
        promotion=pl.when("edited").then(-1).otherwise("promotion"),
    )
    orders = _described(setting, rng, orders)
    lines = lines.join(
        orders.select(
            "order",
            "order_id",
            "taxes_included",
            "tax_rate_bp",
            "promotion",
            "cancelled",
            "edit_at",
            "created",
            "changed",
            "market_currency",
            refundable=pl.col("comes_back") | pl.col("cancelled") | pl.col("partial"),
        ),
        on="order",
        maintain_order="left",
    )
    lines = taxed(discounted(setting, _named(setting, lines)))
    return Placed(_finished(totalled(orders, lines)), lines)


def _described(setting: Setting, rng: np.random.Generator, orders: pl.DataFrame) -> pl.DataFrame:
    total = orders.height
    start = setting.take("order", total)
    market = orders["market"].to_numpy()
    home = addresses(rng, orders["country"].to_numpy())
    guest = pl.Series(rng.integers(10**6, 10**7, total)).cast(pl.String)
    known = setting.people.table.select("customer_id", "email", "city", "postcode")
    orders = orders.with_columns(
        order_id=pl.int_range(start, start + total, dtype=pl.Int64),
        shop=pl.Series(np.array(SHOPS)[market]),
        market_currency=pl.Series(np.array(CURRENCIES)[market]),
        country=home["country"],
        guest_city=home["city"],
        guest_postcode=home["postcode"],
        customer_id=pl.when(pl.col("customer") >= 0).then(pl.col("customer") + FIRST_CUSTOMER),
        draw=pl.Series(rng.random(total)),
        draw2=pl.Series(rng.random(total)),
        draw3=pl.Series(rng.random(total)),
        guest_email=pl.format("guest.{}@example.net", guest),
    ).join(known, on="customer_id", how="left", maintain_order="left")
    included = (pl.col("shop") != "shopify") | ~pl.col("country").is_in(["US", "JP"])
    orders = orders.with_columns(
        city=pl.coalesce("city", "guest_city"),
        postcode=pl.coalesce("postcode", "guest_postcode"),
        email=pl.when("counter")
        .then(None)
        .when(pl.col("shop") == "amazon")
        .then(pl.when(pl.col("draw2") < 0.85).then("email"))
        .otherwise(pl.coalesce("email", "guest_email")),
        taxes_included=included,
        tax_rate_bp=pl.when((pl.col("shop") == "shopify") & (pl.col("country") == "JP"))
        .then(0)
        .otherwise(pl.col("country").replace_strict(_TAX))
        .cast(pl.Int64),
    )
    return _presented(setting, _numbered(setting, orders))


def _numbered(setting: Setting, orders: pl.DataFrame) -> pl.DataFrame:
    """The platforms' own numbers."""
    orders = orders.with_columns(running=pl.int_range(pl.len()).over("shop"))
    starts = {
        shop: setting.take(f"{shop} order", orders.filter(pl.col("shop") == shop).height)
        for shop in dict.fromkeys(SHOPS)
    }
    running = pl.col("running") + pl.col("shop").replace_strict(starts, return_dtype=pl.Int64)
    scattered = pl.col("order_id") * _ORDER_SEED % 10**14
    digits = scattered.cast(pl.String).str.zfill(14)
    head = pl.when(pl.col("market") == 2).then(202 + scattered % 5).otherwise(249 + scattered % 2).cast(pl.String)
    amazon = pl.format("{}-{}-{}", head, digits.str.slice(0, 7), digits.str.slice(7))
    shopify = (5_412_000_000_000 + pl.col("order_id") * 131_071).cast(pl.String)
    woo = (12_000 + running * 3).cast(pl.String)
    shop = pl.col("shop")
    return orders.with_columns(
        platform_order_id=pl.when(shop == "shopify").then(shopify).when(shop == "amazon").then(amazon).otherwise(woo),
        order_number=pl.when(shop == "shopify")
        .then(pl.format("#NL{}", 1_000 + running))
        .when(shop == "amazon")
        .then(amazon)
        .otherwise(woo),
    )


def _presented(setting: Setting, orders: pl.DataFrame) -> pl.DataFrame:
    """The currency that the customer saw, with the day's rate: presentment units for one of the shop's."""
    abroad = (pl.col("shop") == "shopify") & ~pl.col("counter")
    orders = orders.with_columns(
        currency="market_currency",
        presentment_currency=pl.when(abroad)
        .then(pl.col("country").replace_strict(_PRESENTED))
        .otherwise("market_currency"),
        rate_day=setting.instant(pl.col("day") * DAY).dt.date(),
    )
    rates = setting.fx.with_columns(pl.col("rate_per_eur").cast(pl.Float64)).pivot(
        "currency", index="date", values="rate_per_eur"
    )
    orders = orders.join_asof(rates.sort("date"), left_on="rate_day", right_on="date", check_sortedness=False)
    seen = pl.col("presentment_currency")
    foreign = pl.when(seen == "EUR").then(1.0).when(seen == "USD").then(pl.col("USD")).otherwise(pl.col("JPY"))
    rate = (foreign / pl.col("GBP")).round(6).cast(pl.Decimal(18, 6)).cast(pl.String)
    same = seen == pl.col("market_currency")
    return orders.with_columns(presentment_rate=pl.when(same).then(pl.lit("1.000000")).otherwise(rate))


def _named(setting: Setting, lines: pl.DataFrame) -> pl.DataFrame:
    """Titles, article numbers, and the platforms' line numbers."""
    made, variant = setting.made, lines["variant"].to_numpy()
    goods: pl.DataFrame = made.frames["variants"].select("sku", "option_value")[variant]
    titles: pl.DataFrame = made.frames["products"].select("title_en", "is_gift_card")[made.product[variant]]
    start = setting.take("line", lines.height)
    running = pl.int_range(start, start + lines.height)
    scattered = (running * _ORDER_SEED % 10**14).cast(pl.String).str.zfill(14)
    market = pl.col("market")
    return pl.concat([lines, goods, titles], how="horizontal").with_columns(
        variant_id=pl.col("variant") + FIRST_VARIANT,
        title=pl.when(pl.col("option_value").is_null())
        .then("title_en")
        .otherwise(pl.format("{} - {}", "title_en", "option_value")),
        kind=pl.when("is_gift_card").then(pl.lit("gift_card")).otherwise(pl.lit("product")),
        platform_line_id=pl.when(market == 0)
        .then((13_950_000_000_000 + running * 32_771).cast(pl.String))
        .when(market == 1)
        .then((40_000 + running).cast(pl.String))
        .otherwise(scattered),
        bundle_variant_id=pl.when(pl.col("bundle") >= 0).then(pl.col("bundle") + FIRST_VARIANT),
        added_at=pl.when("added").then("edit_at").otherwise("created"),
        current=pl.col("got") - pl.col("cut"),
    )


def _finished(orders: pl.DataFrame) -> pl.DataFrame:
    """Gateways, tags, deletions and what else hangs on an order."""
    shop, draw = pl.col("shop"), pl.col("draw")
    shopify = (
        pl.when(pl.col("slow"))
        .then(pl.lit("bank_deposit"))
        .when(draw < 0.78)
        .then(pl.lit("shopify_payments"))
        .otherwise(pl.lit("paypal"))
    )
    woo = (
        pl.when(pl.col("slow"))
        .then(pl.lit("bacs"))
        .when(draw < 0.6)
        .then(pl.lit("stripe"))
        .otherwise(pl.lit("ppcp-gateway"))
    )
    gateway = (
        pl.when("is_test")
        .then(pl.lit("bogus"))
        .when(shop == "shopify")
        .then(shopify)
        .when(shop == "amazon")
        .then(pl.lit("amazon"))
        .otherwise(woo)
    )
    gone = (shop == "woocommerce") & (pl.col("draw3") < pl.when(pl.col("active")).then(0.006).otherwise(0.5))
    reasons = (
        pl.when(~pl.col("is_paid"))
        .then(pl.lit("declined"))
        .when(draw < 0.7)
        .then(pl.lit("customer"))
        .when(draw < 0.85)
        .then(pl.lit("inventory"))
        .otherwise(pl.lit("other"))
    )
    settled = pl.max_horizontal(
        pl.col("delivered") + 3 * DAY,
        pl.when("comes_back").then(pl.col("refund_at") + 4 * DAY),
        pl.when("partial").then(pl.col("shipped") + pl.col("short_wait")),
    )
    last = pl.when("active").then(settled).otherwise("cancel_at")
    return orders.with_columns(
        payment_gateway=gateway,
        sales_channel=pl.when(shop == "amazon")
        .then(pl.col("market").replace_strict(dict(enumerate(MARKETPLACES))))
        .when("counter")
        .then(pl.lit("pos"))
        .otherwise(pl.lit("web")),
        location_id=pl.col("market") + 1,
        deleted=gone,
        delete_at=last + HOUR + (pl.col("draw2") * 30 * DAY).cast(pl.Int64),
        deleted_how=pl.when(gone).then(pl.when(pl.col("draw2") < 0.6).then(pl.lit("trash")).otherwise(pl.lit("hard"))),
        cancel_reason=pl.when("cancelled").then(reasons),
        bumps_on_refund=pl.col("draw2") < pl.col("market").replace_strict({0: 0.85, 1: 0.4, 2: 0.5, 3: 0.5}),
        tags=pl.when("business")
        .then(pl.lit("wholesale, net30"))
        .when(pl.col("fraud") & (draw < 0.5))
        .then(pl.lit("high-risk"))
        .when(draw > 0.97)
        .then(pl.lit("gift, “urgent”"))
        .otherwise(pl.lit("")),
    )
