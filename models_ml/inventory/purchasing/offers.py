"""From what is known of products and suppliers to needs and offers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import inf
from typing import Any

import polars as pl

from models_ml.inventory.config import InventoryAssumptions
from models_ml.inventory.demand import DemandOutlook
from models_ml.inventory.protection import LeadTimes, Protected
from models_ml.inventory.purchasing.config import PurchasingAssumptions
from models_ml.inventory.purchasing.problem import Need, Offer
from models_ml.inventory.purchasing.supply import Supplier, Supply

DAYS_A_YEAR = 365.0
_SLICES, _LATER, _LATER_DAYS = 4, 3, 28
_SAFETY = 1.645
_ABOUT = ("current_price_shop", "category", "abc_class")
Row = dict[str, Any]


@dataclass(frozen=True)
class Item:
    """A product as the policy sees it.

    Attributes:
        row: Its row of `inventory_policy`.
        price: What it sells for; None where unknown.
        category: Its category; empty where unknown.
        abc_class: Its class.
        outlook: Expected demand.
        lead_times: (days, probability).
        review_days: Days between reviews.
    """

    row: Row
    price: float | None
    category: str
    abc_class: str
    outlook: DemandOutlook
    lead_times: LeadTimes
    review_days: int

    @property
    def position(self) -> int:
        """Units on hand and on their way."""
        return int(self.row["on_hand_units"] + self.row["on_order_units"])

    @property
    def short(self) -> int:
        """Units up to the policy's level."""
        return max(0, int(self.row["order_up_to_units"]) - self.position) if self.row["order_units"] else 0

    @property
    def packing(self) -> tuple[int, int]:
        """Units of a pack, and of the least order."""
        said = json.loads(self.row["reason"])
        return said["pack_units"], said["minimum_order_units"]

    @property
    def unit_cost(self) -> float:
        """Cost of a unit; 0 where unknown."""
        return float(self.row["unit_cost_shop"] or Decimal(0))


def items_of(
    policy: pl.DataFrame,
    products: pl.DataFrame,
    outlooks: Mapping[str, DemandOutlook],
    lead_times: Mapping[str, LeadTimes],
    rules: InventoryAssumptions,
) -> list[Item]:
    """Every product of the policy with what planning needs to know of it.

    Args:
        policy: `inventory_policy`.
        products: `product_id, abc_class, current_price_shop`, and `category` where there is one.
        outlooks: Expected demand by product.
        lead_times: Distributions by supplier's name.
        rules: For the review period.
    """
    if "category" not in products.columns:
        products = products.with_columns(category=pl.lit(None, dtype=pl.String))
    about = {row[0]: row[1:] for row in products.select("product_id", *_ABOUT).iter_rows()}
    items = []
    for row in policy.iter_rows(named=True):
        price, category, abc_class = about[row["product_id"]]
        items.append(
            Item(
                row=row,
                price=None if price is None else float(price),
                category=category or "",
                abc_class=abc_class,
                outlook=outlooks.get(row["product_id"], DemandOutlook((), {})),
                lead_times=lead_times.get(row["supplier_name"]) or ((row["lead_time_days"], 1.0),),
                review_days=rules.review_period_days.value,
            )
        )
    return items


def need_of(item: Item, rules: PurchasingAssumptions) -> Need:
    """What an order of a product is worth, slice by slice.

    Up to the policy's level each unit is worth the margin times the chance that it is wanted before the next order's
    delivery: what a chance of a sale is worth. Beyond it a unit is wanted later, and costs what holding it until then
    does; three slices of four weeks' demand, each held four weeks longer than the one before.
    """
    cost, rate = item.unit_cost, item.outlook.daily_demand
    margin = max((item.price or 2 * cost) - cost, 0.05 * cost, 0.0001)
    protected = Protected(item.outlook, item.lead_times, item.review_days)
    width = item.short / _SLICES
    worth = []
    for part in range(_SLICES if width > 0 else 0):
        chance = 1 - protected.chance_of_enough(item.position + (part + 0.5) * width)
        worth.append((width, margin * max(chance, 0.001)))
    held = cost * rules.holding_cost_rate.value / DAYS_A_YEAR
    worth = [(units, min(value, worth[0][1])) for units, value in worth]
    for month in range(1, _LATER + 1):
        worth.append((_LATER_DAYS * rate, -held * _LATER_DAYS * month))
    must = item.abc_class in rules.must_cover_classes.value and item.row["action"] == "order_now"
    keeps = next((one.days for one in rules.shelf_lives.value if one.category == item.category), None)
    return Need(
        product_id=item.row["product_id"],
        worth=tuple((units, value) for units, value in worth if units > 0),
        surplus_worth=-held * DAYS_A_YEAR,
        least_units=float(item.short) if must else 0.0,
        most_units=inf if keeps is None else max(0.0, item.outlook.expected(keeps) - item.position),
    )


def offers_of(item: Item, prices: Mapping[str, float], supply: Supply, rules: PurchasingAssumptions) -> list[Offer]:
    """Every supplier's offer of a product: those that state a price today, else the one whose terms are known.

    Args:
        item: The product.
        prices: Unit cost by supplier.
        supply: Suppliers.
        rules: The assumptions.
    """
    said = json.loads(item.row["reason"])
    usual = supply.by_name().get(item.row["supplier_name"])
    terms = dict(prices)
    if usual is None:
        terms = terms or {item.row["supplier_name"]: item.unit_cost}
    elif item.row["unit_cost_source"] == "supplied":
        terms.setdefault(usual.supplier_id, item.unit_cost)
    terms = terms or {usual.supplier_id if usual else item.row["supplier_name"]: item.unit_cost}
    return [
        _offer(item, said, supplier, supply.suppliers.get(supplier), cost, rules)
        for supplier, cost in sorted(terms.items())
        if cost > 0
    ]


def _offer(
    item: Item, said: Row, supplier_id: str, supplier: Supplier | None, cost: float, rules: PurchasingAssumptions
) -> Offer:
    mean = supplier.mean_days if supplier and supplier.mean_days is not None else float(item.row["lead_time_days"])
    sd = supplier.sd_days if supplier else 0.0
    failing = 1 - supplier.otif_share if supplier and supplier.otif_share is not None else 0.0
    held = cost * rules.holding_cost_rate.value / DAYS_A_YEAR
    names = {supplier_id, supplier.name if supplier else ""}
    breaks = [one for one in rules.price_breaks.value if one.supplier in names]
    pallet = next((one.units for one in rules.pallets.value if one.supplier in names), None)
    return Offer(
        product_id=item.row["product_id"],
        supplier_id=supplier_id,
        unit_cost=cost,
        pack_units=said["pack_units"],
        minimum_units=said["minimum_order_units"],
        breaks=tuple((one.from_units, cost * (1 - one.discount)) for one in sorted(breaks, key=lambda b: b.from_units)),
        pallet_units=pallet,
        loose_cost=cost * rules.loose_cost_share.value,
        surcharge=held * (mean + _SAFETY * sd) + cost * rules.late_cost_share.value * failing,
        lead_time_days=mean,
    )


def prices_by_product(prices: pl.DataFrame) -> dict[str, dict[str, float]]:
    """Unit cost by product and supplier."""
    found: dict[str, dict[str, float]] = {}
    for product, supplier, cost in prices.select("product_id", "supplier_id", "unit_cost").iter_rows():
        found.setdefault(product, {})[supplier] = cost
    return found
