select
    metric,
    model,
    forecast_date,
    cast(value as double) as value,
    cast(value_p10 as double) as value_p10,
    cast(value_p90 as double) as value_p90
from {{ source('models', 'total_forecast') }}
