select
    series_class,
    model,
    previous_model,
    best_model,
    reason,
    cast(series_count as bigint) as series_count,
    cast(relative_wape as double) as relative_wape,
    is_fallback
from {{ source('models', 'forecast_champion') }}
