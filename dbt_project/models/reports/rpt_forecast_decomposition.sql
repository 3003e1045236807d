select
    metric,
    cast(actual as double) as actual,
    cast(fitted as double) as fitted,
    cast(trend as double) as trend,
    cast(weekly_pct as double) as weekly_pct,
    cast(yearly_pct as double) as yearly_pct,
    cast(holidays_pct as double) as holidays_pct,
    is_forecast,
    sales_date
from {{ source('models', 'forecast_decomposition') }}
