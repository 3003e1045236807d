{#- Each source that has landed anything, against its declared schedule: a source declared to land every window is due
    to the last midnight of its own time zone; of others the longest wait between two of its latest loads says what is
    usual. -#}
{%- set streams = [
    'ad_spend', 'alert_acknowledgements', 'bundle_components', 'cart_lines', 'carts', 'competitor_offers',
    'crawl_pages', 'crawls', 'customer_returns', 'customers', 'deletions', 'discounts', 'events', 'fulfilments', 'fx_rates', 'holidays',
    'inventory_movements', 'locations', 'match_decisions', 'order_discounts', 'order_lines', 'orders',
    'payments', 'payouts', 'product_costs', 'product_supply', 'products', 'purchase_order_lines', 'receipts',
    'refunds', 'reviews', 'sales_traffic', 'settlement_lines', 'shipping_costs', 'stock_on_hand', 'suppliers',
    'targets', 'tickets'
] -%}
with

build as (
    select * from {{ source('raw', 'build') }}
),

loads as (
    select * from {{ source('raw', 'loads') }}
),

declared as (
    select
        source,
        stream,
        any_value(title) as source_title,
        coalesce(any_value(time_zone), 'UTC') as time_zone,
        bool_or(expects_every_window) as is_expected_daily
    from {{ source('raw', 'sources') }}
    group by source, stream
),

ordered as (
    select
        loads.*,
        -- of loads that held anything: a day without a file of a monthly export is no sign of how often one comes
        if(
            loads.rows_received > 0,
            date_diff(
                'hour',
                max(loads.window_end) filter (where loads.rows_received > 0) over (
                    partition by loads.source, loads.stream
                    order by
                        loads.window_end, loads.known_at, loads.load_id
                    rows between unbounded preceding and 1 preceding
                ),
                loads.window_end
            ) / 24.0,
            null
        ) as days_since_load,
        date_diff(
            'hour',
            max(loads.window_end) over (
                partition by loads.source, loads.stream
                order by
                    loads.window_start, loads.window_end, loads.load_id
                rows between unbounded preceding and 1 preceding
            ),
            loads.window_start
        ) / 24.0 as gap_days,
        row_number()
            over (
                partition by loads.source, loads.stream
                order by loads.window_end desc, loads.known_at desc, loads.load_id desc
            )
            as age_rank
    from loads
),

landed as (
    select
        source,
        stream,
        count(*) as load_count,
        arg_min(load_id, age_rank) as newest_load_id,
        max(days_since_load) filter (where age_rank <= 30) as usual_days,
        coalesce(sum(ceil(greatest(gap_days, 0))), 0) as missing_days,
        max(window_end) as newest_window_end_at,
        max(known_at) as newest_known_at
    from ordered
    group by source, stream
),

records as (
    {% for stream in streams -%}
    select
        held.source,
        landed.stream,
        max(held.occurred_at) as newest_record_at
    from {{ source('raw', stream) }} as held
    inner join landed on held.source = landed.source and held.load_id = landed.newest_load_id
    group by held.source, landed.stream
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

newest as (
    select
        source,
        stream,
        max(newest_record_at) as newest_record_at
    from records
    group by source, stream
),

measured as (
    select
        landed.*,
        newest.newest_record_at,
        coalesce(declared.source_title, landed.source) as source_title,
        coalesce(declared.is_expected_daily, false) as is_expected_daily,
        date_diff('minute', landed.newest_window_end_at, build.as_of) / 60.0 as age_hours,
        case
            when declared.is_expected_daily
                then timezone('UTC', timezone(
                    declared.time_zone,
                    date_trunc('day', timezone(declared.time_zone, timezone('UTC', build.as_of)))
                ))
            -- twice the longest of the latest waits: what comes when it comes is only missed when it is long overdue
            when landed.usual_days > 0
                then build.as_of - to_hours(cast(ceil(48 * landed.usual_days) as bigint))
        end as expected_at
    from landed
    cross join build
    left join declared on landed.source = declared.source and landed.stream = declared.stream
    left join newest on landed.source = newest.source and landed.stream = newest.stream
),

final as (
    select
        source,
        stream,
        newest_load_id,
        source_title,
        case
            when expected_at is null then 'unscheduled'
            when newest_window_end_at >= expected_at then 'fresh'
            when newest_window_end_at >= expected_at - interval 2 day then 'late'
            else 'stale'
        end as freshness,
        is_expected_daily,
        load_count,
        cast(if(is_expected_daily, missing_days, 0) as bigint) as missing_day_count,
        round(age_hours, 2) as age_hours,
        round(greatest(date_diff('minute', newest_window_end_at, expected_at) / 60.0, 0), 2) as late_hours,
        round(usual_days, 2) as usual_interval_days,
        expected_at,
        newest_window_end_at,
        newest_record_at,
        newest_known_at
    from measured
)

select * from final
