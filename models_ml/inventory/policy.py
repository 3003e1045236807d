"""The periodic-review policy of one product: how much to order today, and how urgently."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal

from models_ml.inventory.demand import DemandOutlook
from models_ml.inventory.protection import LeadTimes, Protected

Action = Literal["order_now", "order_soon", "ok", "no_demand"]
_NEAR_ZERO = 1e-9  # quantiles are sums of floats: 12.000000000001 units are twelve


@dataclass(frozen=True)
class Terms:
    """What a product can be bought on.

    Attributes:
        lead_time_days: Calendar days from the order to the shelf.
        review_period_days: Days between two purchase decisions.
        service_level: Probability of no stock-out until the next decision's delivery.
        minimum_order_units: Smallest order the supplier takes.
        pack_units: Orders are multiples of this.
        lead_times: The distribution of the lead time, (days, probability); empty where it is certain.
    """

    lead_time_days: int
    review_period_days: int
    service_level: float
    minimum_order_units: int
    pack_units: int
    lead_times: LeadTimes = ()

    @property
    def distribution(self) -> LeadTimes:
        """The lead time's distribution, certain or not."""
        return self.lead_times or ((self.lead_time_days, 1.0),)


@dataclass(frozen=True)
class Policy:
    """What the policy says today; quantities in units."""

    safety_stock_units: int
    reorder_point_units: int
    order_up_to_units: int
    order_units: int
    cover_days: float | None
    action: Action


def decide(outlook: DemandOutlook, on_hand_units: int, terms: Terms, *, on_order_units: int = 0) -> Policy:
    """Applies the (R, S) policy, every R days up to the level S.

    What is ordered today arrives after the lead time L, what is ordered at the next review R days later: stock and
    order together must last for R + L days. So S is the service level's quantile of demand over R + L; its surplus
    over the expected demand is the safety stock. After Silver, E.A., Pyke, D.F. & Thomas, D.J. (2017), Inventory and
    Production Management in Supply Chains, 4th ed., chapter 6; where they take a normal distribution, the quantile is
    here the forecast's own, calibrated on its past errors, and mixed over the lead times that may be (`protection`).
    What is on its way counts for the quantity, not for the urgency. The reorder point, the quantile over L alone,
    decides no quantity: below it even an order placed today may come too late, which makes it urgent.

    Args:
        outlook: Expected demand and its quantiles.
        on_hand_units: Units that can be sold, not negative.
        terms: Supply terms and service level.
        on_order_units: Units ordered that have not come.
    """
    if outlook.daily_demand <= 0:
        return Policy(0, 0, 0, 0, None, "no_demand")
    protected = Protected(outlook, terms.distribution, terms.review_period_days)
    level = protected.quantile(terms.service_level)
    up_to = _whole(level)
    lead_time_alone = Protected(outlook, terms.distribution, 0)
    reorder_point = min(up_to, _whole(lead_time_alone.quantile(terms.service_level)))
    cover = outlook.days_until(on_hand_units)
    units = order_units(up_to - on_hand_units - on_order_units, terms)
    return Policy(
        safety_stock_units=max(0, _whole(level - protected.expected)),
        reorder_point_units=reorder_point,
        order_up_to_units=up_to,
        order_units=units,
        cover_days=cover,
        action=_action(units, on_hand_units, reorder_point, cover, terms),
    )


def order_units(shortfall: int, terms: Terms) -> int:
    """The least quantity that makes up a shortfall, reaches the minimum order and is a multiple of the pack."""
    if shortfall <= 0:
        return 0
    wanted = max(shortfall, terms.minimum_order_units)
    return -(-wanted // terms.pack_units) * terms.pack_units


def _action(units: int, on_hand: int, reorder_point: int, cover: float | None, terms: Terms) -> Action:
    if units == 0:
        return "ok"
    runs_out_first = cover is not None and cover < terms.lead_time_days
    return "order_now" if on_hand <= reorder_point and runs_out_first else "order_soon"


def _whole(units: float) -> int:
    return max(0, ceil(units - _NEAR_ZERO))
