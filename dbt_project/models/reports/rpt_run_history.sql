{#- The audit of this snapshot's report tables comes after them, and so is in the next run's history. -#}
with

nodes as (
    select
        run_id,
        channel,
        step,
        count(*) as node_count,
        count(*) filter (where status in ('warn', 'fail', 'error', 'skipped')) as not_passed_count,
        cast(coalesce(sum(row_count), 0) as bigint) as row_count,
        arg_max(node_name, (seconds, node_name)) filter (where seconds is not null) as slowest_node,
        max(seconds) as slowest_node_seconds
    from {{ source('raw', 'run_nodes') }}
    group by run_id, channel, step
),

final as (
    select
        runs.run_id,
        runs.channel,
        runs.step,
        runs.snapshot_id,
        runs.base_snapshot_id,
        runs.base_snapshot_id is null as is_from_nothing,
        runs.loads_added,
        runs.loads_removed,
        runs.loads_unchanged,
        coalesce(nodes.node_count, 0) as node_count,
        coalesce(nodes.not_passed_count, 0) as not_passed_count,
        coalesce(nodes.row_count, 0) as row_count,
        runs.seconds,
        nodes.slowest_node,
        nodes.slowest_node_seconds,
        runs.as_of
    from {{ source('raw', 'runs') }} as runs
    left join nodes
        on runs.run_id = nodes.run_id and runs.channel = nodes.channel and runs.step = nodes.step
)

select * from final
