"""Stock by day: it grants what is there, ships, takes back, and orders again."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from sandbox.world.catalogue import FIRST_VARIANT, Assortment
from sandbox.world.seasons import Flags, Floats, Integers
from sandbox.world.spec import WorldSpec

FIRST_LOCATION = 1  # a market sells from the location of the same number: 1 London, 2 Berlin, 3 and 4 Amazon's
_HORIZON = 128  # days ahead for which shipments and returns may be booked
_SMOOTHING = 0.06
_REVIEW_DAYS = 7
_COVER_DAYS = 24
_FBA_TRANSIT = (0, 0, 4, 15)
_FBA_COVER = (0, 0, 24, 45)


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


@dataclass
class _Arrivals:
    """What is on its way: by day number, arrays of place, quantity and damaged units."""

    by_day: dict[int, list[tuple[Integers, Integers, Integers, str]]] = field(default_factory=dict)

    def add(self, day: int, place: Integers, quantity: Integers, damaged: Integers, kind: str) -> None:
        self.by_day.setdefault(day, []).append((place, quantity, damaged, kind))


class Stock:
    """Units at every location. Time goes day by day: `open_day`, `grant`, `book`, `close_day`."""

    def __init__(self, spec: WorldSpec, made: Assortment, expected: Floats) -> None:
        self._made, self._spec = made, spec
        self._size = 4 * made.size
        rng = spec.rng("stock")
        self._suppliers = made.frames["suppliers"]
        self._lead = self._suppliers["lead_time_mean_days"].to_numpy()[made.supplier]
        self._carried = (made.listed & made.has_stock).copy()
        self._carried[0] = made.has_stock  # London feeds the others
        # A buyer's guess: never quite the truth, then learned from sales.
        self._rate = expected * rng.lognormal(0, 0.35, expected.shape) * self._carried
        self._rate[1:] *= 1.0
        started = (made.starts < 0) & made.has_stock
        cover = self._lead + _COVER_DAYS
        own = self._rate * np.array([1, 1, 0.6, 0.9])[:, None]
        self.on_hand = np.ceil(own * cover * rng.uniform(0.5, 1.3, own.shape) * started).astype(np.int64).ravel()
        self.reserved = np.zeros(self._size, np.int64)
        self.inbound = np.zeros(self._size, np.int64)
        self._leaving = np.zeros((_HORIZON, self._size), np.int32)
        self._released = np.zeros((_HORIZON, self._size), np.int32)
        self._coming_back = np.zeros((_HORIZON, self._size), np.int32)
        self._arrivals = _Arrivals()
        self._sold = np.zeros(self._size)
        self._carried_flat = self._carried.ravel()
        self._next_po = 0
        self._next_receipt = 0
        self._season = made.season()
        self.ledger: dict[str, list[pl.DataFrame]] = {}

    def open_day(self, day: int) -> None:
        """Goods and returns arrive, something breaks, counts are corrected, and the buyers order."""
        rng = self._spec.rng("stock_day", day)
        slot = day % _HORIZON
        for place, quantity, damaged, kind in self._arrivals.by_day.pop(day, []):
            good = quantity - damaged
            np.add.at(self.on_hand, place, good)
            np.add.at(self.inbound, place, -quantity)
            self._move(day, place, good, kind, 6 * 3_600)
        self._launch(day)
        self.on_hand += self._coming_back[slot]
        self._coming_back[slot] = 0
        self._mishaps(rng, day)
        self._replenish(rng, day)
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
        table = getattr(self, f"_{kind}")
        some = quantity > 0
        np.add.at(table, (day[some] % _HORIZON, place[some]), quantity[some].astype(np.int32))

    def close_day(self, day: int) -> pl.DataFrame:
        """Shipments leave; returns the rows of `stock_levels` at the day's end."""
        slot = day % _HORIZON
        self.on_hand -= self._leaving[slot]
        self.reserved -= self._leaving[slot] + self._released[slot]
        self._leaving[slot] = 0
        self._released[slot] = 0
        active = (self._made.starts <= day) & (self._made.ends > day)
        rate = self._rate.ravel()
        learns = np.tile(active, 4) & ((self.on_hand > self.reserved) | (self._sold > 0))
        rate[learns] += _SMOOTHING * (self._sold[learns] - rate[learns])
        self._sold[:] = 0
        return self.levels(day)

    def levels(self, day: int) -> pl.DataFrame:
        """The rows of `stock_levels` now, dated to the day with this number."""
        launched = np.tile((self._made.starts <= max(day, 0)) & self._made.has_stock, 4)
        rows = np.flatnonzero(launched & (self._carried_flat | (self.on_hand != 0)))
        date = self._spec.first_day.toordinal() - 719_163 + day
        return pl.DataFrame(
            {
                "date": pl.Series(np.full(len(rows), date, np.int32)).cast(pl.Date),
                "location_id": rows // self._made.size + FIRST_LOCATION,
                "variant_id": rows % self._made.size + FIRST_VARIANT,
                "on_hand": self.on_hand[rows],
                "reserved": self.reserved[rows],
                "inbound": self.inbound[rows],
            }
        )

    def take_ledger(self) -> dict[str, pl.DataFrame]:
        """What was written down since the last call: movements, purchase orders, their lines and receipts."""
        taken = {name: pl.concat(parts) for name, parts in self.ledger.items()}
        self.ledger = {}
        return taken

    def _note(self, table: str, frame: pl.DataFrame) -> None:
        if frame.height:
            self.ledger.setdefault(table, []).append(frame)

    def _instant(self, day: int, second: int) -> pl.Expr:
        at = np.datetime64(self._spec.first_day, "us") + np.timedelta64(day * 86_400 + second, "s")
        return pl.lit(at.item()).cast(pl.Datetime("us"))

    def _move(self, day: int, place: Integers, quantity: Integers, kind: str, second: int) -> None:
        parts = kind.split(" ", 1)
        self._note(
            "stock_movements",
            pl.DataFrame(
                {
                    "location_id": place // self._made.size + FIRST_LOCATION,
                    "variant_id": place % self._made.size + FIRST_VARIANT,
                    "quantity": quantity,
                }
            ).with_columns(
                occurred_at=self._instant(day, second),
                kind=pl.lit(parts[0]),
                reference=pl.lit(parts[1] if len(parts) > 1 else None, pl.String),
            ),
        )

    def _launch(self, day: int) -> None:
        """New things are on the shelf on their first day."""
        new = np.flatnonzero((self._made.starts == day) & self._made.has_stock & (self._made.ends > day))
        if not len(new):
            return
        places = np.concatenate([new + market * self._made.size for market in range(4)])
        places = places[self._carried_flat[places]]
        quantity = np.ceil(self._rate.ravel()[places] * 1.1 * (self._lead[places % self._made.size] + _COVER_DAYS))
        units = np.maximum(quantity, 2).astype(np.int64)
        self.on_hand[places] += units
        self._move(day, places, units, "receipt LAUNCH", 5 * 3_600)

    def _mishaps(self, rng: np.random.Generator, day: int) -> None:
        for kind, share, low, high in (("damage", 0.0006, -2, 0), ("adjustment", 0.0008, -3, 4)):
            hit = np.flatnonzero((rng.random(self._size) < share) & (self.on_hand - self.reserved > 3))
            units = rng.integers(low, high, len(hit))
            hit, units = hit[units != 0], units[units != 0]
            self.on_hand[hit] += units
            self._move(day, hit, units, kind, 7 * 3_600)

    def _ahead(self, day: int) -> Floats:
        """How the season of the coming weeks compares with the past ones, as a careful buyer reckons it."""
        month = self._spec.day_list[min(day, self._spec.days - 1)].month - 1
        result: Floats = np.clip(self._season[(month + 1) % 12] / self._season[month], 0.5, 1.8) ** 0.8
        return result

    def _replenish(self, rng: np.random.Generator, day: int) -> None:
        """Order up to a level, each supplier once a week, for London (which feeds Amazon) and for Berlin."""
        made, size = self._made, self._made.size
        today = (made.supplier + day) % _REVIEW_DAYS == 0
        today &= (made.starts <= day) & (made.ends > day + self._lead) & made.has_stock
        if not today.any():
            return
        position = (self.on_hand - self.reserved + self.inbound).reshape(4, size)
        ahead = self._ahead(day)
        for location in (0, 1):
            feeds = (0, 2, 3) if location == 0 else (1,)
            rate = self._rate[list(feeds)].sum(axis=0) * ahead
            have = position[list(feeds)].sum(axis=0)
            wait = self._lead + _REVIEW_DAYS
            point = rate * wait + 1.3 * np.sqrt(rate * wait + (0.25 * rate * self._lead) ** 2)
            lacks = today & self._carried[location] & (have < point + 0.5)
            packs = np.ceil(np.maximum(point + rate * _COVER_DAYS - have, 1) / made.pack)
            quantity = np.where(lacks, packs * made.pack, 0).astype(np.int64)
            for supplier in np.unique(made.supplier[lacks]).tolist():
                self._order(rng, day, location, supplier, np.where(made.supplier == supplier, quantity, 0))

    def _order(self, rng: np.random.Generator, day: int, location: int, supplier: int, quantity: Integers) -> None:
        terms = self._suppliers.row(supplier, named=True)
        lines = np.flatnonzero(quantity)
        minimum = terms["minimum_order_units"] / (1 if location == 0 else 3)
        if quantity.sum() < minimum and (quantity.sum() == 0 or day % 3):
            return
        units = quantity[lines]
        late = rng.random() > terms["on_time_share"]
        lead = max(3, round(terms["lead_time_mean_days"] + rng.normal() * terms["lead_time_sd_days"] * 0.5))
        arrival = day + lead + (int(rng.integers(3, 15)) if late else 0)
        place = lines + location * self._made.size
        self.inbound[place] += units
        po = self._next_po = self._next_po + 1
        number = f"PO-{self._spec.day_list[day].year}-{po:06d}"
        split = (rng.random(len(lines)) < 0.06) & (units > 12)
        parts = [(arrival, np.where(split, units // 2, units)), (arrival + 9, np.where(split, units - units // 2, 0))]
        for at, part in parts:
            self._expect(rng, at, po, lines, place, part, number)
        self._write_order(po, number, day, terms, location, lines, units, parts[-1][0] if split.any() else arrival)

    def _expect(
        self, rng: np.random.Generator, at: int, po: int, lines: Integers, place: Integers, part: Integers, number: str
    ) -> None:
        some = part > 0
        if not some.any():
            return
        quantity = part[some]
        damaged = rng.binomial(quantity, 0.05) * (rng.random(len(quantity)) < 0.06)
        self._arrivals.add(at, place[some], quantity, damaged, f"receipt {number}")
        if at >= self._spec.days:
            return  # not arrived when the history ends
        receipts = np.arange(len(quantity)) + self._next_receipt + 1
        self._next_receipt += len(quantity)
        frame = pl.DataFrame({"receipt_id": receipts, "line_no": np.flatnonzero(some) + 1, "quantity": quantity, "damaged_quantity": damaged})  # fmt: skip
        self._note("receipts", frame.with_columns(po_id=pl.lit(po, pl.Int64), received_at=self._instant(at, 6 * 3_600)))

    def _write_order(
        self, po: int, number: str, day: int, terms: dict[str, object], location: int, lines: Integers,
        units: Integers, last: int,
    ) -> None:  # fmt: skip
        mean = terms["lead_time_mean_days"]
        assert isinstance(mean, float)
        self._note(
            "purchase_orders",
            pl.DataFrame({"po_id": [po], "po_number": [number], "supplier_id": [terms["supplier_id"]], "currency": [terms["currency"]]})
            .with_columns(
                ordered_at=self._instant(day, 7 * 3_600 + 1_800),
                expected_at=self._instant(day + round(mean), 12 * 3_600),
                status=pl.lit("received" if last < self._spec.days else "open"),
                location_id=pl.lit(location + FIRST_LOCATION, pl.Int64),
            ),
        )  # fmt: skip
        frame = pl.DataFrame({"line_no": np.arange(len(lines)) + 1, "variant_id": lines + FIRST_VARIANT, "quantity": units, "supplier": self._made.supplier[lines]})  # fmt: skip
        self._note(
            "po_lines",
            frame.drop("supplier").with_columns(po_id=pl.lit(po, pl.Int64), ordered_day=pl.lit(day, pl.Int64)),
        )

    def _supply_amazon(self, day: int) -> None:
        """Once a week London sends Amazon's warehouses what sells there, at most half of what it has."""
        size = self._made.size
        for market in (2, 3):
            if (day + market) % _REVIEW_DAYS:
                continue
            there = slice(market * size, (market + 1) * size)
            free = np.maximum(self.on_hand[:size] - self.reserved[:size], 0)
            have = self.on_hand[there] - self.reserved[there] + self.inbound[there]
            wants = np.ceil(self._rate[market] * self._ahead(day) * (_FBA_COVER[market] + _FBA_TRANSIT[market]) - have)
            sends = np.where(
                self._carried[market] & (self._made.starts <= day), np.clip(wants, 0, free // 2), 0
            ).astype(np.int64)
            lines = np.flatnonzero(sends)
            if not len(lines):
                continue
            reference = f"transfer FBA{15_000_000 + day * 10 + market}"
            self.on_hand[lines] -= sends[lines]
            self.inbound[lines + market * size] += sends[lines]
            self._move(day, lines, -sends[lines], reference, 8 * 3_600)
            arrival = day + _FBA_TRANSIT[market]
            self._arrivals.add(arrival, lines + market * size, sends[lines], np.zeros(len(lines), np.int64), reference)
