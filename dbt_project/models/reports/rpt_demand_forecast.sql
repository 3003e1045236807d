select
    level,
    series_id,
    channel_id,
    product_id,
    category_id,
    period_kind,
    cast(demand_units as double) as demand_units,
    period_start
from {{ source('models', 'demand_forecast') }}
