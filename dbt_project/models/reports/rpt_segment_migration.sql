select
    scheme,
    from_segment_id,
    to_segment_id,
    cast(customer_count as bigint) as customer_count,
    cast(from_date as date) as from_date,
    cast(to_date as date) as to_date
from {{ source('models', 'segment_migration') }}
