{#- The visitors' days whose visits must be made again: those of every version of an event that this build adds or
    removes one of. A visit never goes past midnight: so a day of a visitor holds whole visits. -#}
with

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
    union
    select
        source,
        event_ref
    from {{ source('raw', 'events__removed') }}
),

versions as (
    select
        source,
        channel,
        visitor_pseudonym,
        customer_pseudonym,
        event_ref,
        occurred_at
    from {{ source('raw', 'events') }}
    where (source, event_ref) in (select (touched.source, touched.event_ref) from touched)
    union all
    select
        source,
        channel,
        visitor_pseudonym,
        customer_pseudonym,
        event_ref,
        occurred_at
    from {{ source('raw', 'events__removed') }}
),

final as (
    select distinct
        {{ visitor_of('source', 'channel', 'visitor_pseudonym', 'customer_pseudonym', 'event_ref') }} as visitor_id,
        {{ local_date('versions.occurred_at') }} as visit_date
    from versions
    cross join {{ source('raw', 'build') }} as build
)

select * from final
