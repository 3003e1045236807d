"""The plan for when there is no better one: the most worth for the money first, within the limits that can be kept."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from models_ml.inventory.purchasing.problem import Limits, Line, Need, Offer, Plan


def greedy_plan(
    needs: Sequence[Need], offers: Sequence[Offer], limits: Limits, *, reason: str, conflicts: tuple[str, ...] = ()
) -> Plan:
    """Orders what must be, then what earns most for its money, from each product's cheapest supplier.

    Budget, space and shelf life are kept: what does not fit is left out, also where it must be ordered. Suppliers whose
    orders stay below their least value are left out in the end.

    Args:
        needs: One a product.
        offers: Any number a product.
        limits: What all orders share.
        reason: Why there is no better plan.
        conflicts: Constraints that stood in the way.
    """
    chosen: dict[str, Offer] = {}
    for offer in sorted(offers, key=lambda o: (o.unit_cost + o.surcharge, o.supplier_id)):
        chosen.setdefault(offer.product_id, offer)
    candidates = []
    for need in needs:
        best = chosen.get(need.product_id)
        units = 0 if best is None else best.whole(max(need.target_units, need.least_units))
        if best is not None and 0 < units <= need.most_units:
            line = Line(best, units, best.price(units), need.value(units))
            candidates.append((need.least_units <= 0, -line.worth / max(line.value, 1e-9), need.product_id, line, need))
    kept: list[Line] = []
    money, space = _or_all(limits.budget), _or_all(limits.storage)
    for *_, line, need in sorted(candidates, key=lambda row: row[:3]):
        if line.value <= money and line.units * need.storage <= space:
            kept.append(line)
            money, space = money - line.value, space - line.units * need.storage
    totals: dict[str, float] = {}
    for line in kept:
        totals[line.offer.supplier_id] = totals.get(line.offer.supplier_id, 0.0) + line.value
    reached = [s for s, total in totals.items() if total >= limits.supplier_minimum.get(s, 0.0)]
    lines = [line for line in kept if line.offer.supplier_id in reached]
    lines.sort(key=lambda line: (line.offer.supplier_id, line.offer.product_id))
    return Plan(lines, "greedy", None, reason, conflicts)


def _or_all(limit: float | None) -> float:
    return inf if limit is None else limit
