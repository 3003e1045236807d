{#- From which place each channel sends: where most of its orders of the last 90 days left. -#}
with

sent as (
    select
        movements.reference,
        movements.location_id,
        sum(-movements.quantity) as units
    from {{ ref('fct_stock_movement') }} as movements
    cross join {{ source('raw', 'build') }} as build
    where
        movements.movement_kind = 'sale'
        and movements.reference is not null
        and movements.moved_at >= build.as_of - interval 90 day
    group by all
),

orders as (
    select
        split_part(order_id, '/', 2) as reference,
        channel_id
    from {{ ref('stg_orders') }}
    where not is_deleted
),

final as (
    select
        orders.channel_id,
        sent.location_id,
        cast(sum(sent.units) as bigint) as unit_count
    from orders
    inner join sent using (reference)
    group by orders.channel_id, sent.location_id
    qualify row_number() over (partition by orders.channel_id order by unit_count desc, sent.location_id asc) = 1
)

select * from final
