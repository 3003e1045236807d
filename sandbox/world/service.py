"""Reviews and tickets."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.world.aftermath import Aftermath
from sandbox.world.fates import DAY, HOUR
from sandbox.world.setting import Placed, Setting

_TEXTS = {
    1: ("Broken", "Arrived in pieces.\nSeller says “wait”. 😡"),
    2: ("Not as pictured", 'Says 24" but is 20"; disappointed'),
    3: ("OK", "Does what it should, nothing more"),
    4: ("好看", "质量不错，就是物流有点慢"),
    5: ("Love it ❤️", "Perfect gift, bought two more, will buy again"),
}
_CATEGORIES = ("where_is_my_order", "return", "damaged", "product_question", "invoice", "change_order")


def reviews(setting: Setting, number: int, placed: Placed) -> pl.DataFrame:
    """What a few buyers write, some days after the parcel came; returned things are rated low."""
    rng = setting.spec.rng("reviews", number)
    of_order = placed.orders.filter("active").select("order_id", "shop", "customer_id", arrived="delivered")
    lines = placed.lines.filter("stocked").join(of_order, on="order_id", how="inner", maintain_order="left")
    lines = lines.filter(pl.Series(rng.random(lines.height) < 0.055))
    # Every product has a quality of its own, about which opinions vary.
    quality = 4.3 + 0.5 * np.sin(lines["variant"].to_numpy() * 12.9898)
    rating = np.clip(
        np.round(quality + rng.normal(0, 0.9, lines.height) - 2.2 * (lines["back_units"].to_numpy() > 0)), 1, 5
    )
    start = setting.take("review", lines.height, 51_001)
    return lines.with_columns(
        review_id=pl.int_range(start, start + lines.height, dtype=pl.Int64),
        created_at=setting.instant(pl.col("arrived") + pl.Series(rng.integers(1 * DAY, 25 * DAY, lines.height))),
        rating=pl.Series(rating.astype(np.int64)),
    ).with_columns(
        title=pl.col("rating").replace_strict({stars: text[0] for stars, text in _TEXTS.items()}),
        body=pl.col("rating").replace_strict({stars: text[1] for stars, text in _TEXTS.items()}),
    )


def tickets(setting: Setting, number: int, placed: Placed, after: Aftermath, agents: pl.DataFrame) -> pl.DataFrame:
    """Questions to the support: more where something went wrong; slower answers on busy days."""
    rng = setting.spec.rng("tickets", number)
    orders = placed.orders.filter(~pl.col("is_test"))
    trouble = pl.Series(orders["order_id"].is_in(after.refunds["order_id"].implode())).to_numpy()
    trouble |= orders["lost_parcel"].to_numpy()
    rows = orders.filter(pl.Series(rng.random(orders.height) < np.where(trouble, 0.5, 0.055)))
    count = rows.height
    kind = rng.choice(len(_CATEGORIES), count, p=[0.36, 0.22, 0.12, 0.14, 0.08, 0.08])
    reply = (rng.lognormal(1.2, 0.9, count) * HOUR).astype(np.int64) + 60
    solved = reply + (rng.lognormal(2.6, 1.0, count) * HOUR).astype(np.int64)
    told = rng.random(count) < 0.35
    mood = np.clip(np.round(4.6 - 0.25 * np.log1p(reply / HOUR) * 1.6 + rng.normal(0, 0.9, count)), 1, 5).astype(
        np.int64
    )
    names = agents.filter(pl.col("team") == "support")["name"].to_numpy()
    unassigned = rng.random(count) < 0.2
    start = setting.take("ticket", count, 61_001)
    opened = pl.col("created") + pl.Series(rng.integers(HOUR, 9 * DAY, count))
    return (
        rows.with_columns(opened=opened)
        .sort("opened", "order_id")
        .with_columns(
            ticket_id=pl.int_range(start, start + count, dtype=pl.Int64),
            order_id=pl.when(pl.Series(~unassigned)).then("order_id"),
            created_at=setting.instant("opened"),
            first_reply_at=pl.when(pl.Series(rng.random(count) < 0.985)).then(
                setting.instant(pl.col("opened") + pl.Series(reply))
            ),
            channel=pl.Series(
                np.array(["email", "chat", "phone", "marketplace"])[rng.choice(4, count, p=[0.5, 0.3, 0.1, 0.1])]
            ),
            category=pl.Series(np.array(_CATEGORIES)[kind]),
            priority=pl.Series(
                np.array(["low", "normal", "high", "urgent"])[rng.choice(4, count, p=[0.2, 0.6, 0.15, 0.05])]
            ),
            agent=pl.Series(names[rng.integers(0, len(names), count)], dtype=pl.String),
        )
        .with_columns(
            solved_at=pl.when(pl.col("first_reply_at").is_not_null() & pl.Series(rng.random(count) < 0.95)).then(
                setting.instant(pl.col("opened") + pl.Series(solved))
            ),
        )
        .with_columns(satisfaction=pl.when(pl.col("solved_at").is_not_null() & pl.Series(told)).then(pl.Series(mood)))
    )
