"""From the warehouse's marts to the forecast tables."""

from __future__ import annotations

import logging
from datetime import date, datetime

import polars as pl

from lakehouse.settings import Settings
from models_ml.forecasting.config import ForecastAssumptions, default_assumptions
from models_ml.forecasting.panel import DemandPanel
from models_ml.forecasting.products import forecast_products
from models_ml.forecasting.schemas import TABLES
from models_ml.forecasting.totals import forecast_all_totals
from models_ml.tables import FrameReader, conform, local_date, require_columns, require_key

logger = logging.getLogger(__name__)

DEMAND_SQL = """
select product_id, sales_date, cast(sum(demand_units) as double) as demand_units
from fct_daily_product_sales
where sales_date < ? and demand_units > 0
group by product_id, sales_date
order by product_id, sales_date
"""
TOTALS_SQL = """
with sales as (
    select sales_date, cast(sum(net_sales_shop) as double) as net_sales_shop
    from fct_daily_country_sales
    where sales_date < ?
    group by sales_date
),
demand as (
    select sales_date, cast(sum(demand_units) as double) as demand_units
    from fct_daily_product_sales
    where sales_date < ?
    group by sales_date
)
select sales_date, coalesce(net_sales_shop, 0) as net_sales_shop, coalesce(demand_units, 0) as demand_units
from sales full join demand using (sales_date)
order by sales_date
"""


def run(reader: FrameReader, *, as_of: datetime, settings: Settings) -> dict[str, pl.DataFrame]:
    """Forecasts product demand and the shop's totals from the published marts.

    Args:
        reader: The warehouse; days before the shop's local date of `as_of` are read.
        as_of: The moment of knowledge; the first forecast day is its local date.
        settings: For the shop's time zone.

    Returns:
        `product_forecast`, `product_horizon_demand`, `total_forecast` and `forecast_accuracy`, sorted by their keys.
    """
    start = local_date(as_of, settings.shop_time_zone)
    demand = reader.frame(DEMAND_SQL, [start])
    totals = reader.frame(TOTALS_SQL, [start, start])
    return forecast(demand, totals, start=start)


def forecast(
    demand: pl.DataFrame, totals: pl.DataFrame, *, start: date, rules: ForecastAssumptions | None = None
) -> dict[str, pl.DataFrame]:
    """The same from frames; nothing on or after `start` is looked at.

    Args:
        demand: `product_id, sales_date, demand_units`, a row a product and day with activity.
        totals: `sales_date, net_sales_shop, demand_units`, a row a day with activity.
        start: The first day to forecast.
        rules: The assumptions; those of the repository's file by default.

    Returns:
        The four tables, empty where nothing has been sold.

    Raises:
        ContractError: If an input lacks a column, holds nulls or repeats a key.
    """
    rules = rules or default_assumptions()
    require_columns(totals, ["sales_date", "net_sales_shop", "demand_units"], table="daily totals")
    require_key(totals, table="daily totals", keys=["sales_date"])
    parts: list[dict[str, pl.DataFrame]] = []
    panel = DemandPanel.build(demand, until=start, rules=rules)
    if panel is not None:
        parts.append(forecast_products(panel, start, rules))
    parts.append(forecast_all_totals(totals.filter(pl.col("sales_date") < start), start, rules))
    result = {}
    for name, (schema, keys) in TABLES.items():
        frames = [part[name] for part in parts if name in part]
        frame = pl.concat([pl.DataFrame(schema=schema), *frames])
        result[name] = conform(frame, schema, table=name, keys=keys)
    return result
