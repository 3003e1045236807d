{#- What a build as of the end of each day has more than one as of the day before: loads by the day we learned of them.
    What the builds themselves took and did is in the reports layer: durations cannot be had again. -#}
with

build as (
    select * from {{ source('raw', 'build') }}
),

loads as (
    select
        loads.*,
        {{ local_date('loads.known_at - interval 1 microsecond') }} as known_date,
        {{ local_date('build.as_of - interval 1 microsecond') }} as last_date
    from {{ source('raw', 'loads') }} as loads
    cross join build
),

final as (
    select
        known_date,
        count(distinct source) as source_count,
        count(*) as load_count,
        count(*) filter (where known_at > window_end + interval 1 day) as late_load_count,
        cast(sum(rows_received) as bigint) as rows_received,
        cast(sum(rows_landed) as bigint) as rows_landed,
        cast(sum(rows_deduplicated) as bigint) as rows_deduplicated,
        cast(sum(rows_quarantined) as bigint) as rows_quarantined,
        cast(sum(byte_count) as bigint) as byte_count,
        bool_or(known_date = last_date) as is_latest,
        min(window_start) as first_window_start_at,
        max(window_end) as last_window_end_at
    from loads
    group by known_date
)

select * from final
