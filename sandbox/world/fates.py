"""What will become of an order, drawn when it is placed: stock needs to know what ships and comes back when.

All times are whole seconds since the midnight that begins the first day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from sandbox.world.catalogue import Assortment
from sandbox.world.people import COUNTRIES, MARKET_COUNTRIES, People
from sandbox.world.seasons import Flags, Floats, Integers
from sandbox.world.words import DEPARTMENTS

HOUR, DAY = 3_600, 86_400
_CANCELLED = np.array([0.020, 0.024, 0.022, 0.018])
_EDITED = np.array([0.016, 0.008, 0.0, 0.0])
_PARTIAL = np.array([0.012, 0.014, 0.0, 0.0])
_TESTS = np.array([0.003, 0.002, 0.0, 0.0])
_AT_THE_COUNTER = 0.05  # share of the Shopify orders taken in the showroom
_FRAUD = np.array([0.004, 0.003, 0.0, 0.0])
_SLOW_PAYERS = np.array([0.015, 0.05, 0.10, 0.22])  # bank transfer, convenience stores
_RETURNED = np.array([0.060, 0.085, 0.050, 0.022])  # share of lines
# Textiles and lamps come back more often than mugs; by department, in the order of the tree.
_RETURNED_BY_DEPARTMENT = np.array([0.75, 1.15, 1.5, 0.8, 0.7, 0.9, 0.0])


@dataclass(frozen=True)
class Fates:
    """Drawn columns for orders and for lines, in their order.

    Attributes:
        orders: `country` (row number), times and flags of each order.
        lines: `cut`, `short`, `returned_share`, `sellable` and others of each line.
    """

    orders: pl.DataFrame
    lines: pl.DataFrame


def draw_fates(
    rng: np.random.Generator, orders: pl.DataFrame, lines: pl.DataFrame, people: People, made: Assortment
) -> Fates:
    """Draws all that does not depend on the stock."""
    market = orders["market"].to_numpy()
    total = len(market)
    created = orders["day"].to_numpy() * DAY + orders["second"].to_numpy()
    is_test = rng.random(total) < _TESTS[market]
    country = _countries(rng, market, orders["customer"].to_numpy(), people)
    counter = (market == 0) & (rng.random(total) < _AT_THE_COUNTER) & ~is_test
    country = np.where(counter, 0, country)
    pay = _payment(rng, market, created, is_test | counter)
    fraud = (rng.random(total) < _FRAUD[market]) & ~is_test & ~pay["cancelled"]
    fraud &= ~counter
    edited = (rng.random(total) < _EDITED[market]) & ~is_test & ~counter & ~pay["cancelled"] & pay["is_paid"]
    journey = _journey(rng, market, country, pay["paid"].astype(np.int64), counter)
    frame = pl.DataFrame(
        {
            "created": created,
            "country": country,
            "is_test": is_test,
            "counter": counter,
            "fraud": fraud,
            "edited": edited,
            **pay,
            **journey,
        }
    )
    active = pay["is_paid"] & ~pay["cancelled"] & ~is_test
    frame = frame.with_columns(
        active=pl.Series(active),
        partial=pl.Series((rng.random(total) < _PARTIAL[market]) & active & ~edited & ~counter),
        split=pl.Series((rng.random(total) < 0.06) & ~counter),
        split_wait=pl.Series(rng.integers(DAY // 2, 3 * DAY, total)),
        edit_at=pl.Series(created + rng.integers(600, 2_400, total)),
        short_refunded=pl.Series(rng.random(total) < 0.7),
        short_wait=pl.Series(rng.integers(8 * DAY, 18 * DAY, total)),
        lowered=pl.Series(rng.random(total) < 0.5),
    )
    return Fates(frame, _line_fates(rng, frame, lines, made))


def _countries(rng: np.random.Generator, market: Integers, customer: Integers, people: People) -> Integers:
    steps = MARKET_COUNTRIES.cumsum(axis=1)[market]
    guess = np.minimum((rng.random(len(market))[:, None] > steps).sum(axis=1), len(COUNTRIES) - 1)
    return np.where(customer >= 0, people.country[customer], guess)


def _payment(
    rng: np.random.Generator, market: Integers, created: Integers, at_once: Flags
) -> dict[str, Integers | Flags]:
    """When it is paid, whether it is cancelled, and when: before anything leaves the house."""
    total = len(market)
    slow = (rng.random(total) < _SLOW_PAYERS[market]) & ~at_once
    quick = np.where(market >= 2, rng.integers(1_200, 3 * HOUR, total), rng.integers(2, 90, total))
    paid: Integers = created + np.where(slow, rng.integers(8 * HOUR, 4 * DAY, total), quick)
    cancelled = (rng.random(total) < _CANCELLED[market] + 0.08 * slow) & ~at_once
    never: Flags = (rng.random(total) < np.where(cancelled, 0.45, 0.0) + 0.05 * slow) & ~at_once
    unpaid_end = created + rng.integers(2 * DAY, 6 * DAY, total)
    cancelled_at = np.where(never, unpaid_end, paid + rng.integers(300, 3 * HOUR, total))
    return {"slow": slow, "paid": paid, "is_paid": ~never, "cancelled": cancelled, "cancel_at": cancelled_at}


def _journey(
    rng: np.random.Generator, market: Integers, country: Integers, paid: Integers, counter: Flags
) -> dict[str, Integers | Flags]:
    total = len(market)
    packing = np.where(market >= 2, rng.integers(4 * HOUR, 30 * HOUR, total), rng.integers(5 * HOUR, 46 * HOUR, total))
    home = np.array([0, 1, 0, 2])[market] == country
    days = np.where(home, rng.gamma(4.0, 0.5, total), rng.gamma(6.0, 1.1, total)) + 0.6
    shipped = paid + np.where(counter, 30, packing)
    delivered = shipped + np.where(counter, 30, (days * DAY).astype(np.int64))
    asked = delivered + rng.integers(DAY // 2, 17 * DAY, total)
    back = asked + rng.integers(3 * DAY, 11 * DAY, total)
    return {
        "shipped": shipped,
        "delivered": delivered,
        "lost_parcel": (rng.random(total) < 0.006) & ~counter,
        "asked": asked,
        "back": back,
        "refund_at": back + rng.integers(2 * HOUR, 50 * HOUR, total),
        "never_back": rng.random(total) < 0.06,
    }


def _line_fates(rng: np.random.Generator, orders: pl.DataFrame, lines: pl.DataFrame, made: Assortment) -> pl.DataFrame:
    order, variant = lines["order"].to_numpy(), lines["variant"].to_numpy()
    total, market = len(order), lines["market"].to_numpy()
    own = {name: orders[name].to_numpy()[order] for name in ("edited", "lowered", "partial", "active", "split")}
    place = lines.select(pl.int_range(pl.len()).over("order")).to_series().to_numpy()
    several = lines.select(pl.len().over("order")).to_series().to_numpy() > 1
    last = lines.select(pl.int_range(pl.len()).over("order") == pl.len().over("order") - 1).to_series().to_numpy()
    added = own["edited"] & ~own["lowered"] & several & last & (lines["bundle"].to_numpy() < 0)
    kind = np.append(_RETURNED_BY_DEPARTMENT[: len(DEPARTMENTS)], 0.0)[made.department[variant]]
    returned = (rng.random(total) < _RETURNED[market] * kind) & own["active"]
    share: Floats = np.where(rng.random(total) < 0.75, 1.0, rng.random(total))
    disposition = rng.choice(3, total, p=[0.78, 0.13, 0.09])
    return pl.DataFrame(
        {
            "place": place,
            "added": added,
            "cut": np.where(own["edited"] & (own["lowered"] | ~several), 1, 0),
            "short": np.where(own["partial"] & (last | (rng.random(total) < 0.3)), rng.integers(1, 3, total), 0),
            "returned_share": np.where(returned, share, 0.0),
            "disposition": disposition,
            "second_parcel": own["split"] & (place > 0),
            "second_refund": rng.random(total) < 0.2,
            "takes_less": rng.random(total) < 0.65,
        }
    )
