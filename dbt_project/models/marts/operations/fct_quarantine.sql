{#- Origin, reason and how many; the records themselves may hold personal data and stay in object storage. -#}
with

final as (
    select
        md5(concat_ws(
            '|',
            quarantined.source,
            quarantined.stream,
            quarantined.load_id,
            quarantined.source_file,
            coalesce(quarantined.column_name, ''),
            quarantined.reason
        )) as quarantine_id,
        quarantined.load_id,
        quarantined.source,
        quarantined.stream,
        quarantined.source_file,
        coalesce(quarantined.column_name, '') as column_name,
        quarantined.reason,
        count(*) as record_count,
        min(quarantined.source_row) as first_source_row,
        max(quarantined.source_row) as last_source_row,
        any_value(loads.rows_received) as load_rows_received,
        any_value(loads.window_start) as window_start_at,
        any_value(loads.known_at) as known_at
    from {{ source('raw', 'quarantine') }} as quarantined
    inner join {{ source('raw', 'loads') }} as loads
        on
            quarantined.source = loads.source
            and quarantined.stream = loads.stream
            and quarantined.load_id = loads.load_id
    group by
        quarantined.load_id,
        quarantined.source,
        quarantined.stream,
        quarantined.source_file,
        quarantined.column_name,
        quarantined.reason
)

select * from final
