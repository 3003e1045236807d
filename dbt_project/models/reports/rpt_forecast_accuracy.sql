select
    level,
    metric,
    series_class,
    model,
    cast(horizon_days as bigint) as horizon_days,
    cast(fold_count as bigint) as fold_count,
    cast(series_count as bigint) as series_count,
    cast(wape as double) as wape,
    cast(mase as double) as mase,
    cast(bias_pct as double) as bias_pct,
    cast(coverage_80_pct as double) as coverage_80_pct,
    cast(smape as double) as smape,
    cast(rmsse as double) as rmsse,
    cast(pinball as double) as pinball,
    is_champion,
    is_baseline
from {{ source('models', 'forecast_accuracy') }}
