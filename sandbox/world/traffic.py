"""Carts and the clickstream of the two web shops, coherent with the orders."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.world.catalogue import FIRST_VARIANT
from sandbox.world.demand import Wanted
from sandbox.world.fates import DAY
from sandbox.world.people import FIRST_CUSTOMER
from sandbox.world.seasons import Integers
from sandbox.world.setting import Placed, Setting
from sandbox.world.words import STYLES

_ABANDONED_PER_ORDER = 2.1
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
_DEVICES = ("mobile", "desktop", "tablet")


def carts(setting: Setting, number: int, wanted: Wanted, placed: Placed) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Carts that became orders, and those that were left; with their lines."""
    rng = setting.spec.rng("carts", number)
    web = placed.orders.filter((pl.col("market") < 2) & ~pl.col("counter") & ~pl.col("is_test"))
    bought = web.select(
        "order_id",
        "market",
        "shop",
        "customer_id",
        "email",
        "currency",
        "created",
        begun=pl.col("created") - 120 - (pl.col("draw") * 1_500).cast(pl.Int64),
        done=pl.col("created"),
    )
    bought_lines = placed.lines.filter(pl.col("order_id").is_in(web["order_id"].implode()) & ~pl.col("added")).select(
        "order_id", "line_no", "variant_id", quantity="got", unit_price_minor="price"
    )
    left, left_lines = _abandoned(setting, rng, wanted, web)
    every = pl.concat([bought.with_columns(pl.lit(None, pl.Int64).alias("key")), left.select([*bought.columns, "key"])])
    every = every.sort("begun", "order_id", maintain_order=True)
    start = setting.take("cart", every.height, 41_001)
    every = every.with_columns(cart_id=pl.int_range(start, start + every.height, dtype=pl.Int64))
    lines = pl.concat(
        [
            bought_lines.join(
                every.select("order_id", "cart_id"), on="order_id", how="inner", maintain_order="left"
            ).drop("order_id"),
            left_lines.join(every.select("key", "cart_id"), on="key", how="inner", maintain_order="left").drop("key"),
        ]
    ).sort("cart_id", "line_no")
    totals = lines.group_by("cart_id", maintain_order=True).agg(
        total_minor=(pl.col("quantity") * pl.col("unit_price_minor")).sum()
    )
    every = every.join(totals, on="cart_id", maintain_order="left").with_columns(
        created_at=setting.instant("begun"),
        updated_at=setting.instant(pl.coalesce("done", pl.col("begun") + 400)),
        completed_at=setting.instant("done"),
    )
    return every, lines


def _abandoned(
    setting: Setting, rng: np.random.Generator, wanted: Wanted, web: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Carts in the manner of the bought ones, at times and by people of their own."""
    count = int(rng.poisson(web.height * _ABANDONED_PER_ORDER)) if web.height else 0
    like = web[np.sort(rng.integers(0, max(web.height, 1), count))] if web.height else web
    shift = rng.integers(-6 * 3_600, 6 * 3_600, count)
    known = pl.Series(rng.random(count) < 0.45)
    left = like.select(
        "market",
        "shop",
        "currency",
        "created",
        "day",
        customer_id=pl.when(known).then("customer_id"),
        email=pl.when(known | pl.Series(rng.random(count) < 0.3)).then("email"),
    ).with_columns(
        order_id=pl.lit(None, pl.Int64),
        begun=pl.col("day") * DAY + (pl.col("created") + pl.Series(shift)) % DAY,
        done=pl.lit(None, pl.Int64),
        key=pl.int_range(count, dtype=pl.Int64),
    )
    many = rng.geometric(0.6, count)
    rows = left.select("key", "market", day=pl.col("begun") // DAY)[np.repeat(np.arange(count), many)]
    variant = popular(setting, rng, rows["market"].to_numpy(), wanted.first)
    price = wanted.prices[rows["day"].to_numpy() - wanted.first, rows["market"].to_numpy(), variant]
    lines = rows.select("key").with_columns(
        line_no=pl.int_range(1, pl.len() + 1).over("key"),
        variant_id=pl.Series(variant + FIRST_VARIANT, dtype=pl.Int64),
        quantity=pl.Series(1 + (rng.random(len(variant)) < 0.15), dtype=pl.Int64),
        unit_price_minor=pl.Series(price, dtype=pl.Int64),
    )
    return left, lines


def popular(setting: Setting, rng: np.random.Generator, market: Integers, day: int) -> Integers:
    """Row numbers of variants on sale, as they are looked at."""
    made = setting.made
    result = np.zeros(len(market), np.int64)
    for number in range(4):
        own = market == number
        weight = made.popularity * made.listed[number] * ((made.starts < day + 1) & (made.ends > day))
        steps = weight.cumsum()
        result[own] = np.minimum(
            np.searchsorted(steps, rng.random(int(own.sum())) * steps[-1], side="right"), made.size - 1
        )
    return result


def events(setting: Setting, number: int, first: int, baskets: pl.DataFrame, cart_lines: pl.DataFrame) -> pl.DataFrame:
    """The clickstream of a chunk: sessions that buy, that leave a cart, and that only look."""
    rng = setting.spec.rng("events", number)
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
        "cart_id", "order_id", "market", "customer_id", "total_minor", at=pl.coalesce("done", "begun")
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
        at=pl.col("at") // DAY * DAY + (pl.col("at") + pl.Series(rng.integers(0, DAY, count))) % DAY,
    )
    every = pl.concat([bought, only]).sort("at", "cart_id", maintain_order=True)
    size = every.height
    start = setting.take("session", size)
    channel = rng.choice(len(_CHANNELS), size, p=_CHANNEL_SHARES)
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
    keep = ["session", "at", "market", "order_id", "total_minor"]
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
        kind=pl.lit("purchase"), place=pl.lit(9_001, pl.Int64), **end
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
        country=home.fill_null(pl.Series(["GB"])[0]),
        source=pl.col("channel").replace_strict(channel[0]),
        medium=pl.col("channel").replace_strict(channel[1]),
        campaign=pl.col("channel").replace_strict(channel[2], return_dtype=pl.String),
        page_path=path,
        value_minor="value",
        currency=market.replace_strict({0: "GBP", 1: "EUR"}),
    )
