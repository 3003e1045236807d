with

build as (
    select * from {{ source('raw', 'build') }}
),

-- rows of order lines: what the reconciliation is about. A version of an order that came again is no row of it.
loads as (
    select
        coalesce(sum(loads.rows_deduplicated) filter (
            where list_contains(string_split(sources.tables, ', '), 'order_lines') and sources.mode = 'window'
        ), 0) as rows_deduplicated,
        coalesce(sum(loads.rows_quarantined) filter (
            where list_contains(string_split(sources.tables, ', '), 'order_lines')
        ), 0) as rows_quarantined,
        count(*) as load_count
    from {{ source('raw', 'loads') }} as loads
    inner join {{ source('raw', 'sources') }} as sources
        on loads.source = sources.source and loads.stream = sources.stream
),

landed as (
    select count(*) as rows_landed from {{ source('raw', 'order_lines') }}
),

lines as (
    select
        min(occurred_at) as first_data_at,
        max(occurred_at) as data_through
    from {{ ref('int_order_lines__classified') }}
),

weeks as (
    select max(week_start_date) filter (where not is_partial) as latest_full_week_start
    from {{ ref('rpt_weekly_sales') }}
),

checks as (
    select
        count(*) filter (where status = 'pass') as checks_passed,
        count(*) filter (where status = 'warn') as checks_warned,
        count(*) filter (where status = 'fail') as checks_failed
    from {{ source('raw', 'checks') }}
),

final as (
    select
        build.run_id,
        build.shop_currency as currency_code,
        cast(landed.rows_landed + loads.rows_deduplicated + loads.rows_quarantined as bigint) as rows_received,
        cast(landed.rows_landed as bigint) as rows_landed,
        cast(loads.rows_deduplicated as bigint) as rows_deduplicated,
        cast(loads.rows_quarantined as bigint) as rows_quarantined,
        loads.load_count,
        checks.checks_passed,
        checks.checks_warned,
        checks.checks_failed,
        build.as_of,
        lines.first_data_at,
        lines.data_through,
        weeks.latest_full_week_start
    from build
    cross join loads
    cross join landed
    cross join lines
    cross join weeks
    cross join checks
)

select * from final
