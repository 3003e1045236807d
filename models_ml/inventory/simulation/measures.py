"""What a course was worth: service, stock, lost margin and cost; and policies compared at equal service or stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models_ml.inventory.simulation.engine import Course, Floats

DAYS_A_YEAR = 365.0


@dataclass(frozen=True)
class Prices:
    """Money by product, shape (products,) each.

    Attributes:
        price: Of a unit sold.
        cost: Of a unit bought.
        holding_rate: Holding cost a year, as a share of cost.
        order_cost: Of an order line.
    """

    price: Floats
    cost: Floats
    holding_rate: float
    order_cost: float


@dataclass(frozen=True)
class Outcome:
    """The figures of one policy at one setting.

    Attributes:
        policy: Its name.
        setting: What was turned: a service level, or a factor.
        demand_units: Units wanted.
        lost_units: Units wanted that were not there.
        stock_value: Mean value of stock at the day's end, at cost.
        stock_units: Mean units at the day's end.
        lost_margin: Price less cost of the lost units.
        holding_cost: Of the stock for these days.
        order_lines: Orders of a product.
        total_cost: Lost margin, holding and ordering.
    """

    policy: str
    setting: float
    demand_units: float
    lost_units: float
    stock_value: float
    stock_units: float
    lost_margin: float
    holding_cost: float
    order_lines: int
    total_cost: float

    @property
    def fill_rate(self) -> float:
        """Units served of those wanted; 1 where none were wanted."""
        return 1 - self.lost_units / self.demand_units if self.demand_units else 1.0


def measure(policy: str, setting: float, course: Course, prices: Prices, *, from_day: int) -> Outcome:
    """The figures of the days from `from_day` on; those before it only fill the shelves."""
    sold, lost, on_hand, ordered = (
        part[:, from_day:] for part in (course.sold, course.lost, course.on_hand, course.ordered)
    )
    days = max(sold.shape[1], 1)
    stock_value = float((on_hand.sum(axis=1) * prices.cost).sum()) / days
    lost_margin = float((lost.sum(axis=1) * np.maximum(prices.price - prices.cost, 0)).sum())
    holding = stock_value * prices.holding_rate * days / DAYS_A_YEAR
    lines = int((ordered > 0).sum())
    return Outcome(
        policy=policy,
        setting=setting,
        demand_units=float(sold.sum() + lost.sum()),
        lost_units=float(lost.sum()),
        stock_value=stock_value,
        stock_units=float(on_hand.sum()) / days,
        lost_margin=lost_margin,
        holding_cost=holding,
        order_lines=lines,
        total_cost=lost_margin + holding + lines * prices.order_cost,
    )


def stock_at_fill(curve: Sequence[Outcome], fill_rate: float) -> float | None:
    """The stock value at which a policy's curve reaches a fill rate, linear between settings; None beyond its ends."""
    return _along([(point.fill_rate, point.stock_value) for point in curve], fill_rate)


def lost_at_stock(curve: Sequence[Outcome], stock_value: float) -> float | None:
    """The units lost at a stock value, linear between settings; None beyond the curve's ends."""
    return _along([(point.stock_value, point.lost_units) for point in curve], stock_value)


def _along(points: Sequence[tuple[float, float]], wanted: float) -> float | None:
    points = sorted(points)
    if not points or not points[0][0] <= wanted <= points[-1][0]:
        return None
    return float(np.interp(wanted, [x for x, _ in points], [y for _, y in points]))
