{#- The (customer, product) pairs whose matching this build makes again: those of every order that it touches. Of
    the whole order, as its other lines are named anew where it comes to lie in several loads; and of all versions of
    its lines, as a pair that is gone from the newest has to go from the matching too.
-#}
with

touched as (
    select * from {{ ref('int_changes__touched') }}
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
