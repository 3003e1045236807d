"""A tiny warehouse in memory with the marts that the models read, behind the reader's interface."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import duckdb
import polars as pl

from tests.support.made_up_demand import START, demand_of

DAYS = 84


class MadeUpReader:
    """Answers the models' own SQL on tables with the columns and types of the marts."""

    def __init__(self, demand: pl.DataFrame) -> None:
        self._con = duckdb.connect()
        self._con.register("demand", demand.to_arrow())
        for statement in _TABLES:
            self._con.execute(statement)

    def frame(self, sql: str, params: Sequence[object] | None = None) -> pl.DataFrame:
        frame = pl.from_arrow(self._con.sql(sql, params=list(params or [])).to_arrow_table())
        assert isinstance(frame, pl.DataFrame)
        return frame

    def execute(self, statement: str) -> None:
        self._con.execute(statement)

    def register(self, table: str, frame: pl.DataFrame) -> None:
        """Makes a frame a table of the models' schema."""
        self.register_as(f"models.{table}", frame)

    def register_as(self, table: str, frame: pl.DataFrame) -> None:
        """Makes a frame a table."""
        self._con.register("given", frame.to_arrow())
        self._con.execute(f"create table {table} as from given")
        self._con.unregister("given")


def made_up_reader() -> MadeUpReader:
    """Two products that sell every day but Saturday, one of them together with a third now and then."""
    opened = [(START + timedelta(days=day)).weekday() != 5 for day in range(DAYS)]
    return MadeUpReader(
        demand_of(
            {
                "10001": [4.0 * is_open for is_open in opened],
                "10002": [2.0 * is_open for is_open in opened],
                "10003": [1.0 * (is_open and day % 5 == 0) for day, is_open in enumerate(opened)],
            }
        )
    )


_TABLES = (
    """
    create table fct_daily_product_sales as
    select
        sales_date, product_id, cast(demand_units as bigint) as demand_units,
        cast(demand_units * 2 as decimal(18, 4)) as net_sales_shop, cast(demand_units as bigint) as ordered_units,
        cast(0 as bigint) as returned_units, cast(demand_units * 2 as decimal(18, 4)) as gross_sales_shop,
        cast(0 as decimal(18, 4)) as discounts_shop
    from demand
    """,
    """
    create table fct_daily_country_sales as
    select sales_date, 'GB' as country_id, cast(sum(net_sales_shop) as decimal(18, 4)) as net_sales_shop
    from fct_daily_product_sales group by sales_date
    """,
    """
    create table dim_product as
    select
        product_id, cast(null as varchar) as product_group_id, false as is_gift_card, 'A' as abc_class,
        cast(null as varchar) as category,
        case product_id when '10003' then 'Toys' else 'Tools' end as category_id,
        cast(2 as decimal(18, 4)) as current_price_shop,
        min(sales_date) as first_sold_date
    from fct_daily_product_sales group by product_id
    """,
    """
    create table fct_order_line as
    select
        cast(sales_date as varchar) as order_id, product_id, sales_date as order_date,
        demand_units as demand_quantity, if(product_id = '10002', 'shop', 'market') as channel_id
    from fct_daily_product_sales
    union all
    select 'undone', '10002', date '2011-02-01', 0, 'shop'
    """,
    """
    create table fct_lost_sales (product_id varchar, lost_units decimal(18, 4), lost_date date)
    """,
    """
    create table dim_supplier (
        supplier_id varchar, supplier_name varchar, minimum_order_amount decimal(18, 4), lead_time_days bigint,
        currency_code varchar
    )
    """,
    """
    create table dim_currency_rate (currency_code varchar, rate_to_shop double, rate_date date)
    """,
    """
    create table fct_supplier_lead_time (
        supplier_id varchar, line_count bigint, lead_time_mean_days decimal(9, 2), lead_time_sd_days decimal(9, 2)
    )
    """,
    """
    create table fct_supplier_performance (supplier_id varchar, due_line_count bigint, otif_line_count bigint)
    """,
    """
    create table fct_supplier_price (
        product_id varchar, supplier_id varchar, unit_cost_shop decimal(18, 4), is_current boolean
    )
    """,
    """
    create table fct_inbound (product_id varchar, outstanding_units bigint, ordered_date date)
    """,
    """
    create table fct_stock_level (
        product_id varchar, location_id varchar, sale_units bigint, on_hand_units bigint, valid_from_date date,
        valid_to_date date
    )
    """,
    """
    create table fct_contribution (
        product_id varchar, sales_date date, gross_sales_shop decimal(18, 4), discounts_shop decimal(18, 4),
        gross_margin_shop decimal(18, 4), ordered_units bigint, uncosted_units bigint
    )
    """,
    "create table dim_product_component (bundle_product_id varchar, component_product_id varchar)",
    """
    create table made_up_order (
        order_id varchar, customer_id varchar, order_date date, sales_shop decimal(18, 4), demand_unit_count bigint
    )
    """,
    "create view fct_customer_order as select order_id, customer_id, order_date, sales_shop from made_up_order",
    "create view fct_order as select order_id, demand_unit_count from made_up_order",
    """
    create table fct_return (
        customer_id varchar, return_kind varchar, return_date date, amount_shop decimal(18, 4), quantity bigint
    )
    """,
    """
    create table fct_stock_on_hand (
        product_id varchar, location_count bigint, on_hand_units bigint, counted_at timestamptz
    )
    """,
    """
    create table dim_product_supply (
        product_id varchar, supplier_name varchar, lead_time_days bigint, minimum_order_units bigint,
        pack_units bigint, currency_code varchar, unit_cost_shop decimal(18, 4), stated_at timestamptz
    )
    """,
)
