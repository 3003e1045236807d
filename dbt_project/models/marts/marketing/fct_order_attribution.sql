{#- Each order's one visit that it is credited to: the last that came from somewhere, of the visitor who bought, within
    the reach before and including the visit in which it was bought. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__attributions', 'order_id') }}"
) }}

with

orders as (
    select
        order_id,
        channel_id,
        order_date
    from {{ ref('fct_order') }}
    where {{ only_changed('int_changes__attributions', 'order_id') }}
),

-- a purchase that was told in two visits was made in the first
purchases as (
    select
        sessions.order_id,
        sessions.session_id,
        sessions.visitor_id,
        sessions.started_at
    from {{ ref('fct_session') }} as sessions
    inner join orders on sessions.order_id = orders.order_id
    qualify row_number() over (
        partition by sessions.order_id order by sessions.started_at, sessions.session_id
    ) = 1
),

touches as (
    select
        purchases.order_id,
        visits.session_id,
        visits.utm_source,
        visits.utm_medium,
        visits.utm_campaign,
        visits.started_at
    from {{ ref('fct_session') }} as visits
    inner join purchases
        on
            visits.visitor_id = purchases.visitor_id
            and visits.started_at <= purchases.started_at
            and visits.started_at >= purchases.started_at - to_days({{ behaviour_number('attribution_days') }})
    where not visits.is_direct
    qualify row_number() over (
        partition by purchases.order_id order by visits.started_at desc, visits.session_id asc
    ) = 1
),

final as (
    select
        orders.order_id,
        purchases.session_id as purchase_session_id,
        touches.session_id as credited_session_id,
        orders.channel_id,
        case
            when purchases.order_id is null then 'untracked'
            when touches.order_id is null then 'direct'
            else 'attributed'
        end as attribution,
        case
            when purchases.order_id is null then '(unattributed)'
            else coalesce(touches.utm_source, '(direct)')
        end as utm_source,
        touches.utm_medium,
        touches.utm_campaign,
        date_diff('day', touches.started_at, purchases.started_at) as day_count,
        orders.order_date
    from orders
    left join purchases on orders.order_id = purchases.order_id
    left join touches on orders.order_id = touches.order_id
)

select * from final
