"""Stock by day: it grants what is there, ships, takes back, and is bought again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from sandbox.world.buying import COVER_DAYS, FBA_COVER, FBA_TRANSIT, REVIEW_DAYS, Arrivals, Buying
from sandbox.world.catalogue import FIRST_VARIANT, Assortment
from sandbox.world.ledger import FIRST_LOCATION, Ledger
from sandbox.world.seasons import Flags, Floats, Integers
from sandbox.world.spec import WorldSpec

_DAY, _HOUR = 86_400, 3_600
_HORIZON = 128  # days ahead for which shipments and returns may be booked
_SMOOTHING = 0.04


@dataclass(frozen=True)
class Asked:
    """Lines of one day in order of time; all arrays have one entry a line.

    Attributes:
        place: Market times variants + variant: where the stock is asked.
        quantity: Units wanted.
        before: Units wanted at the same place earlier that day.
        instance: Number of the bundle that the line is part of, -1 for none.
        stocked: False: granted without stock (gift cards, test orders).
        partial: Whether the customer takes less than wanted.
    """

    place: Integers
    quantity: Integers
    before: Integers
    instance: Integers
    stocked: Flags
    partial: Flags


class Stock:
    """Units at every location. A day is `open_day`, `grant`, `book`, `close_day`.

    Attributes:
        ledger: What happened to stock, but for sales and returns, which follow from the orders.
    """

    def __init__(self, spec: WorldSpec, made: Assortment, expected: Floats) -> None:
        self._made, self._spec = made, spec
        self._size = 4 * made.size
        self.ledger = Ledger(spec, made.size)
        self._arrivals = Arrivals()
        self._buying = Buying(spec, made, self.ledger, self._arrivals)
        self._carried = made.listed & made.has_stock
        self._carried[0] = made.has_stock  # London feeds the others
        rng = spec.rng("stock")
        # A buyer's guess: never quite the truth, then learned from sales.
        self._rate = expected * made.season()[spec.first_day.month - 1] * rng.lognormal(0, 0.35, expected.shape)
        self._rate *= self._carried
        self._opening(rng)
        self.reserved = np.zeros(self._size, np.int64)
        self.inbound = np.zeros(self._size, np.int64)
        self._leaving, self._released, self._coming_back = np.zeros((3, _HORIZON, self._size), np.int32)
        self._sold = np.zeros(self._size)

    def _opening(self, rng: np.random.Generator) -> None:
        started = (self._made.starts < 0) & self._made.has_stock
        own = self._rate.copy()
        own[0] += self._rate[2:].sum(axis=0)  # London feeds Amazon's warehouses
        cover = (self._buying.lead + COVER_DAYS) * rng.uniform(0.9, 2.1, own.shape)
        self.on_hand = np.ceil(own * cover * started).astype(np.int64).ravel()

    def open_day(self, day: int) -> None:
        """Goods and returns arrive, something breaks, counts are corrected, and the buyers order."""
        rng = self._spec.rng("stock_day", day)
        for place, units, damaged, number, prefix in self._arrivals.on(day):
            np.add.at(self.on_hand, place, units - damaged)
            np.add.at(self.inbound, place, -units)
            kind = "receipt" if prefix == "PO-" else "transfer"
            self.ledger.move(place, units - damaged, kind, day * _DAY + 6 * _HOUR, prefix, number)
        self._launch(day)
        slot = day % _HORIZON
        self.on_hand += self._coming_back[slot]
        self._coming_back[slot] = 0
        self._mishaps(rng, day)
        position = (self.on_hand - self.reserved + self.inbound).reshape(4, -1)
        self.inbound += self._buying.review(rng, day, position, self._rate, self._carried).ravel()
        self._supply_amazon(day)

    def grant(self, asked: Asked) -> Integers:
        """Units that each line gets: never more than is available; bundles whole or not at all. They are reserved."""
        available = np.maximum(self.on_hand - self.reserved, 0)
        got = np.clip(available[asked.place] - asked.before, 0, asked.quantity)
        got = np.where(asked.partial | (got == asked.quantity), got, 0)
        got = np.where(asked.stocked, got, asked.quantity)
        bundled = asked.instance >= 0
        if bundled.any():
            short = np.unique(asked.instance[bundled & (got < asked.quantity)])
            got = np.where(np.isin(asked.instance, short) & bundled, 0, got)
        taken = np.bincount(asked.place, got * asked.stocked, minlength=self._size).astype(np.int64)
        self.reserved += taken
        self._sold += taken
        result: Integers = got
        return result

    def book(self, kind: str, day: Integers, place: Integers, quantity: Integers) -> None:
        """Books future days: `leaving` (shipped), `released` (reserved no more) or `coming_back` (on the shelf again).

        Args:
            kind: Which of the three.
            day: Day numbers, less than 128 ahead.
            place: Where.
            quantity: Units.
        """
        table = {"leaving": self._leaving, "released": self._released, "coming_back": self._coming_back}[kind]
        some = quantity > 0
        np.add.at(table, (day[some] % _HORIZON, place[some]), quantity[some].astype(np.int32))

    def close_day(self, day: int) -> pl.DataFrame:
        """Shipments leave, the forecast learns; returns the rows of `stock_levels` at the day's end."""
        slot = day % _HORIZON
        self.on_hand -= self._leaving[slot]
        self.reserved -= self._leaving[slot] + self._released[slot]
        self._leaving[slot] = 0
        self._released[slot] = 0
        active = (self._made.starts <= day) & (self._made.ends > day)
        rate = self._rate.reshape(-1)
        learns = np.tile(active, 4) & ((self.on_hand > self.reserved) | (self._sold > 0))
        rate[learns] += _SMOOTHING * (self._sold[learns] - rate[learns])
        self._sold[:] = 0
        return self.levels(day)

    def levels(self, day: int) -> pl.DataFrame:
        """The rows of `stock_levels` now, dated to the day with this number."""
        launched = np.tile((self._made.starts <= max(day, 0)) & self._made.has_stock, 4)
        rows = np.flatnonzero(launched & (self._carried.ravel() | (self.on_hand != 0)))
        date = np.datetime64(self._spec.first_day, "D") + np.timedelta64(day, "D")
        return pl.DataFrame(
            {
                "date": np.full(len(rows), date),
                "location_id": rows // self._made.size + FIRST_LOCATION,
                "variant_id": rows % self._made.size + FIRST_VARIANT,
                "on_hand": self.on_hand[rows],
                "reserved": self.reserved[rows],
                "inbound": self.inbound[rows],
            }
        )

    def _launch(self, day: int) -> None:
        """New things are on the shelf on their first day."""
        new = np.flatnonzero((self._made.starts == day) & self._made.has_stock & (self._made.ends > day))
        places = np.concatenate([new + market * self._made.size for market in range(4)])
        places = places[self._carried.ravel()[places]]
        cover = self._buying.lead[places % self._made.size] + COVER_DAYS
        units = np.maximum(np.ceil(self._rate.ravel()[places] * cover), 2).astype(np.int64)
        self.on_hand[places] += units
        self.ledger.move(places, units, "receipt", day * _DAY + 5 * _HOUR, "LAUNCH-", day)

    def _mishaps(self, rng: np.random.Generator, day: int) -> None:
        for kind, share, low, high in (("damage", 0.0006, -2, 0), ("adjustment", 0.0008, -3, 4)):
            hit = np.flatnonzero((rng.random(self._size) < share) & (self.on_hand - self.reserved > 3))
            units = rng.integers(low, high, len(hit))
            hit, units = hit[units != 0], units[units != 0]
            self.on_hand[hit] += units
            self.ledger.move(hit, units, kind, day * _DAY + 7 * _HOUR)

    def _supply_amazon(self, day: int) -> None:
        """Once a week London sends Amazon's warehouses what sells there, at most half of what it has."""
        size = self._made.size
        for market in (2, 3):
            if (day + market) % REVIEW_DAYS:
                continue
            there = slice(market * size, (market + 1) * size)
            free = np.maximum(self.on_hand[:size] - self.reserved[:size], 0)
            have = self.on_hand[there] - self.reserved[there] + self.inbound[there]
            days = FBA_COVER[market] + FBA_TRANSIT[market]
            need = self._rate[market] * self._buying.ahead(day) * days
            wants = np.ceil(need + 1.5 * np.sqrt(2 * need) - have)
            active = self._carried[market] & (self._made.starts <= day) & (self._made.ends > day + days)
            lines = np.flatnonzero(active & (np.minimum(wants, free // 2) > 0))
            units = np.minimum(wants, free // 2)[lines].astype(np.int64)
            number = np.full(len(lines), 15_000_000 + day * 10 + market)
            self.on_hand[lines] -= units
            self.inbound[lines + market * size] += units
            self.ledger.move(lines, -units, "transfer", day * _DAY + 8 * _HOUR, "FBA", number)
            nothing = np.zeros(len(lines), np.int64)
            self._arrivals.add(day + FBA_TRANSIT[market], lines + market * size, units, nothing, number, "FBA")
