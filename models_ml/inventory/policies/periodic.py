"""(R,S): every R units of time up to S, whatever is left."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from scipy.stats import norm  # type: ignore[import-untyped]

from models_ml.inventory.policies.checks import require_not_negative, require_positive


@dataclass(frozen=True)
class PeriodicReview:
    """A level and its cushion.

    Attributes:
        order_up_to: Units.
        safety_stock: Of these, units above the expected demand until the next order's delivery.
    """

    order_up_to: float
    safety_stock: float


def periodic_review_normal(
    *,
    service_level: float,
    review_period: float,
    lead_time: float,
    demand_mean: float,
    demand_sd: float,
    lead_time_sd: float = 0.0,
) -> PeriodicReview:
    """The level at which stock lasts until the next delivery with a probability, where demand is normal.

    S = μ(R+L) + z·√((R+L)σ² + μ²·σ_L²): what a random lead time adds to the variance is that of a random sum. Silver,
    Pyke & Thomas (2017), Inventory and Production Management in Supply Chains, 4th ed., sections 6.9 and 6.10; Chopra &
    Meindl, Supply Chain Management, section 12.4.

    Raises:
        ValueError: If the service level is no probability, or a time or deviation is negative.
    """
    if not 0 < service_level < 1:
        raise ValueError(f"service_level must lie between 0 and 1, not be {service_level!r}")
    require_positive(review_period=review_period)
    require_not_negative(lead_time=lead_time, demand_mean=demand_mean, demand_sd=demand_sd, lead_time_sd=lead_time_sd)
    exposed = review_period + lead_time
    spread = sqrt(exposed * demand_sd**2 + (demand_mean * lead_time_sd) ** 2)
    cushion = float(norm.ppf(service_level)) * spread
    return PeriodicReview(demand_mean * exposed + cushion, cushion)
