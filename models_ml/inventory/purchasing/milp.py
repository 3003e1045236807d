"""The purchase plan as a mixed-integer programme, solved by HiGHS."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp  # type: ignore[import-untyped]
from scipy.sparse import csr_array  # type: ignore[import-untyped]

from models_ml.inventory.purchasing.greedy import greedy_plan
from models_ml.inventory.purchasing.problem import FAMILIES, Limits, Line, Need, Offer, Plan

logger = logging.getLogger(__name__)
_GAP = 1e-4
_INFEASIBLE = 2
Terms = dict[int, float]


@dataclass
class _Model:
    """Columns and rows as they are added."""

    cost: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    rows: list[tuple[Terms, float, float]] = field(default_factory=list)

    def column(self, cost: float, *, upper: float = inf, whole: bool = False) -> int:
        self.cost.append(cost)
        self.lower.append(0.0)
        self.upper.append(upper)
        self.whole.append(int(whole))
        return len(self.cost) - 1

    def row(self, terms: Terms, low: float, high: float) -> None:
        self.rows.append((terms, low, high))

    def matrix(self) -> csr_array:
        places = [
            (row, column, value) for row, (terms, _, _) in enumerate(self.rows) for column, value in terms.items()
        ]
        rows, columns, values = zip(*places, strict=True)
        return csr_array((values, (rows, columns)), shape=(len(self.rows), len(self.cost)))


@dataclass(frozen=True)
class _Columns:
    """Where an offer's decisions stand: its quantity as terms, its spending as terms."""

    units: Terms
    spend: Terms
    used: int


def best_plan(
    needs: Sequence[Need], offers: Sequence[Offer], limits: Limits, *, time_limit: float, node_limit: int
) -> Plan:
    """The plan that is worth most, less what it costs beyond the cheapest prices.

    Maximises Σ worth(units) − Σ (price − cheapest list price)·units − surcharges − loose packs − an order's cost a
    supplier, subject to packs, minimum orders, price breaks on all units, pallets, one supplier a product, suppliers'
    least order values, shelf lives, what must be ordered, the budget and the space. Goods are worth their price until
    sold, so that only price differences count; worth falls from slice to slice, so that no binaries order the slices.

    Without a feasible plan the constraints are named without any one of which there would be one, and the greedy plan
    is given, as where the time limit is reached: what a clock decides is not repeatable.

    Args:
        needs: One a product.
        offers: Any number a product; offers without a need are left out.
        limits: What all orders share.
        time_limit: Seconds for each solve.
        node_limit: Nodes of branch and bound; the best plan by then is `feasible`.
    """
    by_product = {need.product_id: need for need in needs}
    offered = sorted(
        (offer for offer in offers if offer.product_id in by_product), key=lambda o: (o.supplier_id, o.product_id)
    )
    wanted = [need for need in needs if need.least_units > 0 or need.target_units > 0]
    served = {offer.product_id for offer in offered}
    unserved = [need.product_id for need in wanted if need.least_units > 0 and need.product_id not in served]
    if unserved:
        return greedy_plan(
            needs, offers, limits, reason=f"no supplier for {', '.join(unserved[:3])}", conflicts=("supplier",)
        )
    names = {need.product_id for need in wanted}
    offered = [offer for offer in offered if offer.product_id in names]
    if not offered:
        return Plan([], "optimal", 0.0)
    model, columns = _model(by_product, offered, limits, without="")
    found = _solve(model, time_limit, node_limit)
    if found.x is None or found.status not in (0, 1, 4) or _clock_decided(found, node_limit):
        conflicts = _conflicts(by_product, offered, limits, time_limit) if found.status == _INFEASIBLE else ()
        reason = _reason(found, conflicts)
        logger.warning("The purchase plan is the greedy one: %s.", reason)
        return greedy_plan(needs, offers, limits, reason=reason, conflicts=conflicts)
    lines = []
    for offer, own in zip(offered, columns, strict=True):
        units = round(sum(float(found.x[place]) * factor for place, factor in own.units.items()))
        if units:
            lines.append(Line(offer, units, offer.price(units), by_product[offer.product_id].value(units)))
    gap = float(found.mip_gap) if found.mip_gap is not None else 0.0
    return Plan(lines, "optimal" if found.status == 0 else "feasible", gap)


def _model(
    needs: Mapping[str, Need], offers: Sequence[Offer], limits: Limits, *, without: str
) -> tuple[_Model, list[_Columns]]:
    """The programme, less one family of constraints."""
    model = _Model()
    cheapest: dict[str, float] = {}
    for offer in offers:
        cheapest[offer.product_id] = min(cheapest.get(offer.product_id, inf), offer.unit_cost)
    columns = [_offer(model, offer, needs[offer.product_id], cheapest[offer.product_id], without) for offer in offers]
    _products(model, needs, offers, columns, without)
    _suppliers(model, offers, columns, limits, without)
    if limits.budget is not None and without != "budget":
        model.row(_sum(column.spend for column in columns), -inf, limits.budget)
    if limits.storage is not None and without != "storage":
        space: Terms = {}
        for offer, column in zip(offers, columns, strict=True):
            space |= {place: factor * needs[offer.product_id].storage for place, factor in column.units.items()}
        model.row(space, -inf, limits.storage)
    return model, columns


def _offer(model: _Model, offer: Offer, need: Need, cheapest: float, without: str) -> _Columns:
    """Packs and pallets, whether anything is ordered, and the price region that the quantity falls into."""
    most = _most(offer, need, without)
    extra = offer.surcharge + offer.unit_cost - cheapest
    loose = offer.loose_cost if offer.pallet_units else 0.0
    packs = model.column(offer.pack_units * (extra + loose), upper=most // offer.pack_units, whole=True)
    units: Terms = {packs: float(offer.pack_units)}
    if offer.pallet_units:
        pallets = model.column(offer.pallet_units * extra, upper=most // offer.pallet_units, whole=True)
        units[pallets] = float(offer.pallet_units)
    used = model.column(0.0, upper=1, whole=True)
    model.row(units | {used: -most}, -inf, 0)
    least = 0 if without == "minimum_order" else offer.minimum_units
    model.row(units | {used: -float(least)}, 0, inf)
    spend = {place: factor * offer.unit_cost for place, factor in units.items()}
    if offer.breaks:
        spend |= _price_breaks(model, offer, units, used, most)
    return _Columns(units, spend, used)


def _price_breaks(model: _Model, offer: Offer, units: Terms, used: int, most: float) -> Terms:
    """One region is chosen; what its units cost less than the list price is earned and not spent."""
    starts = [0, *(least for least, _ in offer.breaks)]
    prices = [offer.unit_cost, *(price for _, price in offer.breaks)]
    chosen, parts, saved = {}, {}, {}
    for place, (start, price) in enumerate(zip(starts, prices, strict=True)):
        end = starts[place + 1] - 1 if place + 1 < len(starts) else max(most, start)
        part = model.column(price - offer.unit_cost)
        region = model.column(0.0, upper=1, whole=True)
        model.row({part: 1.0, region: -float(end)}, -inf, 0)
        model.row({part: 1.0, region: -float(start)}, 0, inf)
        chosen[region], parts[part], saved[part] = 1.0, 1.0, price - offer.unit_cost
    model.row(chosen | {used: -1.0}, 0, 0)
    model.row(parts | {place: -factor for place, factor in units.items()}, 0, 0)
    return saved


def _products(
    model: _Model, needs: Mapping[str, Need], offers: Sequence[Offer], columns: Sequence[_Columns], without: str
) -> None:
    """Slices of worth, one supplier at most, what must be ordered and what would spoil."""
    grouped: dict[str, list[_Columns]] = {}
    for offer, column in zip(offers, columns, strict=True):
        grouped.setdefault(offer.product_id, []).append(column)
    for product, own in grouped.items():
        need, units = needs[product], _sum(column.units for column in own)
        slices = {model.column(-value, upper=width): -1.0 for width, value in need.worth}
        slices[model.column(-need.surplus_worth)] = -1.0
        model.row(units | slices, 0, 0)
        if len(own) > 1:
            model.row({column.used: 1.0 for column in own}, 0, 1)
        if need.least_units > 0:
            model.row(units, need.least_units, inf)
        if need.most_units < inf and without != "shelf_life":
            model.row(units, -inf, need.most_units)


def _suppliers(
    model: _Model, offers: Sequence[Offer], columns: Sequence[_Columns], limits: Limits, without: str
) -> None:
    """An order costs something, and reaches the supplier's least value."""
    grouped: dict[str, list[_Columns]] = {}
    for offer, column in zip(offers, columns, strict=True):
        grouped.setdefault(offer.supplier_id, []).append(column)
    for supplier, own in grouped.items():
        ordered = model.column(limits.order_cost, upper=1, whole=True)
        for column in own:
            model.row({column.used: 1.0, ordered: -1.0}, -inf, 0)
        least = limits.supplier_minimum.get(supplier, 0.0)
        if least > 0 and without != "supplier_minimum":
            model.row(_sum(column.spend for column in own) | {ordered: -least}, 0, inf)


def _most(offer: Offer, need: Need, without: str) -> float:
    """A bound that no good plan passes: what is worth anything, or the last price break, or what must be, in packs."""
    reach = max(need.target_units, need.least_units, offer.minimum_units, *(least for least, _ in offer.breaks), 0)
    spread = sum(width for width, _ in need.worth)
    pallet = offer.pallet_units or offer.pack_units
    most = offer.whole(max(reach, spread)) + pallet
    return float(most if without == "shelf_life" else min(most, max(need.most_units, offer.pack_units)))


def _sum(parts: Iterable[Terms]) -> Terms:
    """Terms side by side: a column belongs to one offer alone."""
    return {place: factor for part in parts for place, factor in part.items()}


def _solve(model: _Model, time_limit: float, node_limit: int) -> Any:  # noqa: ANN401 - scipy's result has no types
    rows = model.rows
    return milp(
        np.array(model.cost),
        integrality=np.array(model.whole),
        bounds=Bounds(np.array(model.lower), np.array(model.upper)),
        constraints=LinearConstraint(model.matrix(), [low for _, low, _ in rows], [high for _, _, high in rows]),
        options={"time_limit": time_limit, "node_limit": node_limit, "mip_rel_gap": _GAP},
    )


def _clock_decided(found: Any, node_limit: int) -> bool:  # noqa: ANN401 - scipy's result has no types
    """Whether it stopped at neither the optimum nor the limit on nodes: then at the clock."""
    return found.status != 0 and (found.mip_node_count is None or found.mip_node_count < node_limit)


def _reason(found: Any, conflicts: Sequence[str]) -> str:  # noqa: ANN401 - scipy's result has no types
    if found.status == _INFEASIBLE:
        if conflicts:
            return f"infeasible: {' or '.join(conflicts)} leaves no plan"
        return "infeasible: several constraints together leave no plan"
    return "time limit" if found.status == 1 else f"the solver gave up: {found.message}"


def _conflicts(
    needs: Mapping[str, Need], offers: Sequence[Offer], limits: Limits, time_limit: float
) -> tuple[str, ...]:
    """The families of constraints without any one of which a plan exists."""
    named = []
    for family in FAMILIES:
        model, _ = _model(needs, offers, limits, without=family)
        model.cost = [0.0] * len(model.cost)
        if _solve(model, time_limit, 1000).status == 0:
            named.append(family)
    return tuple(named)
