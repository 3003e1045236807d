{#- What visitors did, with the visit that it was part of. A visit ends with inactivity or at the shop's midnight; that
    a visitor comes back by another way within it makes no other one. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__visitor_days', '(visitor_id, visit_date)') }}"
) }}

with

told as (
    select
        events.*,
        {{ visitor_of(
            'events.source', 'events.channel_id', 'events.visitor_pseudonym', 'events.customer_id', 'events.event_ref'
        ) }} as visitor_id,
        -- of what a tool sends with one time, the step that comes first in a shop came first
        coalesce(list_position(
            [
                'page_view', 'search', 'product_view', 'favourite', 'add_to_cart', 'remove_from_cart', 'checkout',
                'purchase'
            ],
            events.event_kind
        ), 0) as kind_rank,
        {{ local_date('events.occurred_at') }} as visit_date
    from {{ ref('stg_events') }} as events
    cross join {{ source('raw', 'build') }} as build
),

changed as (
    select * from told
    where {{ only_changed('int_changes__visitor_days', '(visitor_id, visit_date)') }}
),

spaced as (
    select
        *,
        lag(occurred_at) over (
            partition by visitor_id, visit_date order by occurred_at, kind_rank, event_ref
        ) as previous_at
    from changed
),

begun as (
    select
        *,
        max(
            if(
                previous_at is null
                or occurred_at > previous_at + to_minutes({{ behaviour_number('session_gap_minutes') }}),
                occurred_at,
                null
            )
        ) over (
            partition by visitor_id, visit_date
            order by occurred_at, kind_rank, event_ref
            rows between unbounded preceding and current row
        ) as session_started_at
    from spaced
),

final as (
    select
        begun.source || '/' || begun.event_ref as event_id,
        left(md5(begun.visitor_id || '@' || epoch_us(begun.session_started_at)), 20) as session_id,
        begun.visitor_id,
        coalesce(event_channels.channel_id, begun.channel_id) as channel_id,
        begun.product_id,
        begun.channel_id || substr(begun.order_id, length(begun.source) + 1) as order_id,
        begun.event_kind,
        coalesce(begun.device, 'unknown') as device,
        begun.country as country_id,
        begun.utm_source,
        begun.utm_medium,
        begun.utm_campaign,
        begun.page_path,
        begun.search_query,
        begun.currency_code,
        begun.source,
        row_number() over (
            partition by begun.visitor_id, begun.visit_date, begun.session_started_at
            order by begun.occurred_at, begun.kind_rank, begun.event_ref
        ) as event_number,
        begun.result_count,
        begun.quantity,
        {{ money('begun.amount') }} as amount_order,
        begun.occurred_at,
        begun.visit_date
    from begun
    left join {{ ref('event_channels') }} as event_channels on begun.channel_id = event_channels.event_channel
)

select * from final
