"""Purchase orders: a plain policy, order up to a level once a week, with suppliers who are late now and then."""

from __future__ import annotations

import numpy as np

from sandbox.world.catalogue import FIRST_VARIANT, Assortment
from sandbox.world.ledger import FIRST_LOCATION, Ledger
from sandbox.world.seasons import Flags, Floats, Integers
from sandbox.world.spec import WorldSpec

REVIEW_DAYS = 7
COVER_DAYS = 24
FBA_TRANSIT, FBA_COVER = (0, 0, 4, 15), (0, 0, 24, 45)  # days, by market
_DAY = 86_400
_SAFETY = 1.8  # standard deviations
_LUMPINESS = 2.5  # variance of the demand in comparison with its mean
_FEEDS = ((0, 2, 3), (1,))  # London buys for itself and for Amazon's warehouses, Berlin for itself


class Arrivals:
    """What is on its way: by day number, arrays of places, units, damaged units and the number of the delivery."""

    def __init__(self) -> None:
        self._by_day: dict[int, list[tuple[Integers, Integers, Integers, Integers, str]]] = {}

    def add(self, day: int, place: Integers, units: Integers, damaged: Integers, number: Integers, prefix: str) -> None:
        """Notes a delivery."""
        self._by_day.setdefault(day, []).append((place, units, damaged, number, prefix))

    def on(self, day: int) -> list[tuple[Integers, Integers, Integers, Integers, str]]:
        """The deliveries of a day, once."""
        return self._by_day.pop(day, [])


class Buying:
    """The buyers: they see stock and their own forecast, not the demand."""

    def __init__(self, spec: WorldSpec, made: Assortment, ledger: Ledger, arrivals: Arrivals) -> None:
        self._spec, self._made, self._ledger, self._arrivals = spec, made, ledger, arrivals
        terms = made.frames["suppliers"]
        self._mean = terms["lead_time_mean_days"].to_numpy()
        self._sd = terms["lead_time_sd_days"].to_numpy()
        self._minimum = terms["minimum_order_units"].to_numpy()
        self._punctual = terms["on_time_share"].to_numpy()
        self.lead = self._mean[made.supplier]
        self._season = made.season()
        self._months = np.array([day.month - 1 for day in spec.day_list])
        self._next_po = 1
        self._next_receipt = 1

    def ahead(self, day: int) -> Floats:
        """How the season of the coming weeks compares with the past ones, as a careful buyer reckons it."""
        month = self._months[day]
        change = np.clip(self._season[(month + 1) % 12] / self._season[month], 0.5, 1.8)
        result: Floats = change**0.8
        return result

    def review(self, rng: np.random.Generator, day: int, position: Integers, rate: Floats, carried: Flags) -> Integers:
        """Orders for the suppliers whose turn it is.

        Args:
            rng: Chance.
            day: Day number.
            position: Shape (markets, variants): available and on its way.
            rate: Shape (markets, variants): forecast units a day.
            carried: Shape (markets, variants).

        Returns:
            Units ordered, shape (markets, variants).
        """
        made = self._made
        ordered = np.zeros_like(position)
        today = (made.supplier + day) % REVIEW_DAYS == 0
        today &= (made.starts <= day) & (made.ends > day + self.lead) & made.has_stock
        if not today.any():
            return ordered
        ahead = self.ahead(day)
        for location, feeds in enumerate(_FEEDS):
            demand, have = rate[list(feeds)].sum(axis=0) * ahead, position[list(feeds)].sum(axis=0)
            wait = self.lead + REVIEW_DAYS
            point = demand * wait + _SAFETY * np.sqrt(_LUMPINESS * demand * wait + (0.25 * demand * self.lead) ** 2)
            if location == 0:  # what lies or travels at Amazon does not serve London
                point = point + (rate[2] * (FBA_COVER[2] + FBA_TRANSIT[2]) + rate[3] * (FBA_COVER[3] + FBA_TRANSIT[3]))
            lacks = today & carried[location] & (have < point + 0.5)
            packs = np.ceil(np.maximum(point + demand * COVER_DAYS - have, 1) / made.pack)
            units = np.where(lacks, packs * made.pack, 0).astype(np.int64)
            ordered[location] = self._placed(rng, day, location, units)
        return ordered

    def _placed(self, rng: np.random.Generator, day: int, location: int, units: Integers) -> Integers:
        """Leaves out what no supplier would deliver so little of, numbers the orders, and books the deliveries."""
        by_supplier = np.bincount(self._made.supplier, units, minlength=len(self._mean))
        enough = by_supplier >= self._minimum / (1 if location == 0 else 3)
        enough |= (by_supplier > 0) & (day % 3 == 0)  # in the end a small order goes out too
        units = np.where(enough[self._made.supplier], units, 0)
        lines = np.flatnonzero(units)
        if len(lines):
            lines = lines[np.argsort(self._made.supplier[lines], kind="stable")]
            self._written(rng, day, location, lines, units[lines])
        return units

    def _written(self, rng: np.random.Generator, day: int, location: int, lines: Integers, units: Integers) -> None:
        suppliers, first, whose = np.unique(self._made.supplier[lines], return_index=True, return_inverse=True)
        count = len(suppliers)
        numbers = np.arange(count) + self._next_po
        self._next_po += count
        late = (rng.random(count) > self._punctual[suppliers]) * rng.integers(3, 15, count)
        usual = np.round(self._mean[suppliers] + rng.normal(size=count) * self._sd[suppliers] * 0.5)
        arrival = (day + np.maximum(usual, 3) + late).astype(np.int64)
        line_no = np.arange(len(lines)) - first[whose] + 1
        split = (rng.random(len(lines)) < 0.06) & (units > 12)
        self._delivered(
            rng, arrival[whose], location, lines, np.where(split, units // 2, units), numbers[whose], line_no
        )
        rest = np.where(split, units - units // 2, 0)
        self._delivered(rng, arrival[whose] + 9, location, lines, rest, numbers[whose], line_no)
        last = arrival + 9 * (np.bincount(whose, split, minlength=count) > 0)
        self._ledger.note(
            "purchase_orders",
            count,
            po_id=numbers,
            supplier=suppliers,
            ordered=day * _DAY + 27_000,
            expected=day * _DAY + np.round(self._mean[suppliers]).astype(np.int64) * _DAY + 43_200,
            is_received=last < self._spec.days,
            location_id=location + FIRST_LOCATION,
        )
        self._ledger.note(
            "po_lines",
            len(lines),
            po_id=numbers[whose],
            line_no=line_no,
            variant_id=lines + FIRST_VARIANT,
            quantity=units,
            ordered=day * _DAY,
        )

    def _delivered(
        self,
        rng: np.random.Generator,
        day: Integers,
        location: int,
        lines: Integers,
        units: Integers,
        number: Integers,
        line_no: Integers,
    ) -> None:
        """Books deliveries; receipts of days after the last one are not written."""
        damaged = rng.binomial(units, 0.05) * (rng.random(len(units)) < 0.06)
        place = lines + location * self._made.size
        for at in np.unique(day[units > 0]).tolist():
            own = (day == at) & (units > 0)
            self._arrivals.add(at, place[own], units[own], damaged[own], number[own], "PO-")
        seen = (units > 0) & (day < self._spec.days)
        count = int(seen.sum())
        self._ledger.note(
            "receipts",
            count,
            receipt_id=np.arange(count) + self._next_receipt,
            po_id=number[seen],
            line_no=line_no[seen],
            received=day[seen] * _DAY + 21_600,
            quantity=units[seen],
            damaged_quantity=damaged[seen],
        )
        self._next_receipt += count
