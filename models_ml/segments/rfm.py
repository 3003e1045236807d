"""RFM: the mart's rule, for days that the mart does not tell.

`fct_customer_rfm` holds the segments as of the build. Migration needs those of past month ends too, so the rule stands
here once more, as SQL over another day's orders; a test runs both on the same customers.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from models_ml.tables import FrameReader

# The scores and the rule of dbt_project/models/marts/customers/fct_customer_rfm.sql.
RFM_SQL = """
with bought as (
    select
        customer_id,
        count(*) as frequency,
        sum(sales_shop) as sales_shop,
        max(order_date) as last_order_date
    from fct_customer_order
    where order_date < $until
    group by customer_id
),
returned as (
    select customer_id, sum(amount_shop) as returns_shop
    from fct_return
    where return_kind <> 'cancellation' and customer_id is not null and return_date < $until
    group by customer_id
),
customers as (
    select
        bought.customer_id,
        bought.frequency,
        bought.sales_shop - coalesce(returned.returns_shop, 0) as monetary,
        bought.last_order_date
    from bought left join returned using (customer_id)
),
ranked as (
    select
        *,
        1 + (rank() over (order by last_order_date) - 1) * 5 // count(*) over () as recency_score,
        1 + (rank() over (order by frequency) - 1) * 5 // count(*) over () as frequency_score,
        1 + (rank() over (order by monetary) - 1) * 5 // count(*) over () as monetary_score
    from customers
)
select
    customer_id,
    case
        when recency_score >= 4 and frequency_score >= 4 and monetary_score >= 4 then 'champions'
        when recency_score >= 3 and frequency_score >= 4 then 'loyal'
        when recency_score >= 4 and frequency > 1 then 'promising'
        when recency_score >= 4 then 'new'
        when recency_score = 3 then 'cooling'
        when frequency_score >= 4 and monetary_score >= 4 then 'cannot_lose'
        when frequency > 1 then 'at_risk'
        when recency_score = 2 then 'hibernating'
        else 'lost'
    end as segment_id
from ranked
order by customer_id
"""


def segments_at(reader: FrameReader, until: date) -> pl.DataFrame:
    """Every customer's RFM segment at the start of a day.

    Args:
        reader: The warehouse.
        until: The first day that is not known.

    Returns:
        `customer_id, segment_id`.
    """
    return reader.frame(RFM_SQL.replace("$until", f"date '{until.isoformat()}'"))


def month_starts(until: date, count: int) -> list[date]:
    """First days of the months up to a day's own, oldest first, then the day itself if it is another.

    Args:
        until: The first day that is not known.
        count: Month starts.
    """
    starts = [until.replace(day=1)]
    while len(starts) < count:
        starts.append((starts[-1] - timedelta(days=1)).replace(day=1))
    return [*reversed(starts), *([until] if until.day > 1 else [])]
