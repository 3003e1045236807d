select
    series_class,
    cast(day_count as bigint) as day_count,
    cast(series_count as bigint) as series_count,
    cast(wape as double) as wape,
    cast(expected_wape as double) as expected_wape,
    cast(bias_pct as double) as bias_pct,
    cast(ratio as double) as ratio,
    is_drifted
from {{ source('models', 'forecast_drift') }}
