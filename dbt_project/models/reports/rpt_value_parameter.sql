select
    model,
    parameter,
    cast(value as double) as value,
    status
from {{ source('models', 'value_parameter') }}
