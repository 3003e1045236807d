"""From the forecast, the stock and the supply terms to the purchase list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import polars as pl

from lakehouse.settings import Settings
from models_ml.inventory.config import InventoryAssumptions, assumption_table, default_assumptions
from models_ml.inventory.plan import outlooks_of, plan
from models_ml.inventory.protection import LeadTimes
from models_ml.inventory.purchasing.config import PurchasingAssumptions, default_purchasing
from models_ml.inventory.purchasing.elsewhere import markdowns, read_places, transfers
from models_ml.inventory.purchasing.offers import Item, items_of
from models_ml.inventory.purchasing.propose import propose
from models_ml.inventory.purchasing.supply import Supply, read_supply
from models_ml.inventory.simulation.run import comparison
from models_ml.tables import FrameReader, local_date

PRODUCTS_SQL = """
select product_id, abc_class, category, current_price_shop
from dim_product
where first_sold_date < ?
order by product_id
"""
# More than the assumed top-up needs: a stock count may be older.
DEMAND_SQL = """
select product_id, sales_date, cast(sum(demand_units) as bigint) as demand_units
from fct_daily_product_sales
where sales_date < ? and sales_date >= ?
group by product_id, sales_date
"""
COUNTS_SQL = """
select product_id, on_hand_units, cast(counted_at as date) as counted_date
from fct_stock_on_hand
where counted_at < ?
"""
SUPPLY_SQL = """
select product_id, supplier_name, lead_time_days, unit_cost_shop, minimum_order_units, pack_units
from dim_product_supply
"""
_DEMAND_DAYS = 400
_PLACE_DAYS = 56  # as LOCATIONS_SQL divides by


def run(
    reader: FrameReader, *, as_of: datetime, settings: Settings, forecasts: Mapping[str, pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    """Makes the purchase list from the published marts and a forecast that is not in them yet.

    Args:
        reader: The warehouse.
        as_of: The moment of knowledge.
        settings: For the shop's time zone.
        forecasts: `product_forecast` and `product_horizon_demand` of the same moment.

    Returns:
        `inventory_policy`, a row for every product that has ever been sold, `inventory_assumption`, and what follows:
        `purchase_proposal`, `supplier_choice`, `stock_transfer`, `markdown_proposal` and `policy_comparison`.
    """
    on = local_date(as_of, settings.shop_time_zone)
    rules, buying = default_assumptions(), default_purchasing()
    supply = read_supply(reader, on=on, least_lines=rules.least_lead_time_lines.value)
    products = reader.frame(PRODUCTS_SQL, [on])
    demand = reader.frame(DEMAND_SQL, [on, on - timedelta(days=_DEMAND_DAYS)])
    lead_times = supply.lead_times()
    tables = plan(
        products=products,
        demand=demand,
        counts=reader.frame(COUNTS_SQL, [as_of]),
        supply=reader.frame(SUPPLY_SQL),
        forecasts=forecasts,
        on=on,
        assumptions=rules,
        lead_times=lead_times,
        inbound=supply.inbound,
    )
    items = items_of(tables["inventory_policy"], products, outlooks_of(forecasts, on), lead_times, rules)
    _, proposals = propose(items, supply, buying, on=on)
    places = read_places(reader, on=on, since=on - timedelta(days=_PLACE_DAYS))
    return (
        tables
        | proposals
        | {
            "inventory_assumption": assumption_table(rules, buying),
            "stock_transfer": transfers(places, items, buying),
            "markdown_proposal": markdowns(items, buying),
            "policy_comparison": _comparison(items, demand, supply, rules, buying, on),
        }
    )


def _comparison(
    items: list[Item],
    demand: pl.DataFrame,
    supply: Supply,
    rules: InventoryAssumptions,
    buying: PurchasingAssumptions,
    on: date,
) -> pl.DataFrame:
    """Replays the last weeks with the terms of today; all orders take what the deliveries of all suppliers took."""
    rows = [(item.row["product_id"], item.price, item.unit_cost, *item.packing) for item in items]
    schema = {
        "product_id": pl.String,
        "price": pl.Float64,
        "unit_cost": pl.Float64,
        "pack_units": pl.Int64,
        "minimum_units": pl.Int64,
    }
    return comparison(
        demand,
        pl.DataFrame(rows, schema=schema, orient="row"),
        on=on,
        lead_times=_usual_lead_times(supply, rules),
        review_days=rules.review_period_days.value,
        holding_rate=buying.holding_cost_rate.value,
        order_line_cost=0.0,
    )


def _usual_lead_times(supply: Supply, rules: InventoryAssumptions) -> LeadTimes:
    chances: dict[int, float] = {}
    known = [one for one in supply.suppliers.values() if one.sd_days > 0]
    lines = sum(one.line_count for one in known)
    for one in known:
        for days, chance in one.lead_times:
            chances[days] = chances.get(days, 0.0) + chance * one.line_count / lines
    return tuple(sorted(chances.items())) or ((rules.lead_time_days.value, 1.0),)
