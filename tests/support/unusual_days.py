"""Made-up daily sales of a shop with two channels, and things that go wrong on one day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from models_ml.anomalies import detect

FIRST = date(2025, 1, 6)
DAYS = 200
_CHANNELS = {"web": 90.0, "market": 45.0}
_WEEK = np.array([0.9, 0.95, 1.0, 1.05, 1.2, 1.1, 0.8])
PLAIN = pl.DataFrame(schema={"day": pl.Date, "is_holiday": pl.Boolean, "is_event": pl.Boolean})
# metric, factor: an outage, half an outage, doubled loads, a wrong price list, a bad batch, robots, a broken tag
_KINDS = (
    ("orders", 0.05), ("orders", 0.35), ("orders", 2.0), ("price", 0.3), ("price", 3.0), ("refunds", 6.0),
    ("sessions", 3.0), ("sessions", 0.2),
)  # fmt: skip


def clean(seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Daily sales and visits on which nothing happened: weekdays, a slow trend, overdispersed counts."""
    rng = np.random.default_rng(seed)
    days = [FIRST + timedelta(days=number) for number in range(DAYS)]
    sales, visits = [], []
    for channel, level in _CHANNELS.items():
        rate = level * _WEEK[np.arange(DAYS) % 7] * np.exp(0.001 * np.arange(DAYS))
        orders = rng.poisson(rate * rng.gamma(60, 1 / 60, DAYS)).astype(float)
        units = orders + rng.poisson(orders)
        own = {"day": days, "channel_id": [channel] * DAYS, "orders": orders}
        own |= {
            "sales": units * rng.normal(17, 0.9, DAYS),
            "units": units,
            "refunds": rng.poisson(orders * 0.06).astype(float),
        }
        sales.append(pl.DataFrame(own))
        visited = rng.poisson(rate * 40 * rng.gamma(150, 1 / 150, DAYS)).astype(float)
        visits.append(pl.DataFrame({"day": days, "channel_id": [channel] * DAYS, "sessions": visited}))
    return pl.concat(sales), pl.concat(visits)


def told(anomalies: pl.DataFrame) -> set[tuple[date, str, str]]:
    """Day, channel and metric of what is told."""
    rows = anomalies.filter(pl.col("direction") != "usual").select("day", "channel_id", "metric").rows()
    return {(day, str(channel), str(metric)) for day, channel, metric in rows}


@dataclass(frozen=True)
class Fault:
    """One thing that went wrong on one day of one channel."""

    sales: pl.DataFrame
    visits: pl.DataFrame
    where: frozenset[tuple[date, str, str]]

    def detect(self) -> pl.DataFrame:
        """What is made of it."""
        return detect(self.sales, self.visits, PLAIN)["anomaly"]


def faults(seed: int, count: int) -> list[Fault]:
    """Faults on random days of the last 60, of each kind in turn."""
    rng = np.random.default_rng(seed)
    sales, visits = clean(seed)
    made = []
    for number in range(count):
        metric, factor = _KINDS[number % len(_KINDS)]
        channel = list(_CHANNELS)[int(rng.integers(2))]
        day = FIRST + timedelta(days=DAYS - 1 - int(rng.integers(60)))
        here = (pl.col("day") == day) & (pl.col("channel_id") == channel)
        changed = {"orders": ("orders", "sales", "units"), "price": ("sales",), "refunds": ("refunds",)}.get(metric, ())
        # a quiet day would hide a bad batch: at least one came back
        bad = [
            pl.when(here)
            .then(pl.max_horizontal(name, 3.0 if name == "refunds" else 0.0) * factor)
            .otherwise(name)
            .alias(name)
            for name in changed
        ]
        seen = pl.when(here & (metric == "sessions")).then(pl.col("sessions") * factor).otherwise("sessions")
        where = frozenset(
            (day, channel, one) for one in {metric, *({"sales"} if metric in ("orders", "price") else ())}
        )
        made.append(Fault(sales.with_columns(bad), visits.with_columns(sessions=seen), where))
    return made
