with

build as (
    select * from {{ source('raw', 'build') }}
),

loads as (
    select
        coalesce(sum(rows_received), 0) as rows_received,
        coalesce(sum(rows_landed), 0) as rows_landed,
        coalesce(sum(rows_deduplicated), 0) as rows_deduplicated,
        coalesce(sum(rows_quarantined), 0) as rows_quarantined,
        count(*) as load_count
    from {{ source('raw', 'loads') }}
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
        cast(loads.rows_received as bigint) as rows_received,
        cast(loads.rows_landed as bigint) as rows_landed,
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
    cross join lines
    cross join weeks
    cross join checks
)

select * from final
