"""What if: the change in sales, stock and margin of another price, lead time, service level or budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from math import ceil

from models_ml.inventory.demand import DemandOutlook
from models_ml.inventory.elasticity import Elasticity
from models_ml.inventory.protection import Protected
from models_ml.inventory.purchasing.config import PurchasingAssumptions
from models_ml.inventory.purchasing.offers import Item
from models_ml.inventory.purchasing.propose import propose
from models_ml.inventory.purchasing.supply import Supply

HORIZON_DAYS = 28


@dataclass(frozen=True)
class Change:
    """What is otherwise; None or 0 for as it is.

    Attributes:
        price_share: Of the price, -0.05 for five per cent less.
        lead_time_days: Days more, or fewer.
        service_level: Chance of no stock-out, for every product.
        budget: Money for the orders of today.
    """

    price_share: float = 0.0
    lead_time_days: int = 0
    service_level: float | None = None
    budget: float | None = None


@dataclass(frozen=True)
class State:
    """Four weeks under the policy, as the forecast expects them; money in the shop's currency.

    Attributes:
        demand_units: Units wanted.
        sold_units: Of these, units that stock suffices for.
        fill_rate: Their share.
        sales: What they sell for.
        margin: Less what they cost.
        stock_value: Mean stock at cost.
        order_value: Orders of today.
    """

    demand_units: float
    sold_units: float
    fill_rate: float
    sales: float
    margin: float
    stock_value: float
    order_value: float


@dataclass(frozen=True)
class Answer:
    """Before and after.

    Attributes:
        on: The date.
        product_count: Products reckoned with: those with demand, price and cost.
        before: As it is.
        after: With the change.
        elasticity: What price was reckoned by; None where the price stays.
        notes: What to know before believing it.
    """

    on: date
    product_count: int
    before: State
    after: State
    elasticity: Elasticity | None
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON."""
        return asdict(self) | {"on": self.on.isoformat()}


def what_if(
    items: Sequence[Item],
    change: Change,
    *,
    supply: Supply,
    rules: PurchasingAssumptions,
    elasticity: Elasticity,
    on: date,
) -> Answer:
    """Reckons four weeks with and without a change.

    Of an order-up-to policy with level S, review R and lead time L: units short a review are E(D_{L+R} − S)⁺, and
    mean stock is S − E(D_L) − E(D_R)/2 + half of what is short (Silver, Pyke & Thomas 2017, chapter 6). The first
    counts what is short before the last delivery twice, so that service is rather better than said. The level follows
    the service level, which a change of price, lead time or budget leaves as it is. Price moves demand and all its
    quantiles by (1 + change)^elasticity. A budget changes today's orders: what is not ordered is lost with the chance
    that it is wanted before the next order's delivery, as the purchase plan values it.

    Args:
        items: The policy's products.
        change: What is otherwise.
        supply: Suppliers, for today's orders.
        rules: The assumptions of purchasing.
        elasticity: Of demand to price.
        on: The date.
    """
    known = [item for item in items if item.price and item.unit_cost > 0 and item.outlook.daily_demand > 0]
    before, _ = _state([_changed(item, Change(), elasticity.value) for item in known], supply, rules, on)
    changed = [_changed(item, change, elasticity.value) for item in known]
    budget = rules.model_copy(update={"budget_shop": rules.budget_shop.model_copy(update={"value": change.budget})})
    after, _ = _state(changed, supply, rules, on)
    notes = []
    if change.budget is not None:
        free = _ordered(changed, supply, rules, on)
        bound = _ordered(changed, supply, budget, on)
        lost = max(0.0, free[1] - bound[1])
        after = replace(
            after,
            order_value=bound[0],
            margin=after.margin - lost,
            sales=after.sales - lost / max(after.margin, 1e-9) * after.sales,
            stock_value=max(0.0, after.stock_value - (free[0] - bound[0])),
        )
        notes.append(f"today's orders are worth {free[0]:.0f} without a budget; the plan is {bound[2]}")
    if change.price_share:
        how = f"within ±{2 * elasticity.standard_error:.2f}" if elasticity.standard_error else elasticity.why
        notes.append(f"elasticity {elasticity.value:.2f} is {elasticity.source} ({how})")
        notes.append("one elasticity for all products; nobody switches between products; competitors do nothing")
    return Answer(on, len(known), before, after, elasticity if change.price_share else None, tuple(notes))


def _changed(item: Item, change: Change, elasticity: float) -> Item:
    """The item with the change, its levels decided anew."""
    factor = (1 + change.price_share) ** elasticity
    outlook = DemandOutlook(
        [units * factor for units in item.outlook.daily],
        {days: {level: units * factor for level, units in q.items()} for days, q in item.outlook.quantiles.items()},
    )
    merged: dict[int, float] = {}
    for days, chance in item.lead_times:
        shifted = max(0, days + change.lead_time_days)
        merged[shifted] = merged.get(shifted, 0.0) + chance
    lead_times = tuple(sorted(merged.items()))
    service = change.service_level or item.row["service_level"]
    level = Protected(outlook, lead_times, item.review_days).quantile(service)
    up_to = max(0, ceil(level - 1e-9))
    short = max(0, up_to - item.position)
    row = item.row | {"service_level": service, "order_up_to_units": up_to, "order_units": short}
    price = None if item.price is None else item.price * (1 + change.price_share)
    return replace(item, row=row, price=price, outlook=outlook, lead_times=lead_times)


def _state(items: Sequence[Item], supply: Supply, rules: PurchasingAssumptions, on: date) -> tuple[State, float]:
    demand = sold = sales = margin = stock = 0.0
    for item in items:
        wanted, served, lying = _policy_outcome(item)
        price = item.price or 0.0
        demand, sold = demand + wanted, sold + served
        sales, margin = sales + served * price, margin + served * (price - item.unit_cost)
        stock += lying * item.unit_cost
    value, worth, _ = _ordered(items, supply, rules, on)
    return State(demand, sold, sold / demand if demand else 1.0, sales, margin, stock, value), worth


def _policy_outcome(item: Item) -> tuple[float, float, float]:
    """(units wanted, units sold, mean units in stock) of a product in four weeks."""
    level = float(item.row["order_up_to_units"])
    whole = Protected(item.outlook, item.lead_times, item.review_days)
    before = Protected(item.outlook, item.lead_times, 0)
    exposed = item.review_days + sum(days * chance for days, chance in item.lead_times)
    review = whole.expected * item.review_days / exposed  # the review's own days may be a holiday
    short = whole.expected_short(level, steps=24)
    share = 1 - min(1.0, short / review) if review > 0 else 1.0
    wanted = item.outlook.expected(HORIZON_DAYS)
    lying = max(0.0, level - before.expected - review / 2 + short / 2)
    return wanted, wanted * share, lying


def _ordered(items: Sequence[Item], supply: Supply, rules: PurchasingAssumptions, on: date) -> tuple[float, float, str]:
    """(value, worth, status) of today's orders."""
    plan, _ = propose(items, supply, rules, on=on)
    return plan.value, sum(line.worth for line in plan.lines), plan.status
