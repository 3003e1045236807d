"""From the warehouse's marts to the forecast tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import polars as pl

from lakehouse.errors import ConfigError
from lakehouse.settings import Settings
from models_ml.forecasting.backtest import forecast_from, known_at_origins
from models_ml.forecasting.batches import TOTALS, Done, batch_names, origin_number, to_tables
from models_ml.forecasting.care import before, drift, run_table
from models_ml.forecasting.config import ForecastAssumptions, default_assumptions
from models_ml.forecasting.hierarchy import demand_forecast
from models_ml.forecasting.panel import DemandPanel
from models_ml.forecasting.products import forecast_coming, forecast_products
from models_ml.forecasting.schemas import TABLES
from models_ml.forecasting.totals import forecast_all_totals
from models_ml.tables import FrameReader, conform, local_date, require_columns, require_key

DEMAND_SQL = """
with sold as (
    select
        product_id,
        sales_date,
        cast(sum(demand_units) as double) as demand_units,
        cast(sum(gross_sales_shop) as double) as gross_sales,
        cast(sum(discounts_shop) as double) as discounts
    from fct_daily_product_sales
    where sales_date < ? and demand_units > 0
    group by product_id, sales_date
),
out_of_stock as (
    select product_id, lost_date as sales_date, cast(sum(lost_units) as double) as lost_units, 1.0 as out_of_stock
    from fct_lost_sales
    where lost_date < ?
    group by product_id, lost_date
)
select
    product_id,
    sales_date,
    coalesce(demand_units, 0) as demand_units,
    coalesce(lost_units, 0) as lost_units,
    coalesce(out_of_stock, 0) as out_of_stock,
    coalesce(gross_sales, 0) as gross_sales,
    coalesce(discounts, 0) as discounts
from sold full join out_of_stock using (product_id, sales_date)
order by product_id, sales_date
"""
CHANNEL_SQL = """
select product_id, channel_id, order_date as sales_date, cast(sum(demand_quantity) as double) as demand_units
from fct_order_line
where order_date < ? and demand_quantity > 0
group by all
order by all
"""
CATEGORY_SQL = "select product_id, category_id from dim_product where category_id is not null order by product_id"
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


@dataclass(frozen=True)
class Inputs:
    """What a forecast is made of; nothing on or after `start` is looked at.

    Attributes:
        demand: `product_id, sales_date, demand_units`, a row a product and day with activity; `lost_units`,
            `out_of_stock`, `gross_sales` and `discounts` where they are known.
        totals: `sales_date, net_sales_shop, demand_units`, a row a day with activity.
        start: The first day to forecast.
        channels: `product_id, channel_id, sales_date, demand_units`; one channel without it.
        categories: Category of each product.
    """

    demand: pl.DataFrame
    totals: pl.DataFrame
    start: date
    channels: pl.DataFrame | None = None
    categories: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, reader: FrameReader, *, as_of: datetime, settings: Settings) -> Inputs:
        """From the published marts; the first day to forecast is the shop's local date of `as_of`."""
        start = local_date(as_of, settings.shop_time_zone)
        return cls(
            reader.frame(DEMAND_SQL, [start, start]),
            reader.frame(TOTALS_SQL, [start, start]),
            start=start,
            channels=reader.frame(CHANNEL_SQL, [start]),
            categories=dict(reader.frame(CATEGORY_SQL).iter_rows()),
        )

    def panel(self, rules: ForecastAssumptions) -> DemandPanel | None:
        """Demand by product and day; None where nothing has been sold."""
        return DemandPanel.build(self.demand, until=self.start, rules=rules)

    def past_totals(self) -> pl.DataFrame:
        """The totals before the start.

        Raises:
            ContractError: If they lack a column, hold nulls or repeat a day.
        """
        require_columns(self.totals, ["sales_date", "net_sales_shop", "demand_units"], table="daily totals")
        require_key(self.totals, table="daily totals", keys=["sales_date"])
        return self.totals.filter(pl.col("sales_date") < self.start)


def run(
    reader: FrameReader,
    *,
    as_of: datetime,
    settings: Settings,
    previous: Mapping[str, pl.DataFrame] | None = None,
    parts: Mapping[str, Mapping[str, pl.DataFrame]] | None = None,
) -> dict[str, pl.DataFrame]:
    """Forecasts product demand and the shop's totals from the published marts.

    Args:
        reader: The warehouse; days before the shop's local date of `as_of` are read.
        as_of: The moment of knowledge; the first forecast day is its local date.
        settings: For the shop's time zone.
        previous: The tables of the run before this one, for drift and against churn.
        parts: What `run_batch` made of parts of this very run; what is not there is done here.

    Returns:
        The tables of `schemas.TABLES`, sorted by their keys.
    """
    return forecast(Inputs.read(reader, as_of=as_of, settings=settings), previous=previous, done=Done(parts))


def run_batch(reader: FrameReader, *, as_of: datetime, settings: Settings, batch: str) -> dict[str, pl.DataFrame]:
    """One part of a forecast, of `batch_names`, for `run`.

    Returns:
        Tables that `run` understands; none where the history is too short for that part.

    Raises:
        ConfigError: If there is no such part.
    """
    rules, inputs = default_assumptions(), Inputs.read(reader, as_of=as_of, settings=settings)
    if batch not in batch_names(rules):
        raise ConfigError(
            f"The forecast has no part {batch!r}.", remedy=f"Choose one of {', '.join(batch_names(rules))}."
        )
    if batch == TOTALS:
        return forecast_all_totals(inputs.past_totals(), inputs.start, rules)
    panel = inputs.panel(rules)
    if panel is None:
        return {}
    number = origin_number(batch)
    if number is None:
        return to_tables(forecast_coming(panel, inputs.start, rules, inputs.categories))
    origins = known_at_origins(panel, rules)
    if number >= len(origins) or not origins[number][1].product_ids:
        return {}
    return to_tables(forecast_from(origins[number][1], rules, inputs.categories))


def forecast(
    inputs: Inputs,
    *,
    rules: ForecastAssumptions | None = None,
    previous: Mapping[str, pl.DataFrame] | None = None,
    done: Done | None = None,
) -> dict[str, pl.DataFrame]:
    """The same from frames.

    Args:
        inputs: The frames.
        rules: The assumptions; those of the repository's file by default.
        previous: The tables of the run before this one.
        done: Parts of the work that are done already.

    Returns:
        The tables, empty where nothing has been sold.

    Raises:
        ContractError: If an input lacks a column, holds nulls or repeats a key.
    """
    rules, done = rules or default_assumptions(), done or Done()
    past = inputs.past_totals()
    parts: list[Mapping[str, pl.DataFrame]] = []
    panel = inputs.panel(rules)
    if panel is not None:
        drifted = drift(previous, inputs.demand, until=inputs.start, rules=rules)
        made = forecast_products(
            panel,
            inputs.start,
            rules,
            categories=inputs.categories,
            before=before(previous, drifted),
            done=done,
        )
        sold = pl.DataFrame(schema=_CHANNEL_SCHEMA) if inputs.channels is None else inputs.channels
        sums = demand_forecast(made["product_forecast"], sold, inputs.categories, start=inputs.start, rules=rules)
        care = {"forecast_drift": drifted, "forecast_run": run_table(inputs.start, rules, inputs.demand)}
        parts.append(made | care | {"demand_forecast": sums})
    parts.append(done.totals() or forecast_all_totals(past, inputs.start, rules))
    result = {}
    for name, (schema, keys) in TABLES.items():
        frames = [part[name] for part in parts if name in part]
        frame = pl.concat([pl.DataFrame(schema=schema), *frames])
        result[name] = conform(frame, schema, table=name, keys=keys)
    return result


_CHANNEL_SCHEMA = {
    "product_id": pl.String,
    "channel_id": pl.String,
    "sales_date": pl.Date,
    "demand_units": pl.Float64,
}
