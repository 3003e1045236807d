"""The policies and their rivals on the last thirteen weeks: one table, `policy_comparison`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import polars as pl

from models_ml.inventory.service import critical_ratios
from models_ml.inventory.simulation.engine import Floats, Integers, Levels, World, draw_lead_times, simulate
from models_ml.inventory.simulation.measures import Outcome, Prices, lost_at_stock, measure, stock_at_fill
from models_ml.inventory.simulation.rivals import last_month_levels, min_max_levels, whole
from models_ml.inventory.simulation.windows import PROBABILITIES, Panel, window_quantiles
from models_ml.tables import conform

POLICY_COMPARISON = {
    "policy": pl.String,
    "setting": pl.Float64,
    "is_rival": pl.Boolean,
    "product_count": pl.Int32,
    "day_count": pl.Int32,
    "demand_units": pl.Float64,
    "lost_units": pl.Float64,
    "fill_rate_pct": pl.Float64,
    "stock_units": pl.Float64,
    "stock_value_shop": pl.Float64,
    "lost_margin_shop": pl.Float64,
    "holding_cost_shop": pl.Float64,
    "order_line_count": pl.Int64,
    "total_cost_shop": pl.Float64,
    "stock_vs_rival_pct": pl.Float64,
    "lost_vs_rival_pct": pl.Float64,
    "rival": pl.String,
}
KEYS = ("policy", "setting", "rival")
UNIT_SERVICE, CLASS_SERVICE, LAST_MONTH, MIN_MAX = "fill_rate", "service_level", "last_30_days", "min_max"
RIVALS = (LAST_MONTH, MIN_MAX)
WEEK, WARM_UP_DAYS, MEASURED_DAYS = 7, 21, 91
_FACTORS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0)
_LEVELS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99)
_STOCKOUT_COSTS = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 30.0, 50.0, 80.0, 150.0)  # in mean unit costs
Quantiles = Callable[[int], Floats]


@dataclass(frozen=True)
class Replay:
    """A past to be played again.

    Attributes:
        units: Shape (products, days): demand; the last `WARM_UP_DAYS + MEASURED_DAYS` days are played.
        prices: Money by product.
        pack_units: Shape (products,).
        minimum_units: Shape (products,).
        lead_times: (days, probability) of every order.
        review_days: Days between reviews.
        seed: Of the lead times.
    """

    units: Integers
    prices: Prices
    pack_units: Integers
    minimum_units: Integers
    lead_times: Sequence[tuple[int, float]]
    review_days: int = WEEK
    seed: int = 20

    @property
    def first_day(self) -> int:
        """The column on which the play begins."""
        return int(self.units.shape[1]) - WARM_UP_DAYS - MEASURED_DAYS


def compare(replay: Replay, quantiles: Quantiles | None = None) -> list[Outcome]:
    """Every policy at every setting.

    Args:
        replay: The past.
        quantiles: For a day of the panel the demand quantiles, shape (`PROBABILITIES`, products), of the lead time and
            review period from that day on; by default those of past windows.
    """
    history, demand = replay.units[:, : replay.first_day], replay.units[:, replay.first_day :]
    days = range(0, demand.shape[1], replay.review_days)
    lead_times = draw_lead_times(replay.lead_times, (len(demand), demand.shape[1]), seed=replay.seed)
    world = World(demand, lead_times, replay.pack_units, replay.minimum_units)
    lead_days = sum(d * c for d, c in replay.lead_times) / sum(c for _, c in replay.lead_times)
    panel = Panel(replay.units)
    quantiles = quantiles or (
        lambda day: window_quantiles(panel, day, lead_times=replay.lead_times, review_days=replay.review_days)
    )
    known = np.stack([quantiles(replay.first_day + day) for day in days])

    def play(policy: str, setting: float, levels: Levels) -> Outcome:
        return measure(policy, setting, simulate(world, levels), replay.prices, from_day=WARM_UP_DAYS)

    exposed = lead_days + replay.review_days
    mean_cost = float(replay.prices.cost.mean()) if len(demand) else 1.0
    outcomes = []
    for factor in _FACTORS:
        level = last_month_levels(history, demand, days, exposed_days=exposed, factor=factor)
        outcomes.append(play(LAST_MONTH, factor, level))
        level = min_max_levels(
            history, demand, days, lead_days=lead_days, review_days=replay.review_days, factor=factor
        )
        outcomes.append(play(MIN_MAX, factor, level))
    outcomes.extend(
        play(CLASS_SERVICE, service, quantile_levels(known, days, np.full(len(demand), service))) for service in _LEVELS
    )
    for cost in _STOCKOUT_COSTS:
        ratios = critical_ratios(cost * mean_cost, replay.prices.cost)
        outcomes.append(play(UNIT_SERVICE, cost, quantile_levels(known, days, ratios)))
    return outcomes


def quantile_levels(known: Floats, days: Sequence[int], service: Floats) -> Levels:
    """Up to each product's quantile of demand, at every review.

    Args:
        known: Shape (reviews, `PROBABILITIES`, products).
        days: The reviews' days.
        service: Shape (products,): probability of no stock-out.
    """
    normal = NormalDist()
    points = np.array([normal.inv_cdf(level) for level in PROBABILITIES])
    wanted = np.array([normal.inv_cdf(float(level)) for level in service])
    upper = np.clip(np.searchsorted(points, wanted), 1, len(points) - 1)
    rows, logs = np.arange(len(service)), np.log1p(np.maximum.accumulate(known, axis=1))
    low, high = logs[:, upper - 1, rows], logs[:, upper, rows]
    share = (wanted - points[upper - 1]) / (points[upper] - points[upper - 1])
    level = whole(np.expm1(low + (high - low) * share))
    return Levels(days, level - 1, level)


def comparison_table(outcomes: Sequence[Outcome], *, product_count: int) -> pl.DataFrame:
    """`policy_comparison`: a row for each policy, setting and rival; of a rival itself one row.

    `stock_vs_rival_pct` is the policy's stock value against the rival's at the policy's fill rate; `lost_vs_rival_pct`
    its lost units against the rival's at the policy's stock value; null beyond the rival's settings.
    """
    curves = {rival: [one for one in outcomes if one.policy == rival] for rival in RIVALS}
    rows = []
    for one in outcomes:
        base = {
            "policy": one.policy,
            "setting": one.setting,
            "is_rival": one.policy in RIVALS,
            "product_count": product_count,
            "day_count": MEASURED_DAYS,
            "demand_units": one.demand_units,
            "lost_units": one.lost_units,
            "fill_rate_pct": round(100 * one.fill_rate, 4),
            "stock_units": round(one.stock_units, 4),
            "stock_value_shop": round(one.stock_value, 4),
            "lost_margin_shop": round(one.lost_margin, 4),
            "holding_cost_shop": round(one.holding_cost, 4),
            "order_line_count": one.order_lines,
            "total_cost_shop": round(one.total_cost, 4),
        }
        for rival in ("none",) if one.policy in RIVALS else RIVALS:
            stock = stock_at_fill(curves.get(rival, []), one.fill_rate)
            lost = lost_at_stock(curves.get(rival, []), one.stock_value)
            compared = {
                "stock_vs_rival_pct": _pct(one.stock_value, stock),
                "lost_vs_rival_pct": _pct(one.lost_units, lost),
            }
            rows.append(base | compared | {"rival": rival})
    frame = pl.DataFrame(rows, schema=POLICY_COMPARISON, orient="row")
    return conform(frame, POLICY_COMPARISON, table="policy_comparison", keys=KEYS)


def _pct(value: float, other: float | None) -> float | None:
    return round(100 * (value / other - 1), 4) if other else None
