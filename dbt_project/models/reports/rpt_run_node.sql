select
    run_id,
    channel,
    node_kind,
    node_name,
    status,
    row_count,
    seconds,
    as_of
from {{ source('raw', 'run_nodes') }}
where step = 'build' and node_kind <> 'result'
