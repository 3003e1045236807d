"""What the warehouse knows of suppliers: prices, lead times, reliability, least orders, and what is on its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from models_ml.inventory.protection import LeadTimes, lead_time_chances
from models_ml.tables import FrameReader

# What is bought next is paid at today's rate.
SUPPLIERS_SQL = """
with rates as (
    select currency_code, arg_max(rate_to_shop, rate_date) as rate_to_shop from dim_currency_rate group by currency_code
)
select
    suppliers.supplier_id,
    suppliers.supplier_name,
    cast(suppliers.minimum_order_amount * coalesce(rates.rate_to_shop, 1) as double) as minimum_order_shop,
    cast(suppliers.lead_time_days as double) as stated_days
from dim_supplier as suppliers
left join rates on suppliers.currency_code = rates.currency_code
order by suppliers.supplier_id
"""
# Places of one supplier pooled: the variance within them and between them.
LEAD_TIMES_SQL = """
select
    supplier_id,
    cast(sum(line_count) as bigint) as line_count,
    cast(sum(line_count * cast(lead_time_mean_days as double)) / sum(line_count) as double) as mean_days,
    cast(sqrt(greatest(
        sum(line_count * (power(coalesce(cast(lead_time_sd_days as double), 0), 2)
            + power(cast(lead_time_mean_days as double), 2))) / sum(line_count)
        - power(sum(line_count * cast(lead_time_mean_days as double)) / sum(line_count), 2), 0)) as double) as sd_days
from fct_supplier_lead_time
group by supplier_id
order by supplier_id
"""
RELIABILITY_SQL = """
select
    supplier_id,
    cast(sum(due_line_count) as bigint) as due_line_count,
    cast(sum(otif_line_count) as double) / sum(due_line_count) as otif_share
from fct_supplier_performance
group by supplier_id
having sum(due_line_count) > 0
order by supplier_id
"""
PRICES_SQL = """
select product_id, supplier_id, cast(unit_cost_shop as double) as unit_cost
from fct_supplier_price
where is_current and unit_cost_shop > 0
order by product_id, supplier_id
"""
INBOUND_SQL = """
select product_id, cast(sum(outstanding_units) as bigint) as on_order_units
from fct_inbound
where ordered_date < ?
group by product_id
order by product_id
"""


@dataclass(frozen=True)
class Supplier:
    """One supplier.

    Attributes:
        supplier_id: Its id.
        name: Its name.
        minimum_value: Least value of an order in the shop's currency; 0 for none.
        lead_times: (days, probability), from deliveries if there were enough, else as stated.
        mean_days: Mean of the lead time; None where nothing is known.
        sd_days: Its deviation; 0 where it is taken as certain.
        otif_share: Lines due that came in time and in full; None where none were due.
        line_count: Deliveries behind the lead time.
    """

    supplier_id: str
    name: str
    minimum_value: float
    lead_times: LeadTimes
    mean_days: float | None
    sd_days: float
    otif_share: float | None
    line_count: int


@dataclass(frozen=True)
class Supply:
    """Everything about suppliers.

    Attributes:
        suppliers: By id.
        prices: `product_id, supplier_id, unit_cost`, today's.
        inbound: `product_id, on_order_units`.
    """

    suppliers: Mapping[str, Supplier]
    prices: pl.DataFrame
    inbound: pl.DataFrame

    def by_name(self) -> dict[str, Supplier]:
        """Suppliers by name; of two of a name the first id's."""
        return {one.name: one for one in sorted(self.suppliers.values(), key=lambda s: s.supplier_id, reverse=True)}

    def lead_times(self) -> dict[str, LeadTimes]:
        """The lead time's distribution by supplier's name, of those whose deliveries tell it."""
        return {name: one.lead_times for name, one in self.by_name().items() if one.sd_days > 0}


def read_supply(reader: FrameReader, *, on: object, least_lines: int) -> Supply:
    """Reads the supply marts.

    Args:
        reader: The warehouse.
        on: The as-of date.
        least_lines: Deliveries from which on they tell a supplier's lead time.
    """
    told = (
        reader.frame(SUPPLIERS_SQL)
        .join(reader.frame(LEAD_TIMES_SQL), on="supplier_id", how="left")
        .join(reader.frame(RELIABILITY_SQL), on="supplier_id", how="left")
        .sort("supplier_id")
    )
    suppliers = {}
    for row in told.iter_rows(named=True):
        seen = (row["line_count"] or 0) >= least_lines
        mean = row["mean_days"] if seen else row["stated_days"]
        deviation = float(row["sd_days"] or 0) if seen else 0.0
        suppliers[row["supplier_id"]] = Supplier(
            supplier_id=row["supplier_id"],
            name=row["supplier_name"],
            minimum_value=float(row["minimum_order_shop"] or 0),
            lead_times=lead_time_chances(mean, deviation) if mean is not None else (),
            mean_days=mean,
            sd_days=deviation,
            otif_share=row["otif_share"],
            line_count=row["line_count"] or 0,
        )
    return Supply(suppliers, reader.frame(PRICES_SQL), reader.frame(INBOUND_SQL, [on]))
