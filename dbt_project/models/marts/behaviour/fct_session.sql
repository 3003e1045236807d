{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__visitor_days', '(visitor_id, visit_date)') }}"
) }}

with

events as (
    select * from {{ ref('fct_event') }}
    where {{ only_changed('int_changes__visitor_days', '(visitor_id, visit_date)') }}
),

sessions as (
    select
        session_id,
        visitor_id,
        visit_date,
        min(channel_id) as channel_id,
        arg_min(order_id, event_number) filter (where event_kind = 'purchase') as order_id,
        arg_min(device, event_number) as device,
        arg_min(country_id, event_number) as country_id,
        arg_min(page_path, event_number) as entry_page,
        arg_min(utm_source, event_number) as utm_source,
        -- of the event that told the source; it may have had no medium and no campaign
        arg_min(coalesce(utm_medium, '(none)'), event_number) filter (where utm_source is not null) as utm_medium,
        arg_min(coalesce(utm_campaign, ''), event_number) filter (where utm_source is not null) as utm_campaign,
        min(source) as source,
        count(*) as event_count,
        count(*) filter (where event_kind = 'page_view') as page_view_count,
        count(*) filter (where event_kind = 'product_view') as product_view_count,
        count(distinct product_id) filter (where event_kind = 'product_view') as viewed_product_count,
        count(*) filter (where event_kind = 'search') as search_count,
        count(*) filter (where event_kind = 'favourite') as favourite_count,
        count(*) filter (where event_kind = 'add_to_cart') as add_to_cart_count,
        count(*) filter (where event_kind = 'checkout') as checkout_count,
        count(*) filter (where event_kind = 'purchase') as purchase_count,
        -- the steps of the funnel in the order in which they were taken
        coalesce(string_agg(
            case event_kind
                when 'product_view' then 'v'
                when 'favourite' then 'f'
                when 'add_to_cart' then 'c'
                when 'checkout' then 'k'
                when 'purchase' then 'p'
            end,
            '' order by event_number
        ), '') as steps,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at
    from events
    group by session_id, visitor_id, visit_date
),

final as (
    select
        session_id,
        visitor_id,
        channel_id,
        order_id,
        device,
        country_id,
        entry_page,
        coalesce(utm_source, '(direct)') as utm_source,
        coalesce(utm_medium, '(none)') as utm_medium,
        nullif(utm_campaign, '') as utm_campaign,
        source,
        event_count,
        page_view_count,
        product_view_count,
        viewed_product_count,
        search_count,
        favourite_count,
        add_to_cart_count,
        checkout_count,
        purchase_count,
        date_diff('second', started_at, ended_at) as duration_seconds,
        coalesce(utm_source, '(direct)') = '(direct)' as is_direct,
        event_count = 1 as is_bounce,
        product_view_count > 0 as has_viewed_product,
        favourite_count > 0 as has_favourite,
        add_to_cart_count > 0 as has_reached_cart,
        checkout_count > 0 as has_reached_checkout,
        purchase_count > 0 as has_purchased,
        regexp_matches(steps, 'v.*f') as has_favourite_in_order,
        regexp_matches(steps, 'v.*c') as has_cart_in_order,
        regexp_matches(steps, 'v.*c.*k') as has_checkout_in_order,
        regexp_matches(steps, 'v.*c.*k.*p') as has_purchase_in_order,
        started_at,
        ended_at,
        visit_date
    from sessions
)

select * from final
