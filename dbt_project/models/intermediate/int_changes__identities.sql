{#- The accounts and addresses whose person this build must find again: those that what it adds or takes out names,
    those found together with them, and all who were one person with any of these. -#}
with

delta as (
    select
        source,
        stream,
        load_id
    from {{ source('raw', 'delta') }}
    where change = 'added'
),

named as (
    {% for stream in ['customers', 'orders', 'carts'] -%}
    select
        customer_pseudonym as account_id,
        email_pseudonym
    from {{ source('raw', stream) }}
    where (source, load_id, '{{ stream }}') in (select (delta.source, delta.load_id, delta.stream) from delta)
    union
    {% endfor -%}
    select
        customer_pseudonym as account_id,
        cast(null as varchar) as email_pseudonym
    from {{ source('raw', 'order_lines') }}
    where (source, load_id, 'order_lines') in (select (delta.source, delta.load_id, delta.stream) from delta)
    union
    ({{ identities_told('__removed') }})
),

touched as (
    select account_id as identity from named
    where account_id is not null
    union
    select email_pseudonym as identity from named
    where email_pseudonym is not null
),

neighbours as (
    select identity from touched
    {% if was_built('int_customers__links') -%}
    union
    select links.email_pseudonym as identity from intermediate.int_customers__links as links
    inner join touched on links.account_id = touched.identity
    union
    select links.account_id as identity from intermediate.int_customers__links as links
    inner join touched on links.email_pseudonym = touched.identity
    {%- endif %}
),

final as (
    select identity from neighbours
    {% if was_built('int_customers__identified') -%}
    union
    select persons.identity from intermediate.int_customers__identified as persons
    inner join intermediate.int_customers__identified as held on persons.customer_id = held.customer_id
    where held.identity in (select neighbours.identity from neighbours)
    {%- endif %}
)

select * from final
