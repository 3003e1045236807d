"""Orders and their lines: numbers, prices, discounts, tax, totals, all in whole minor units."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from sandbox.world.catalogue import FIRST_VARIANT, Assortment
from sandbox.world.fates import DAY, HOUR, Fates
from sandbox.world.people import FIRST_CUSTOMER, People, addresses
from sandbox.world.prices import CURRENCIES, SHOPS
from sandbox.world.spec import WorldSpec

MARKETPLACES = ("", "", "A1F83G8C2ARO7P", "A1VC38T7YXB528")
_TAX = {"GB": 2_000, "DE": 1_900, "FR": 2_000, "IE": 2_300, "JP": 1_000, "US": 825}
_PRESENTED = {"GB": "GBP", "DE": "EUR", "FR": "EUR", "IE": "EUR", "JP": "JPY", "US": "USD"}
_SHIPPING, _ABROAD, _FREE_FROM = (395, 490, 399, 410), (1_295, 990, 699, 410), (5_000, 6_000, 2_000, 3_500)
_ORDER_SEED = 61_979_173_003  # coprime to 10**14: each order gets another number


@dataclass
class Setting:
    """What all parts of a generation share.

    Attributes:
        spec: The size and seed.
        made: The assortment.
        people: The customers.
        deals: The table of promotions.
        fx: The table of exchange rates.
        counters: The last number given out, by name.
    """

    spec: WorldSpec
    made: Assortment
    people: People
    deals: pl.DataFrame
    fx: pl.DataFrame
    counters: dict[str, int] = field(default_factory=dict)

    def take(self, name: str, count: int, begin: int = 1) -> int:
        """The first of `count` new numbers."""
        start = self.counters.get(name, begin)
        self.counters[name] = start + count
        return start

    def instant(self, seconds: str | pl.Expr) -> pl.Expr:
        """The instant of so many seconds after the beginning."""
        column = pl.col(seconds) if isinstance(seconds, str) else seconds
        begin = pl.lit(np.datetime64(self.spec.first_day, "us").item()).cast(pl.Datetime("us"))
        return begin + pl.duration(seconds=column)


@dataclass(frozen=True)
class Placed:
    """Orders of a chunk with everything that later steps need; amounts are final but for refunds.

    Attributes:
        orders: Columns of the table and of the fates.
        lines: Columns of the table and of the fates; shipping lines are not among them.
    """

    orders: pl.DataFrame
    lines: pl.DataFrame


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
        orders.select("order", "order_id", "taxes_included", "tax_rate_bp", "promotion", "cancelled", "edit_at",
                      "created", "changed", "market_currency", refundable=pl.col("comes_back") | pl.col("cancelled") | pl.col("partial")),
        on="order", maintain_order="left",
    )  # fmt: skip
    lines = _taxed(_discounted(setting, rng, _named(setting, lines)))
    return _totalled(setting, rng, orders, lines)


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
        guest_city=home["city"], guest_postcode=home["postcode"],
        customer_id=pl.when(pl.col("customer") >= 0).then(pl.col("customer") + FIRST_CUSTOMER),
        draw=pl.Series(rng.random(total)), draw2=pl.Series(rng.random(total)), draw3=pl.Series(rng.random(total)),
        guest_email=pl.format("guest.{}@example.net", guest),
    ).join(known, on="customer_id", how="left", maintain_order="left")  # fmt: skip
    included = (pl.col("shop") != "shopify") | ~pl.col("country").is_in(["US", "JP"])
    orders = orders.with_columns(
        city=pl.coalesce("city", "guest_city"),
        postcode=pl.coalesce("postcode", "guest_postcode"),
        email=pl.when("counter").then(None).when(pl.col("shop") == "amazon").then(
            pl.when(pl.col("draw2") < 0.85).then("email")).otherwise(pl.coalesce("email", "guest_email")),
        taxes_included=included,
        tax_rate_bp=pl.when((pl.col("shop") == "shopify") & (pl.col("country") == "JP")).then(0)
        .otherwise(pl.col("country").replace_strict(_TAX)).cast(pl.Int64),
    )  # fmt: skip
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
        order_number=pl.when(shop == "shopify").then(pl.format("#NL{}", 1_000 + running)).when(shop == "amazon").then(amazon).otherwise(woo),
    )  # fmt: skip


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
    foreign = pl.when(seen == "EUR").then(1.0).when(seen == "USD").then("USD").when(seen == "JPY").then("JPY")
    rate = (foreign / pl.col("GBP")).round(6).cast(pl.Decimal(18, 6)).cast(pl.String)
    same = seen == pl.col("market_currency")
    return orders.with_columns(presentment_rate=pl.when(same).then(pl.lit("1.000000")).otherwise(rate))


def _named(setting: Setting, lines: pl.DataFrame) -> pl.DataFrame:
    """Titles, article numbers, and the platforms' line numbers."""
    made, variant = setting.made, lines["variant"].to_numpy()
    goods = made.frames["variants"].select("sku", "option_value")[variant]
    titles = made.frames["products"].select("title_en", "is_gift_card")[made.product[variant]]
    start = setting.take("line", lines.height)
    running = pl.int_range(start, start + lines.height)
    scattered = (running * _ORDER_SEED % 10**14).cast(pl.String).str.zfill(14)
    market = pl.col("market")
    return pl.concat([lines, goods, titles], how="horizontal").with_columns(
        variant_id=pl.col("variant") + FIRST_VARIANT,
        title=pl.when(pl.col("option_value").is_null()).then("title_en").otherwise(pl.format("{} - {}", "title_en", "option_value")),
        kind=pl.when("is_gift_card").then(pl.lit("gift_card")).otherwise(pl.lit("product")),
        platform_line_id=pl.when(market == 0).then((13_950_000_000_000 + running * 32_771).cast(pl.String))
        .when(market == 1).then((40_000 + running).cast(pl.String)).otherwise(scattered),
        bundle_variant_id=pl.when(pl.col("bundle") >= 0).then(pl.col("bundle") + FIRST_VARIANT),
        added_at=pl.when("added").then("edit_at").otherwise("created"),
        current=pl.col("got") - pl.col("cut"),
    )  # fmt: skip


def _discounted(setting: Setting, rng: np.random.Generator, lines: pl.DataFrame) -> pl.DataFrame:
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


def _taxed(lines: pl.DataFrame) -> pl.DataFrame:
    rate = pl.when(pl.col("kind") == "gift_card").then(0).otherwise("tax_rate_bp")
    original = pl.when("added").then(0).otherwise(pl.col("got") * pl.col("price") - pl.col("discount"))
    return lines.with_columns(
        tax=tax_of(pl.col("gross") - pl.col("discount"), rate, pl.col("taxes_included")),
        original_gross=pl.when("added").then(0).otherwise(pl.col("got") * pl.col("price")),
        original_tax=tax_of(original, rate, pl.col("taxes_included")),
    )


def _totalled(setting: Setting, rng: np.random.Generator, orders: pl.DataFrame, lines: pl.DataFrame) -> Placed:
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
    orders = orders.with_columns(
        subtotal_minor=pl.col("gross") - pl.col("discount_minor"),
        tax_minor=pl.col("tax") + pl.col("shipping_tax"),
        original_subtotal_minor=pl.col("original_gross") - pl.col("discount_minor"),
        original_tax_minor=pl.col("original_tax") + pl.col("shipping_tax"),
        discount_code=pl.when(pl.col("discount_minor") > 0).then("code"),
    ).with_columns(
        total_minor=pl.col("subtotal_minor") + pl.col("shipping_minor") + on_top * pl.col("tax_minor"),
        original_total_minor=pl.col("original_subtotal_minor") + pl.col("shipping_minor") + on_top * pl.col("original_tax_minor"),
    )  # fmt: skip
    return Placed(_finished(setting, rng, orders), lines)


def _finished(setting: Setting, rng: np.random.Generator, orders: pl.DataFrame) -> pl.DataFrame:
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
    gone = (shop == "woocommerce") & (pl.col("draw3") < pl.when(pl.col("active")).then(0.004).otherwise(0.3))
    reasons = (
        pl.when(~pl.col("is_paid"))
        .then(pl.lit("declined"))
        .when(draw < 0.7)
        .then(pl.lit("customer"))
        .when(draw < 0.85)
        .then(pl.lit("inventory"))
        .otherwise(pl.lit("other"))
    )
    last = pl.max_horizontal("cancel_at", "refund_at")
    return orders.with_columns(
        payment_gateway=gateway,
        sales_channel=pl.when(shop == "amazon").then(pl.col("market").replace_strict(dict(enumerate(MARKETPLACES))))
        .when("counter").then(pl.lit("pos")).otherwise(pl.lit("web")),
        location_id=pl.col("market") + 1,
        deleted=gone,
        delete_at=last + HOUR + (pl.col("draw2") * 30 * DAY).cast(pl.Int64),
        deleted_how=pl.when(gone).then(pl.when(pl.col("draw2") < 0.6).then(pl.lit("trash")).otherwise(pl.lit("hard"))),
        cancel_reason=pl.when("cancelled").then(reasons),
        bumps_on_refund=pl.col("draw2") < pl.col("market").replace_strict({0: 0.85, 1: 0.4, 2: 0.5, 3: 0.5}),
        tags=pl.when("business").then(pl.lit("wholesale, net30")).when(pl.col("fraud") & (draw < 0.5)).then(pl.lit("high-risk"))
        .when(draw > 0.97).then(pl.lit("gift, “urgent”")).otherwise(pl.lit("")),
    )  # fmt: skip
