"""What the parts of a generation share."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from sandbox.world.catalogue import Assortment
from sandbox.world.people import People
from sandbox.world.spec import WorldSpec


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
