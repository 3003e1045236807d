select
    channel_id,
    metric,
    direction,
    value,
    expected as expected_value,
    low as low_value,
    high as high_value,
    round(100.0 * (value - expected) / nullif(expected, 0), 2) as change_pct,
    score,
    direction <> 'usual' as is_anomaly,
    is_special_day,
    day as sales_date
from {{ source('models', 'anomaly') }}
