"""Purchase proposals by supplier, and which supplier is the best for each product."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import ceil

import polars as pl

from models_ml.inventory.purchasing.config import PurchasingAssumptions
from models_ml.inventory.purchasing.milp import best_plan
from models_ml.inventory.purchasing.offers import Item, need_of, offers_of, prices_by_product
from models_ml.inventory.purchasing.problem import Limits, Line, Need, Offer, Plan
from models_ml.inventory.purchasing.schemas import PURCHASE_PROPOSAL, SUPPLIER_CHOICE
from models_ml.inventory.purchasing.supply import Supply
from models_ml.tables import conform

logger = logging.getLogger(__name__)
RULE = (
    "the plan of all orders that is worth most: up to order_up_to_units each unit is worth the margin times the chance "
    "that it is wanted before the next delivery, beyond it it costs its holding; less price differences, supplier_cost "
    "(lead time, safety stock, unreliability) and the cost of an order; in packs, within minimums, budget and storage"
)
_CENTS = Decimal("0.0001")


def propose(
    items: Sequence[Item], supply: Supply, rules: PurchasingAssumptions, *, on: date
) -> tuple[Plan, dict[str, pl.DataFrame]]:
    """Decides all orders of a date together.

    Args:
        items: Products whose cost is known.
        supply: Suppliers, prices and what is on its way.
        rules: The assumptions.
        on: The date of the orders.

    Returns:
        The plan, and `purchase_proposal` and `supplier_choice`.
    """
    prices = prices_by_product(supply.prices)
    wanted = [item for item in items if item.row["order_units"] > 0 and item.unit_cost > 0]
    needs = [need_of(item, rules) for item in wanted]
    offers = [
        offer for item in wanted for offer in offers_of(item, prices.get(item.row["product_id"], {}), supply, rules)
    ]
    limits = Limits(
        budget=None if rules.budget_shop.value is None else float(rules.budget_shop.value),
        storage=None
        if rules.storage_units.value is None
        else max(0.0, rules.storage_units.value - sum(float(item.row["on_hand_units"]) for item in items)),
        supplier_minimum={one.supplier_id: one.minimum_value for one in supply.suppliers.values()},
        order_cost=float(rules.order_cost_shop.value),
    )
    plan = best_plan(
        needs, offers, limits, time_limit=rules.time_limit_seconds.value, node_limit=rules.node_limit.value
    )
    logger.info("Purchase plan: %d lines, %s, worth %.0f.", len(plan.lines), plan.status, plan.value)
    by_product = {item.row["product_id"]: item for item in wanted}
    rows = [_proposal(line, by_product[line.offer.product_id], plan, supply, on) for line in plan.lines]
    proposals = pl.DataFrame(rows, schema=PURCHASE_PROPOSAL, orient="row")
    return plan, {
        "purchase_proposal": conform(
            proposals, PURCHASE_PROPOSAL, table="purchase_proposal", keys=["supplier_id", "product_id"]
        ),
        "supplier_choice": _choices(needs, offers, supply),
    }


def _proposal(line: Line, item: Item, plan: Plan, supply: Supply, on: date) -> dict[str, object]:
    offer = line.offer
    supplier = supply.suppliers.get(offer.supplier_id)
    unit_cost = _money(line.unit_cost)
    reason = {
        "rule": RULE,
        "plan_status": plan.status,
        "plan_gap": plan.gap,
        "why_greedy": plan.reason,
        "conflicts": list(plan.conflicts),
        "on_hand_units": item.row["on_hand_units"],
        "on_order_units": item.row["on_order_units"],
        "order_up_to_units": item.row["order_up_to_units"],
        "needed_units": item.short,
        "policy_order_units": item.row["order_units"],
        "action": item.row["action"],
        "service_level": item.row["service_level"],
        "pack_units": offer.pack_units,
        "minimum_order_units": offer.minimum_units,
        "supplier_minimum_shop": round(supplier.minimum_value, 2) if supplier else 0,
        "list_cost_shop": round(offer.unit_cost, 4),
        "price_break": line.unit_cost < offer.unit_cost,
        "supplier_cost_shop": round(offer.surcharge, 4),
        "lead_time_days": round(offer.lead_time_days, 2),
    }
    return {
        "supplier_id": offer.supplier_id,
        "supplier_name": supplier.name if supplier else item.row["supplier_name"],
        "product_id": offer.product_id,
        "order_date": on,
        "expected_date": on + timedelta(days=ceil(offer.lead_time_days - 1e-9)),
        "order_units": line.units,
        "needed_units": item.short,
        "pack_units": offer.pack_units,
        "unit_cost_shop": unit_cost,
        "order_value_shop": (unit_cost * line.units).quantize(_CENTS),
        "worth_shop": _money(line.worth),
        "plan_status": plan.status,
        "reason": json.dumps(reason, ensure_ascii=False),
    }


def _choices(needs: Sequence[Need], offers: Sequence[Offer], supply: Supply) -> pl.DataFrame:
    """Every offer by its total cost: price, capital on its way, safety stock and unreliability."""
    wanted = {need.product_id for need in needs}
    rows = []
    for offer in offers:
        supplier = supply.suppliers.get(offer.supplier_id)
        rows.append(
            {
                "product_id": offer.product_id,
                "supplier_id": offer.supplier_id,
                "supplier_name": supplier.name if supplier else offer.supplier_id,
                "choice_rank": 0,
                "unit_cost_shop": _money(offer.unit_cost),
                "total_cost_shop": _money(offer.unit_cost + offer.surcharge),
                "lead_time_mean_days": offer.lead_time_days,
                "lead_time_sd_days": supplier.sd_days if supplier else 0.0,
                "otif_pct": 100 * supplier.otif_share if supplier and supplier.otif_share is not None else None,
            }
        )
    frame = pl.DataFrame(
        [row for row in rows if row["product_id"] in wanted], schema=SUPPLIER_CHOICE, orient="row"
    ).sort("product_id", "total_cost_shop", "supplier_id")
    ranked = frame.with_columns(choice_rank=pl.int_range(1, pl.len() + 1).over("product_id").cast(pl.Int32))
    return conform(ranked, SUPPLIER_CHOICE, table="supplier_choice", keys=["product_id", "supplier_id"])


def _money(value: float) -> Decimal:
    return Decimal(repr(float(value))).quantize(_CENTS, rounding=ROUND_HALF_UP)
