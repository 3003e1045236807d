select
    run_id,
    channel,
    node_name as check_id,
    node_kind as check_kind,
    title,
    status,
    detail,
    failure_count,
    seconds,
    as_of
from {{ source('raw', 'run_nodes') }}
where step = 'audit'
