"""From the warehouse's customers and products to their groups, and who went from which to which."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from itertools import pairwise

import polars as pl
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from lakehouse.settings import Settings
from models_ml.segments.config import SegmentAssumptions, default_assumptions
from models_ml.segments.features import CUSTOMER_FEATURES, PRODUCT_FEATURES, customer_features, product_features
from models_ml.segments.profile import (
    CHOICE,
    MEMBER,
    PROFILE,
    choice_table,
    grouped,
    member_table,
    profile_table,
)
from models_ml.segments.rfm import month_starts, segments_at
from models_ml.tables import FrameReader, conform, local_date

logger = logging.getLogger(__name__)

MIGRATION = {
    "scheme": pl.String,
    "from_date": pl.Date,
    "to_date": pl.Date,
    "from_segment_id": pl.String,
    "to_segment_id": pl.String,
    "customer_count": pl.Int64,
}
UNSEEN = "(new)"  # had not bought yet
ORDERS_SQL = """
select
    customer_orders.customer_id,
    customer_orders.order_date,
    cast(customer_orders.sales_shop as double) as sales_shop,
    cast(orders.demand_unit_count as double) as unit_count
from fct_customer_order as customer_orders
inner join fct_order as orders on customer_orders.order_id = orders.order_id
where customer_orders.order_date < ? and customer_orders.order_date >= ?
order by customer_orders.customer_id, customer_orders.order_date, customer_orders.order_id
"""
# By month; a product counts as on sale from the day of its first sale.
PRODUCTS_SQL = """
with days as (
    select
        product_id,
        cast(date_trunc('month', sales_date) as date) as month,
        sum(demand_units) as units,
        sum(returned_units) as returned_units,
        cast(sum(gross_sales_shop - discounts_shop) as double) as sales_shop,
        sum(ordered_units) as ordered_units
    from fct_daily_product_sales
    where sales_date < $1 and sales_date >= $2
    group by product_id, month
),
firsts as (
    select product_id, min(sales_date) as first_date
    from fct_daily_product_sales
    where sales_date < $1 and sales_date >= $2
    group by product_id
),
months as (
    select
        firsts.product_id,
        cast(steps.month as date) as month,
        greatest(firsts.first_date, cast(steps.month as date)) as since,
        least($1, cast(steps.month + interval 1 month as date)) as until
    from firsts
    cross join lateral (
        select unnest(generate_series(
            cast(date_trunc('month', firsts.first_date) as timestamp), cast($1 - 1 as timestamp), interval 1 month
        )) as month
    ) as steps
)
select
    months.product_id,
    months.month,
    cast(months.until - months.since as double) as days,
    coalesce(cast(days.units as double), 0) as units,
    coalesce(cast(days.returned_units as double), 0) as returned_units,
    coalesce(days.sales_shop, 0) as sales_shop
from months
left join days on months.product_id = days.product_id and months.month = days.month
order by months.product_id, months.month
"""


def run(reader: FrameReader, *, as_of: datetime, settings: Settings) -> dict[str, pl.DataFrame]:
    """Groups the customers and the products of the published marts.

    Args:
        reader: The warehouse; what happened before the shop's local date of `as_of` is read.
        as_of: The moment of knowledge.
        settings: For the shop's time zone.

    Returns:
        `segment_member`, `segment_profile`, `segment_choice`, `segment_migration`.
    """
    assumptions = default_assumptions()
    until = local_date(as_of, settings.shop_time_zone)
    since = until - timedelta(days=assumptions.history_days)
    dates = month_starts(until, assumptions.history_months)
    orders = reader.frame(ORDERS_SQL, [until, since])
    months = reader.frame(PRODUCTS_SQL, [until, since])
    rfm = [(day, segments_at(reader, day)) for day in dates]
    return segments(orders, months, rfm, until=until, dates=dates, assumptions=assumptions)


def segments(
    orders: pl.DataFrame,
    months: pl.DataFrame,
    rfm: list[tuple[date, pl.DataFrame]],
    *,
    until: date,
    dates: list[date],
    assumptions: SegmentAssumptions | None = None,
) -> dict[str, pl.DataFrame]:
    """The same from frames.

    Args:
        orders: As `features.customer_features` reads them.
        months: As `features.product_features` reads them.
        rfm: `customer_id, segment_id` at the start of each of `dates`.
        until: The first day that is not known.
        dates: Month starts whose clusters are made, the last one `until`; oldest first.
        assumptions: Those of the repository's file by default.
    """
    assumptions = assumptions or default_assumptions()
    products = product_features(months, until=until, assumptions=assumptions)
    customers = [(day, customer_features(orders, until=day)) for day in dates]
    kinds = {
        "customer": (customers, CUSTOMER_FEATURES),
        "product": ([(until, products)], PRODUCT_FEATURES),
    }
    members, profiles, choices, moves = [], [], [], [_migration("rfm", rfm)]
    for kind, (moments, features) in kinds.items():
        last = moments[-1][1]
        if last.is_empty():
            continue
        with threadpool_limits(limits=1):  # sums of several threads end in other last bits
            grouping = grouped([frame for _, frame in moments], features, assumptions)
        members.append(member_table(kind, last, grouping))
        profiles.append(profile_table(kind, last, grouping, assumptions))
        choices.append(choice_table(kind, grouping))
        if kind == "customer":
            days = [day for day, _ in moments][-len(grouping.members) :]
            named = [
                frame.rename({"member_id": "customer_id", "cluster_id": "segment_id"}) for frame in grouping.members
            ]
            moves.append(_migration("cluster", list(zip(days, named, strict=True))))
        logger.info("Segments: %d %ss in %d clusters.", last.height, kind, len(grouping.clusters.centres))
    return {
        "segment_member": conform(_all(members, MEMBER), MEMBER, table="segment_member", keys=["kind", "member_id"]),
        "segment_profile": conform(
            _all(profiles, PROFILE), PROFILE, table="segment_profile", keys=["kind", "cluster_id", "feature"]
        ),
        "segment_choice": conform(
            _all(choices, CHOICE), CHOICE, table="segment_choice", keys=["kind", "cluster_count"]
        ),
        "segment_migration": conform(
            _all(moves, MIGRATION),
            MIGRATION,
            table="segment_migration",
            keys=["scheme", "from_date", "to_date", "from_segment_id", "to_segment_id"],
        ),
    }


def _migration(scheme: str, moments: list[tuple[date, pl.DataFrame]]) -> pl.DataFrame:
    """Customers by their segment at one moment and at the next; before the first purchase it is `(new)`."""
    steps = []
    for (before, old), (after, new) in pairwise(moments):
        joined = new.join(old.rename({"segment_id": "from_segment_id"}), on="customer_id", how="left")
        counted = joined.group_by(pl.col("from_segment_id").fill_null(UNSEEN), to_segment_id="segment_id").agg(
            customer_count=pl.len().cast(pl.Int64)
        )
        steps.append(
            counted.with_columns(scheme=pl.lit(scheme), from_date=pl.lit(before), to_date=pl.lit(after)).select(
                list(MIGRATION)
            )
        )
    return _all(steps, MIGRATION)


def _all(frames: list[pl.DataFrame], schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    return pl.concat(frames) if frames else pl.DataFrame(schema=schema)
