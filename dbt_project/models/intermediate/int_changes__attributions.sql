{#- The orders that may be credited to another visit: those whose facts this build makes again, those that a purchase
    which it adds or removes names, and those of every visitor whose visits it changes. -#}
with

visitors as (
    select distinct visitor_id from {{ ref('int_changes__visitor_days') }}
),

bought as (
    select order_id
    from {{ ref('fct_session') }}
    where order_id is not null and visitor_id in (select visitors.visitor_id from visitors)
),

delta as (
    select
        source,
        load_id
    from {{ source('raw', 'delta') }}
    where change = 'added'
),

touched as (
    select
        source,
        event_ref
    from {{ source('raw', 'events') }}
    where (source, load_id) in (select (delta.source, delta.load_id) from delta)
),

named as (
    select coalesce(channel, source) || '/' || order_ref as order_id
    from {{ source('raw', 'events') }}
    where order_ref is not null and (source, event_ref) in (select (touched.source, touched.event_ref) from touched)
    union all
    select coalesce(channel, source) || '/' || order_ref as order_id
    from {{ source('raw', 'events__removed') }}
    where order_ref is not null
),

final as (
    select order_id from {{ ref('int_changes__orders') }}
    union
    select order_id from bought
    union
    select order_id from named
)

select * from final
