{#- The (customer, product) pairs whose matching this build makes again: those of every order with a line that
    it adds or removes. Of the whole order, as its other lines are named anew where it comes to lie in several loads.
-#}
with

delta as (
    select
        source,
        load_id
    from {{ source('raw', 'delta') }}
    where stream = 'order_lines' and change = 'added'
),

touched as (
    select
        source,
        order_ref
    from {{ source('raw', 'order_lines') }}
    where (source, load_id) in (select (delta.source, delta.load_id) from delta)
    union
    select
        source,
        order_ref
    from {{ source('raw', 'order_lines__removed') }}
),

present as (
    select
        customer_pseudonym as customer_id,
        upper(trim(product_ref)) as product_id
    from {{ source('raw', 'order_lines') }}
    where
        customer_pseudonym is not null
        and (source, order_ref) in (select (touched.source, touched.order_ref) from touched)
),

removed as (
    select
        customer_pseudonym as customer_id,
        upper(trim(product_ref)) as product_id
    from {{ source('raw', 'order_lines__removed') }}
    where customer_pseudonym is not null
),

final as (
    select * from present
    union
    select * from removed
)

select * from final
