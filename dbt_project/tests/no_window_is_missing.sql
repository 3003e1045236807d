{#- Late or never landed: stretches of time, from a source's first window to the build's knowledge time, that no load
    of a source's resource covers although it is expected to land every window. A warning: the day is closed without, and says so. -#}
{{ config(severity='warn') }}

with

sources as (
    select * from {{ source('raw', 'sources') }}
    where expects_every_window
),

build as (
    select as_of from {{ source('raw', 'build') }}
),

covered as (
    select
        loads.source,
        loads.stream,
        loads.window_start,
        max(loads.window_end) over (
            partition by loads.source, loads.stream order by loads.window_start, loads.window_end
        ) as covered_until
    from {{ source('raw', 'loads') }} as loads
    inner join sources on loads.source = sources.source and loads.stream = sources.stream
),

gaps as (
    select
        covered.source,
        covered.stream,
        covered.covered_until as gap_start,
        coalesce(
            lead(covered.window_start) over (
                partition by covered.source, covered.stream order by covered.window_start
            ),
            -- the window that is under way when the build begins is not late yet
            build.as_of - interval 1 day
        ) as gap_end
    from covered
    cross join build
)

select * from gaps
where gap_end > gap_start
