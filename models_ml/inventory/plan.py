"""The purchase list: a policy and its reason for every product."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import ceil, floor
from typing import Any

import numpy as np
import polars as pl

from lakehouse.errors import ContractError
from models_ml.inventory.config import InventoryAssumptions, assumption_table, default_assumptions
from models_ml.inventory.demand import DemandOutlook
from models_ml.inventory.policy import Policy, Terms, decide
from models_ml.inventory.protection import LeadTimes, Protected
from models_ml.inventory.service import critical_ratios
from models_ml.inventory.stock import stock_on_hand
from models_ml.tables import MONEY, conform, require_columns, require_key

logger = logging.getLogger(__name__)

INVENTORY_POLICY = {
    "product_id": pl.String(),
    "supplier_name": pl.String(),
    "supplier_source": pl.String(),
    "on_hand_units": pl.Int64(),
    "on_hand_source": pl.String(),
    "on_hand_date": pl.Date(),
    "on_order_units": pl.Int64(),
    "lead_time_days": pl.Int32(),
    "lead_time_source": pl.String(),
    "unit_cost_shop": MONEY,
    "unit_cost_source": pl.String(),
    "daily_demand_units": pl.Float64(),
    "cover_days": pl.Float64(),
    "runout_date": pl.Date(),
    "service_level": pl.Float64(),
    "safety_stock_units": pl.Int64(),
    "reorder_point_units": pl.Int64(),
    "order_up_to_units": pl.Int64(),
    "order_units": pl.Int64(),
    "order_value_shop": MONEY,
    "action": pl.String(),
    "reason": pl.String(),
}
RULE = (
    "order_up_to_units = demand of the lead time and the review period that is not exceeded with the probability "
    "service_level; order_units = order_up_to_units - on_hand_units - on_order_units, at least minimum_order_units, "
    "rounded up to a multiple of pack_units; urgent when on_hand_units <= reorder_point_units "
    "and cover_days < lead_time_days"
)
_QUANTILES = {"demand_units_p50": 0.5, "demand_units_p80": 0.8, "demand_units_p90": 0.9, "demand_units_p95": 0.95}
_SUPPLY = ("supplier_name", "lead_time_days", "unit_cost_shop", "minimum_order_units", "pack_units")
_CENTS = Decimal("0.0001")
_LOWEST_SERVICE, _HIGHEST_SERVICE = 0.5, 0.99
SUPPLIED, ASSUMED, UNKNOWN = "supplied", "assumed", "unknown"
Row = dict[str, Any]


def plan(
    *,
    products: pl.DataFrame,
    demand: pl.DataFrame,
    counts: pl.DataFrame,
    supply: pl.DataFrame,
    forecasts: Mapping[str, pl.DataFrame],
    on: date,
    assumptions: InventoryAssumptions | None = None,
    lead_times: Mapping[str, LeadTimes] | None = None,
    inbound: pl.DataFrame | None = None,
) -> dict[str, pl.DataFrame]:
    """Decides for every product what to order on a date.

    Args:
        products: `product_id, abc_class, current_price_shop` of every product that is to have a policy.
        demand: `product_id, sales_date, demand_units` of the past.
        counts: `product_id, on_hand_units, counted_date`; may be empty.
        supply: `product_id` and supply terms, each of which may be null; may be empty.
        forecasts: `product_forecast` and `product_horizon_demand` from that date on.
        on: The as-of date.
        assumptions: Those of the repository's file by default.
        lead_times: By supplier's name the distribution that deliveries tell; others' lead times are taken as certain.
        inbound: `product_id, on_order_units`; nothing is on its way without it.

    Returns:
        `inventory_policy` and `inventory_assumption`.

    Raises:
        ContractError: If an input lacks a column or repeats a product, or the forecast is of another date.
    """
    assumptions = assumptions or default_assumptions()
    require_columns(products, ["product_id", "abc_class"], table="products")
    for name, frame in (("products", products), ("stock counts", counts), ("supply terms", supply)):
        require_key(frame, table=name, keys=["product_id"])
    stock = stock_on_hand(products["product_id"], counts, demand, on=on, assumptions=assumptions)
    terms = supply.select("product_id", *_SUPPLY)
    outlooks = outlooks_of(forecasts, on)
    inputs = products.join(terms, on="product_id", how="left").join(stock, on="product_id", how="left")
    if inbound is None:
        inbound = pl.DataFrame(schema={"product_id": pl.String, "on_order_units": pl.Int64})
    inputs = inputs.join(inbound, on="product_id", how="left").with_columns(pl.col("on_order_units").fill_null(0))
    services = _services(inputs, outlooks, assumptions)
    rows = [
        _row(
            item,
            outlooks.get(item["product_id"], DemandOutlook((), {})),
            on,
            assumptions,
            services[item["product_id"]],
            (lead_times or {}).get(item["supplier_name"] or "", ()),
        )
        for item in inputs.iter_rows(named=True)
    ]
    logger.info("Purchase list: %s.", dict(sorted(Counter(row["action"] for row in rows).items())))
    policy = pl.DataFrame(rows, schema=INVENTORY_POLICY, orient="row")
    return {
        "inventory_policy": conform(policy, INVENTORY_POLICY, table="inventory_policy", keys=["product_id"]),
        "inventory_assumption": assumption_table(assumptions),
    }


def _services(
    inputs: pl.DataFrame, outlooks: Mapping[str, DemandOutlook], assumptions: InventoryAssumptions
) -> dict[str, float]:
    """Each product's chance of no stock-out: by what a missing unit and stock cost, or by class (decision 39)."""
    by_class = {
        product: assumptions.service_level(abc_class)
        for product, abc_class in inputs.select("product_id", "abc_class").iter_rows()
    }
    if assumptions.objective.value == "service_level":
        return by_class
    rows = inputs.select("product_id", "unit_cost_shop", "current_price_shop").iter_rows()
    costs = {product: float(_unit_cost(cost, price, assumptions)[0] or 0) for product, cost, price in rows}
    selling = [cost for product, cost in costs.items() if cost > 0 and product in outlooks]
    if not selling:
        return by_class
    factor = assumptions.stockout_cost_factor.value * sum(selling) / len(selling)
    ratios = critical_ratios(factor, np.array(list(costs.values())))
    # the forecast's quantiles begin with its median, and end where there are too few errors to tell
    ours = np.clip(ratios, _LOWEST_SERVICE, _HIGHEST_SERVICE).round(4)
    return {
        product: float(ratio) if costs[product] > 0 else by_class[product]
        for product, ratio in zip(costs, ours, strict=True)
    }


def outlooks_of(forecasts: Mapping[str, pl.DataFrame], on: date) -> dict[str, DemandOutlook]:
    """What each product is expected to sell from a date on.

    Raises:
        ContractError: If the forecast begins on another date.
    """
    dates = forecasts["product_forecast"]["forecast_date"].unique().sort()
    if len(dates) and dates[0] != on:
        raise ContractError(
            f"The forecast begins on {dates[0]}, the purchase list is of {on}.",
            remedy="Run the forecast for the same moment first.",
        )
    paths = (
        forecasts["product_forecast"]
        .sort("product_id", "forecast_date")
        .group_by("product_id", maintain_order=True)
        .agg("demand_units")
    )
    quantiles: dict[str, dict[int, dict[float, float]]] = {}
    table = forecasts["product_horizon_demand"].sort("product_id", "horizon_days")
    for product, horizon, *units in table.select("product_id", "horizon_days", *_QUANTILES).iter_rows():
        quantiles.setdefault(product, {})[horizon] = dict(zip(_QUANTILES.values(), units, strict=True))
    return {product: DemandOutlook(path, quantiles.get(product, {})) for product, path in paths.iter_rows()}


def _row(
    item: Row,
    outlook: DemandOutlook,
    on: date,
    assumptions: InventoryAssumptions,
    service_level: float,
    lead_times: LeadTimes,
) -> Row:
    price: Decimal | None = item["current_price_shop"]
    terms = _terms(item, price, assumptions, service_level, lead_times)
    policy = decide(outlook, item["on_hand_units"], terms, on_order_units=item["on_order_units"])
    cost, cost_source = _unit_cost(item["unit_cost_shop"], price, assumptions)
    row = {
        "product_id": item["product_id"],
        "supplier_name": item["supplier_name"] or assumptions.supplier_name.value,
        "supplier_source": SUPPLIED if item["supplier_name"] else ASSUMED,
        "on_hand_units": item["on_hand_units"],
        "on_hand_source": item["on_hand_source"],
        "on_hand_date": item["on_hand_date"],
        "on_order_units": item["on_order_units"],
        "lead_time_days": terms.lead_time_days,
        "lead_time_source": ASSUMED if item["lead_time_days"] is None and not lead_times else SUPPLIED,
        "unit_cost_shop": cost,
        "unit_cost_source": cost_source,
        "daily_demand_units": outlook.daily_demand,
        "cover_days": policy.cover_days,
        "runout_date": _runout(policy.cover_days, on, assumptions),
        "service_level": terms.service_level,
        "safety_stock_units": policy.safety_stock_units,
        "reorder_point_units": policy.reorder_point_units,
        "order_up_to_units": policy.order_up_to_units,
        "order_units": policy.order_units,
        "order_value_shop": None if cost is None else (cost * policy.order_units).quantize(_CENTS),
        "action": policy.action,
    }
    return row | {"reason": _reason(item, outlook, terms, policy, on)}


def _terms(
    item: Row, price: Decimal | None, assumptions: InventoryAssumptions, service_level: float, lead_times: LeadTimes
) -> Terms:
    pack = item["pack_units"] or assumptions.pack_units(price)
    lead_time = item["lead_time_days"]
    if lead_times:
        lead_time = ceil(sum(days * chance for days, chance in lead_times) - 1e-9)
    return Terms(
        lead_time_days=assumptions.lead_time_days.value if lead_time is None else lead_time,
        review_period_days=assumptions.review_period_days.value,
        service_level=service_level,
        minimum_order_units=item["minimum_order_units"] or pack,
        pack_units=pack,
        lead_times=lead_times,
    )


def _unit_cost(
    supplied: Decimal | None, price: Decimal | None, assumptions: InventoryAssumptions
) -> tuple[Decimal | None, str]:
    if supplied is not None:
        return supplied.quantize(_CENTS, rounding=ROUND_HALF_UP), SUPPLIED
    if price is None:
        return None, UNKNOWN
    return (price * assumptions.unit_cost_share.value).quantize(_CENTS, rounding=ROUND_HALF_UP), ASSUMED


def _runout(cover_days: float | None, on: date, assumptions: InventoryAssumptions) -> date | None:
    if cover_days is None or cover_days > assumptions.cover_limit_days.value:
        return None
    return on + timedelta(days=floor(cover_days))


def _reason(item: Row, outlook: DemandOutlook, terms: Terms, policy: Policy, on: date) -> str:
    """The inputs and the rule as JSON: enough to work the order quantity out again by hand."""
    protected = Protected(outlook, terms.distribution, terms.review_period_days)
    said = {
        "rule": RULE,
        "as_of_date": on.isoformat(),
        "abc_class": item["abc_class"],
        "service_level": terms.service_level,
        "lead_time_days": terms.lead_time_days,
        "lead_time_chances": [[days, round(chance, 4)] for days, chance in terms.distribution],
        "review_period_days": terms.review_period_days,
        "expected_demand_units": round(protected.expected, 2),
        "protected_demand_units": round(protected.quantile(terms.service_level), 2),
        "lead_time_demand_units": round(Protected(outlook, terms.distribution, 0).quantile(terms.service_level), 2),
        "order_up_to_units": policy.order_up_to_units,
        "reorder_point_units": policy.reorder_point_units,
        "on_hand_units": item["on_hand_units"],
        "on_order_units": item["on_order_units"],
        "on_hand_source": item["on_hand_source"],
        "on_hand_level_units": item["level_units"],
        "on_hand_level_date": item["on_hand_date"].isoformat(),
        "on_hand_busiest_units": item["busiest_units"],
        "sold_since_units": item["sold_since_units"],
        "minimum_order_units": terms.minimum_order_units,
        "pack_units": terms.pack_units,
        "order_units": policy.order_units,
    }
    return json.dumps(said, ensure_ascii=False)
