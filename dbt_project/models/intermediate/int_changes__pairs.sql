{#- The (customer, product) pairs with a line that this build adds or removes. -#}
with

delta as (
    select
        source,
        load_id
    from {{ source('raw', 'delta') }}
    where stream = 'order_lines' and change = 'added'
),

added as (
    select
        customer_pseudonym as customer_id,
        upper(trim(product_ref)) as product_id
    from {{ source('raw', 'order_lines') }}
    where customer_pseudonym is not null and (source, load_id) in (select (delta.source, delta.load_id) from delta)
),

removed as (
    select
        customer_pseudonym as customer_id,
        upper(trim(product_ref)) as product_id
    from {{ source('raw', 'order_lines__removed') }}
    where customer_pseudonym is not null
),

final as (
    select * from added
    union
    select * from removed
)

select * from final
