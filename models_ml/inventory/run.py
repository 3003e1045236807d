"""From the forecast, the stock and the supply terms to the purchase list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from lakehouse.settings import Settings
from models_ml.inventory.plan import plan
from models_ml.tables import FrameReader, local_date

PRODUCTS_SQL = """
select product_id, abc_class, current_price_shop from dim_product where first_sold_date < ? order by product_id
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
        `inventory_policy`, a row for every product that has ever been sold, and `inventory_assumption`.
    """
    on = local_date(as_of, settings.shop_time_zone)
    return plan(
        products=reader.frame(PRODUCTS_SQL, [on]),
        demand=reader.frame(DEMAND_SQL, [on, on - timedelta(days=_DEMAND_DAYS)]),
        counts=reader.frame(COUNTS_SQL, [as_of]),
        supply=reader.frame(SUPPLY_SQL),
        forecasts=forecasts,
        on=on,
    )
