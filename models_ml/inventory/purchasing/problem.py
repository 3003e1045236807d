"""What is to be decided: how much of what from whom, and what limits it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Literal

Status = Literal["optimal", "feasible", "greedy"]
FAMILIES = ("budget", "storage", "supplier_minimum", "shelf_life", "minimum_order")


@dataclass(frozen=True)
class Offer:
    """A product at a supplier.

    Attributes:
        product_id: The product.
        supplier_id: Who sells it.
        unit_cost: Price of a unit below the first break.
        pack_units: Orders are multiples of this.
        minimum_units: The least order of this product.
        breaks: (from units, unit cost) of price breaks on all units, rising.
        pallet_units: Units of a whole pallet; None where packs are as cheap.
        loose_cost: What a unit in a pack that fills no pallet costs more.
        surcharge: What a unit costs beside its price: capital on its way, safety stock for the supplier's lead time,
            and unreliability.
        lead_time_days: Mean days until it is there.
    """

    product_id: str
    supplier_id: str
    unit_cost: float
    pack_units: int = 1
    minimum_units: int = 1
    breaks: tuple[tuple[int, float], ...] = ()
    pallet_units: int | None = None
    loose_cost: float = 0.0
    surcharge: float = 0.0
    lead_time_days: float = 0.0

    def price(self, units: float) -> float:
        """Price of a unit in an order of so many."""
        price = self.unit_cost
        for least, cost in self.breaks:
            if units >= least:
                price = cost
        return price

    def whole(self, units: float) -> int:
        """The least quantity from `units` on that can be ordered; 0 for nothing."""
        if units <= 0:
            return 0
        wanted = max(units, self.minimum_units)
        return int(-(-wanted // self.pack_units)) * self.pack_units


@dataclass(frozen=True)
class Need:
    """What a product is short of, and what covering it is worth.

    Attributes:
        product_id: The product.
        worth: (units, money a unit) of each further slice of an order, worth falling; what lies past the last slice
            is worth `surplus_worth`.
        surplus_worth: Money a unit bought beyond all slices; negative: it is held for long.
        least_units: Units that must be ordered.
        most_units: Units beyond which it would spoil.
        storage: Space a unit takes.
    """

    product_id: str
    worth: tuple[tuple[float, float], ...]
    surplus_worth: float
    least_units: float = 0.0
    most_units: float = inf
    storage: float = 1.0

    @property
    def target_units(self) -> float:
        """Units that are worth something."""
        return sum(units for units, value in self.worth if value > 0)

    def value(self, units: float) -> float:
        """What an order of so many units is worth."""
        total, left = 0.0, units
        for width, each in self.worth:
            total += min(left, width) * each
            left -= min(left, width)
        return total + left * self.surplus_worth


@dataclass(frozen=True)
class Limits:
    """What all orders share.

    Attributes:
        budget: Money for all orders; None for no limit.
        storage: Space for all that is ordered; None for no limit.
        supplier_minimum: Least value of an order by supplier.
        order_cost: Cost of an order to a supplier.
    """

    budget: float | None = None
    storage: float | None = None
    supplier_minimum: Mapping[str, float] = field(default_factory=dict)
    order_cost: float = 0.0


@dataclass(frozen=True)
class Line:
    """One product of a supplier's order.

    Attributes:
        offer: What is bought.
        units: How many.
        unit_cost: At what price.
        worth: What these units are worth, as the need says.
    """

    offer: Offer
    units: int
    unit_cost: float
    worth: float

    @property
    def value(self) -> float:
        """Money for the goods."""
        return self.units * self.unit_cost


@dataclass(frozen=True)
class Plan:
    """What to order.

    Attributes:
        lines: By supplier and product.
        status: `optimal`; `feasible`, the best found within the limit on nodes; `greedy`, the fallback.
        gap: Relative distance from the best possible; None for the greedy plan.
        reason: Why the plan is greedy, empty otherwise.
        conflicts: Constraints without any one of which there would have been a plan.
    """

    lines: Sequence[Line]
    status: Status
    gap: float | None = None
    reason: str = ""
    conflicts: tuple[str, ...] = ()

    @property
    def value(self) -> float:
        """Money for all goods."""
        return sum(line.value for line in self.lines)
