{#- The orders that this build must look at again by themselves: with a line, a state or a deletion that it adds or
    removes, a line or a payment in another currency whose rate is not what it was, or a customer who turns out to be another person.
    Also those whose change is that a newer version has fewer lines. -#}
with

delta as (
    select
        source,
        stream,
        load_id
    from {{ source('raw', 'delta') }}
    where change = 'added'
),

deletions as (
    select
        source,
        record_ref
    from {{ source('raw', 'deletions') }}
    where
        entity = 'orders'
        and (source, load_id, 'deletions') in (select (delta.source, delta.load_id, delta.stream) from delta)
    union
    select
        source,
        record_ref
    from {{ source('raw', 'deletions__removed') }}
    where entity = 'orders'
),

rates as (
    select
        currency_code,
        rate_date
    from {{ ref('dim_currency_rate') }} as now_rates
    full join {{ source('raw', 'currency_rates__before') }} as before_rates using (currency_code, rate_date)
    where now_rates.rate_to_shop is distinct from before_rates.rate_to_shop
),

first_rate as (
    select min(rate_date) - 1 as first_date from rates
),

-- a payment, or one back, has the rate of its own day
converted as (
    {% for stream in ['order_lines', 'payments'] -%}
    select
        held.source,
        held.order_ref
    from {{ source('raw', stream) }} as held
    cross join {{ source('raw', 'build') }} as build
    cross join first_rate
    where
        held.currency_code <> build.shop_currency
        and held.occurred_at >= first_rate.first_date
        and (held.currency_code, {{ local_date('held.occurred_at') }}) in (
            select (rates.currency_code, rates.rate_date) from rates
        )
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

-- an identity that is new names new records only, which the build looks at anyhow
persons as (
    select before_persons.identity
    from {{ source('raw', 'persons__before') }} as before_persons
    left join {{ ref('int_customers__identified') }} as now_persons
        on before_persons.identity = now_persons.identity
    where
        before_persons.customer_id is distinct from now_persons.customer_id
        or before_persons.is_shared is distinct from now_persons.is_shared
),

repersoned as (
    select
        source,
        order_ref
    from {{ source('raw', 'orders') }}
    where customer_pseudonym in (select persons.identity from persons)
    union
    select
        source,
        order_ref
    from {{ source('raw', 'orders') }}
    where email_pseudonym in (select persons.identity from persons)
    union
    select
        source,
        order_ref
    from {{ source('raw', 'order_lines') }}
    where customer_pseudonym in (select persons.identity from persons)
),

touched as (
    {% for stream in [
        'order_lines', 'orders', 'refunds', 'customer_returns', 'payments', 'order_discounts'
    ] -%}
    select
        source,
        order_ref
    from {{ source('raw', stream) }}
    where (source, load_id, '{{ stream }}') in (select (delta.source, delta.load_id, delta.stream) from delta)
    union
    select
        source,
        order_ref
    from {{ source('raw', stream ~ '__removed') }}
    union
    {% endfor -%}
    select
        source,
        order_ref
    from {{ source('raw', 'orders') }}
    where (source, record_ref) in (select (deletions.source, deletions.record_ref) from deletions)
    union
    select
        source,
        order_ref
    from converted
    union
    select
        source,
        order_ref
    from repersoned
),

final as (
    select
        source || '/' || order_ref as order_id,
        source,
        order_ref
    from touched
)

select * from final
