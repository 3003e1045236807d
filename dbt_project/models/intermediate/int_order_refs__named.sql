{#- Files of carriers, help desks and banks name an order as its shop does, without the shop. A name that two shops
    use is nobody's: better without an order than with another's. -#}
with

orders as (
    select
        order_id,
        record_ref as order_ref
    from {{ ref('stg_orders') }}
    where record_ref is not null
    union
    select
        order_id,
        order_number as order_ref
    from {{ ref('stg_orders') }}
    where order_number is not null
),

final as (
    select
        order_ref,
        min(order_id) as order_id
    from orders
    group by order_ref
    having min(order_id) = max(order_id)
)

select * from final
