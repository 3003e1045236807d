select
    check_id,
    title,
    status,
    detail
from {{ source('raw', 'checks') }}
