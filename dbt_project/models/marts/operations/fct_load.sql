with

loads as (
    select * from {{ source('raw', 'loads') }}
),

sources as (
    select
        source,
        stream,
        any_value(title) as source_title,
        any_value(mode) as load_mode
    from {{ source('raw', 'sources') }}
    group by source, stream
),

final as (
    select
        loads.load_id,
        loads.source,
        loads.stream,
        coalesce(sources.source_title, loads.source) as source_title,
        coalesce(sources.load_mode, 'window') as load_mode,
        loads.tables as row_kinds,
        loads.api_version,
        loads.file_names,
        json_array_length(loads.segments) as segment_count,
        loads.rows_received,
        loads.rows_landed,
        loads.rows_deduplicated,
        loads.rows_quarantined,
        loads.rows_ignored,
        loads.byte_count,
        -- how long after its window's end it was known; before: a window that was still running
        round(date_diff('minute', loads.window_end, loads.known_at) / 60.0, 2) as known_after_hours,
        loads.window_start as window_start_at,
        loads.window_end as window_end_at,
        loads.known_at,
        loads.landed_at
    from loads
    left join sources on loads.source = sources.source and loads.stream = sources.stream
)

select * from final
