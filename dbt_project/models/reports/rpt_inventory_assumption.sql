select
    assumption_id,
    name,
    cast(value as varchar) as value,
    unit,
    explanation
from {{ source('models', 'inventory_assumption') }}
