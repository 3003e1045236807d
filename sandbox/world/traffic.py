"""The clickstream of the two web shops, coherent with their carts and orders."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.world.carts import popular
from sandbox.world.catalogue import FIRST_VARIANT
from sandbox.world.fates import DAY
from sandbox.world.people import FIRST_CUSTOMER
from sandbox.world.setting import Setting
from sandbox.world.words import STYLES

_BROWSING_PER_ORDER = 27.0
_CHANNELS = (
    ("google", "cpc", "Brand search"),
    ("google", "organic", None),
    ("(direct)", "(none)", None),
    ("meta", "paid_social", "Spring look"),
    ("newsletter", "email", "Weekly"),
    ("instagram", "social", None),
)
_CHANNEL_SHARES = np.array([0.24, 0.26, 0.22, 0.13, 0.09, 0.06])
_BUYERS_SHARES = np.array([0.29, 0.27, 0.24, 0.05, 0.13, 0.02])  # who comes by mail or by name buys more
_DEVICES = ("mobile", "desktop", "tablet")


def events(
    setting: Setting, rng: np.random.Generator, first: int, baskets: pl.DataFrame, cart_lines: pl.DataFrame
) -> pl.DataFrame:
    """The clickstream around some carts: sessions that buy, that leave a cart, and that only look."""
    sessions = _sessions(setting, rng, baskets)
    steps = _steps(setting, rng, sessions, cart_lines, first)
    steps = steps.sort("session", "place", maintain_order=True).with_columns(
        gap=pl.Series(rng.integers(4, 95, steps.height)) * (pl.col("place") > 0)
    )
    elapsed = pl.col("gap").cum_sum().over("session")
    ends = pl.when(pl.col("order_id").is_not_null()).then(pl.col("at") - elapsed.max().over("session")).otherwise("at")
    steps = steps.with_columns(second=ends + elapsed)
    steps = steps.with_columns(order_id=pl.when(pl.col("kind") == "purchase").then("order_id"))
    return _as_events(setting, steps.sort("second", "session", "place"))


def _sessions(setting: Setting, rng: np.random.Generator, baskets: pl.DataFrame) -> pl.DataFrame:
    """One row a session: `at` is the purchase for buyers and the beginning for the others."""
    bought = baskets.select(
        "cart_id", "order_id", "market", "customer_id", "total_minor", "paid", at=pl.coalesce("done", "begun")
    )
    count = int(rng.poisson(max(bought["order_id"].count(), 1) * _BROWSING_PER_ORDER)) if bought.height else 0
    like = bought[rng.integers(0, max(bought.height, 1), count)] if bought.height else bought
    known = pl.Series(rng.random(count) < 0.12)
    only = like.select(
        pl.lit(None, pl.Int64).alias("cart_id"),
        pl.lit(None, pl.Int64).alias("order_id"),
        "market",
        pl.when(known).then("customer_id").alias("customer_id"),
        pl.lit(None, pl.Int64).alias("total_minor"),
        pl.lit(None, pl.Int64).alias("paid"),
        at=pl.col("at") // DAY * DAY + (pl.col("at") + pl.Series(rng.integers(0, DAY, count))) % DAY,
    )
    every = pl.concat([bought, only]).sort("at", "cart_id", maintain_order=True)
    size = every.height
    start = setting.take("session", size)
    looking, buying = (rng.choice(len(_CHANNELS), size, p=shares) for shares in (_CHANNEL_SHARES, _BUYERS_SHARES))
    channel = np.where(every["order_id"].is_not_null().to_numpy(), buying, looking)
    stranger = pl.Series(rng.integers(0, max(size * 3 // 4, 1), size)) + start
    visitor = (
        pl.when(pl.col("customer_id").is_not_null())
        .then(pl.format("c{}", (pl.col("customer_id") * 48_271 % 2_147_483_647).cast(pl.String)))
        .otherwise(pl.format("v{}", (stranger * 16_807 % 2_147_483_647).cast(pl.String)))
    )
    return every.with_columns(
        session=pl.int_range(start, start + size, dtype=pl.Int64),
        visitor_id=visitor,
        channel=pl.Series(channel),
        device=pl.Series(np.array(_DEVICES)[rng.choice(3, size, p=[0.62, 0.33, 0.05])]),
        looks=pl.Series(np.minimum(rng.geometric(0.42, size), 25)),
    )


def _steps(
    setting: Setting, rng: np.random.Generator, sessions: pl.DataFrame, cart_lines: pl.DataFrame, first: int
) -> pl.DataFrame:
    keep = ["session", "at", "market", "order_id", "total_minor", "paid"]
    looks = sessions.select(*keep, "looks")[np.repeat(np.arange(sessions.height), sessions["looks"].to_numpy())]
    draw = rng.random(looks.height)
    landed = pl.int_range(pl.len()).over("session") == 0
    looks = looks.with_columns(draw=pl.Series(draw), landed=landed)
    kind = (
        pl.when("landed")
        .then(pl.when(pl.col("draw") < 0.5).then(pl.lit("page_view")).otherwise(pl.lit("product_view")))
        .when(pl.col("draw") < 0.58)
        .then(pl.lit("product_view"))
        .when(pl.col("draw") < 0.78)
        .then(pl.lit("page_view"))
        .when(pl.col("draw") < 0.94)
        .then(pl.lit("search"))
        .otherwise(pl.lit("favourite"))
    )
    variant = pl.Series(popular(setting, rng, looks["market"].to_numpy(), first) + FIRST_VARIANT, dtype=pl.Int64)
    looks = looks.with_columns(kind=kind).with_columns(
        variant_id=pl.when(pl.col("kind").is_in(["product_view", "favourite"])).then(variant),
        quantity=pl.lit(None, pl.Int64),
        value=pl.lit(None, pl.Int64),
        place=pl.int_range(pl.len()).over("session"),
    )
    taken = (
        sessions.filter(pl.col("cart_id").is_not_null())
        .select(*keep, "cart_id")
        .join(cart_lines, on="cart_id", maintain_order="left_right")
    )
    viewed = taken.with_columns(
        kind=pl.lit("product_view"),
        place=100 + 2 * pl.col("line_no"),
        quantity=pl.lit(None, pl.Int64),
        value=pl.lit(None, pl.Int64),
    )
    added = taken.with_columns(
        kind=pl.lit("add_to_cart"),
        place=101 + 2 * pl.col("line_no"),
        value=pl.col("quantity") * pl.col("unit_price_minor"),
    )
    asks = sessions.filter(pl.col("order_id").is_not_null() | (pl.col("cart_id") % 5 < 2))
    end = {"variant_id": pl.lit(None, pl.Int64), "quantity": pl.lit(None, pl.Int64), "value": pl.col("total_minor")}
    checkout = asks.with_columns(kind=pl.lit("checkout"), place=pl.lit(9_000, pl.Int64), **end)
    purchase = sessions.filter(pl.col("order_id").is_not_null()).with_columns(
        kind=pl.lit("purchase"), place=pl.lit(9_001, pl.Int64), **(end | {"value": pl.col("paid")})
    )
    names = ["session", "at", "order_id", "kind", "variant_id", "quantity", "value", "place"]
    steps = pl.concat([frame.select(names) for frame in (looks, viewed, added, checkout, purchase)])
    columns = sessions.select("session", "market", "customer_id", "visitor_id", "channel", "device")
    return steps.join(columns, on="session", maintain_order="left")


def _as_events(setting: Setting, steps: pl.DataFrame) -> pl.DataFrame:
    start = setting.take("event", steps.height)
    people = setting.people.table
    home = people["country"].gather(steps["customer_id"] - FIRST_CUSTOMER)
    kind, market = pl.col("kind"), pl.col("market")
    channel = {place: dict(enumerate(found)) for place, found in enumerate(zip(*_CHANNELS, strict=True))}
    words = dict(enumerate([style.lower() for style, _ in STYLES] + ["", "圣诞礼物", "mug, blue", "“gift” <b>"]))
    query = ((pl.col("session") * 7 + pl.col("place")) % len(words)).replace_strict(words)
    found = (pl.col("session") * 13 + pl.col("place")) % 48
    variant = pl.col("variant_id").cast(pl.String)
    path = (
        pl.when(variant.is_not_null())
        .then(pl.format("/products/{}", variant))
        .when(kind == "search")
        .then(pl.lit("/search"))
        .when(kind == "checkout")
        .then(pl.lit("/checkout"))
        .when(kind == "purchase")
        .then(pl.lit("/thank-you"))
        .otherwise(pl.lit("/"))
    )
    number = pl.int_range(start, start + steps.height, dtype=pl.Int64)
    return steps.with_columns(
        event_id=pl.format("{}", 1_000_000_000_000_000_000 + number * 1_000_003),
        shop=market.replace_strict({0: "shopify", 1: "woocommerce"}),
        occurred_at=setting.instant("second"),
        session_no="session",
        query=pl.when(kind == "search").then(query),
        results=pl.when(kind == "search").then(pl.when(found < 5).then(0).otherwise(found)).cast(pl.Int64),
        country=pl.coalesce(home, market.replace_strict({0: "GB", 1: "DE"})),
        source=pl.col("channel").replace_strict(channel[0]),
        medium=pl.col("channel").replace_strict(channel[1]),
        campaign=pl.col("channel").replace_strict(channel[2], return_dtype=pl.String),
        page_path=path,
        value_minor="value",
        currency=market.replace_strict({0: "GBP", 1: "EUR"}),
    )
