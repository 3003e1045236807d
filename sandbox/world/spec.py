"""What decides a world: every byte follows from these numbers."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from sandbox.world.seasons import CURVES, day_factors

_LINES_PER_CHUNK = 60_000  # about; what bounds the memory, as each chunk is written before the next one is made
_LINES_PER_ORDER = 2.1


@dataclass(frozen=True)
class WorldSpec:
    """The size and the seed of a world.

    Attributes:
        seed: Decides everything that chance decides.
        first_day: First UTC day with orders.
        last_day: Last UTC day with orders. What follows from them (deliveries, refunds, payouts) comes later still.
        orders_per_day: Orders on a mean day of the first year, all shops together.
        products: Products in the catalogue; about 1.7 times as many variants.
        customers: Registered customers of all shops.
        tracked_days: The clickstream covers the last so many days: it is by far the largest table.
    """

    seed: int = 352
    first_day: date = date(2024, 9, 1)
    last_day: date = date(2025, 12, 14)
    orders_per_day: float = 138.0
    products: int = 1_500
    customers: int = 48_000
    tracked_days: int = 130

    def __post_init__(self) -> None:
        if self.days < 28 or self.products < 20 or self.customers < 20 or self.orders_per_day <= 0:
            raise ValueError("A world needs at least 28 days, 20 products, 20 customers and some orders a day.")

    @classmethod
    def tiny(cls, seed: int = 352) -> WorldSpec:
        """60 days around Black Friday with all that can happen, for tests."""
        return cls(seed, date(2025, 10, 16), date(2025, 12, 14), 18.0, 40, 260, 60)

    @classmethod
    def demo(cls, seed: int = 352) -> WorldSpec:
        """The demo's merchant: 15 months to 14 December 2025."""
        return cls(seed)

    @property
    def days(self) -> int:
        """Number of days with orders."""
        return (self.last_day - self.first_day).days + 1

    @cached_property
    def day_list(self) -> list[date]:
        """The days with orders."""
        return [self.first_day + timedelta(days=number) for number in range(self.days)]

    def chunks(self) -> list[tuple[int, int]]:
        """Half-open ranges of day numbers: months, or less where a month holds too many lines; a day at least."""
        months = np.array(CURVES["flat"])[[day.month - 1 for day in self.day_list]]
        lines = self.orders_per_day * _LINES_PER_ORDER * day_factors(self.day_list).mean(axis=1) * months
        starts, held = [0], 0.0
        for number, (day, more) in enumerate(zip(self.day_list, lines.tolist(), strict=True)):
            if number and (day.day == 1 or held + more > _LINES_PER_CHUNK):
                starts.append(number)
                held = 0.0
            held += more
        return list(zip(starts, [*starts[1:], self.days], strict=True))

    def rng(self, purpose: str, number: int = 0) -> np.random.Generator:
        """Chance for one purpose: what one part draws does not shift what another one draws."""
        return np.random.default_rng([self.seed, zlib.crc32(purpose.encode()), number])
