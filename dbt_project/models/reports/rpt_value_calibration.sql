select
    view,
    cast(bucket as bigint) as bucket,
    cast(customer_count as bigint) as customer_count,
    cast(actual_value as double) as actual_value,
    cast(predicted_value as double) as predicted_value,
    cast(naive_value as double) as naive_value,
    cast(bucket_end_date as date) as bucket_end_date
from {{ source('models', 'value_calibration') }}
