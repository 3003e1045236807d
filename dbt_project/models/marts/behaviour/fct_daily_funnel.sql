{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__visit_days', 'visit_date') }}"
) }}

with

sessions as (
    select * from {{ ref('fct_session') }}
    where {{ only_changed('int_changes__visit_days', 'visit_date') }}
),

counted as (
    select
        visit_date,
        channel_id,
        device,
        count(*) as session_count,
        count(distinct visitor_id) as visitor_count,
        count(*) filter (where is_bounce) as bounce_count,
        {% for step, flag in [
            ('view', 'has_viewed_product'), ('favourite', 'has_favourite'), ('cart', 'has_reached_cart'),
            ('checkout', 'has_reached_checkout'), ('purchase', 'has_purchased'),
        ] -%}
        count(*) filter (where {{ flag }}) as {{ step }}_session_count,
        count(distinct visitor_id) filter (where {{ flag }}) as {{ step }}_visitor_count,
        {% endfor -%}
        count(*) filter (where has_favourite_in_order) as ordered_favourite_session_count,
        count(*) filter (where has_cart_in_order) as ordered_cart_session_count,
        count(*) filter (where has_checkout_in_order) as ordered_checkout_session_count,
        count(*) filter (where has_purchase_in_order) as ordered_purchase_session_count,
        count(distinct order_id) as order_count
    from sessions
    group by visit_date, channel_id, device
),

final as (
    select
        channel_id,
        device,
        * exclude (visit_date, channel_id, device),
        {{ percent_of('view_session_count', 'session_count') }} as view_pct,
        {{ percent_of('ordered_cart_session_count', 'view_session_count') }} as view_to_cart_pct,
        {{ percent_of('ordered_checkout_session_count', 'ordered_cart_session_count') }} as cart_to_checkout_pct,
        {{ percent_of(
            'ordered_purchase_session_count', 'ordered_checkout_session_count'
        ) }} as checkout_to_purchase_pct,
        {{ percent_of('purchase_session_count', 'session_count') }} as conversion_pct,
        {{ percent_of('bounce_count', 'session_count') }} as bounce_pct,
        visit_date
    from counted
)

select * from final
