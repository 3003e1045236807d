"""A shop's stock day by day: what customers want, what is there, what is ordered and when it comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class World:
    """What happens, whatever is ordered.

    Attributes:
        demand: Shape (products, days): units wanted, from 0.
        lead_times: Shape (products, days): days until an order that is placed on a day's morning can be sold, from 1.
        pack_units: Shape (products,): orders are multiples of this.
        minimum_units: Shape (products,): the least order.
    """

    demand: Integers
    lead_times: Integers
    pack_units: Integers
    minimum_units: Integers


@dataclass(frozen=True)
class Levels:
    """What a policy wants at each of its reviews.

    Attributes:
        days: The reviews' days, rising; the first is day 0.
        reorder_points: Shape (reviews, products): order where the position is at or below this.
        order_up_to: Shape (reviews, products): up to this.
    """

    days: Sequence[int]
    reorder_points: Integers
    order_up_to: Integers


@dataclass(frozen=True)
class Course:
    """What came of it, by product and day; shape (products, days) each.

    Attributes:
        sold: Units sold.
        lost: Units wanted that were not there; the customer goes.
        on_hand: Units at the day's end.
        ordered: Units ordered in the morning.
    """

    sold: Integers
    lost: Integers
    on_hand: Integers
    ordered: Integers


def simulate(world: World, levels: Levels) -> Course:
    """Plays all products through all days at once.

    A day's morning: deliveries come in, and on a review's day orders go out, in whole packs, where stock on hand and
    on its way is at or below the reorder point. Then demand is served as far as stock goes; the rest is lost, nobody
    waits. It begins with the order-up-to level of the first review on hand and nothing on its way; who measures leaves
    out the first weeks (`from_day`).

    Args:
        world: Demand and terms.
        levels: The policy's levels.

    Returns:
        The course of every product.
    """
    products, days = world.demand.shape
    horizon = days + int(world.lead_times.max(initial=1)) + 1
    arrivals = np.zeros((products, horizon), np.int64)
    sold, on_hand_by_day, ordered = (np.zeros((products, days), np.int64) for _ in range(3))
    on_hand = levels.order_up_to[0].astype(np.int64).copy()
    on_order = np.zeros(products, np.int64)
    review_of = {day: place for place, day in enumerate(levels.days)}
    rows = np.arange(products)
    for day in range(days):
        on_hand += arrivals[:, day]
        on_order -= arrivals[:, day]
        if day in review_of:
            place = review_of[day]
            units = order_quantities(
                on_hand + on_order,
                levels.reorder_points[place],
                levels.order_up_to[place],
                world.pack_units,
                world.minimum_units,
            )
            np.add.at(arrivals, (rows, day + world.lead_times[:, day]), units)
            on_order += units
            ordered[:, day] = units
        sold[:, day] = np.minimum(on_hand, world.demand[:, day])
        on_hand -= sold[:, day]
        on_hand_by_day[:, day] = on_hand
    return Course(sold=sold, lost=world.demand - sold, on_hand=on_hand_by_day, ordered=ordered)


def order_quantities(
    position: Integers, reorder_points: Integers, order_up_to: Integers, pack_units: Integers, minimum_units: Integers
) -> Integers:
    """Whole packs that lift the position to the level, at least the minimum; 0 above the reorder point."""
    shortfall = np.where(position <= reorder_points, order_up_to - position, 0)
    wanted = np.maximum(shortfall, minimum_units)
    packed: Integers = -(-wanted // pack_units) * pack_units
    return np.where(shortfall > 0, packed, 0)


def draw_lead_times(chances: Sequence[tuple[int, float]], shape: tuple[int, int], *, seed: int) -> Integers:
    """Lead times of every product's and day's order, drawn from a distribution with a seed.

    Args:
        chances: (days, probability), probabilities in sum 1.
        shape: (products, days).
        seed: Equal seeds give equal draws.
    """
    days = np.array([day for day, _ in chances], np.int64)
    weights = np.array([chance for _, chance in chances])
    drawn = np.random.default_rng(seed).choice(days, size=shape, p=weights / weights.sum())
    result: Integers = np.maximum(drawn, 1).astype(np.int64)
    return result
