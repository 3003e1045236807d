{#- What carriers charge, with the order that it is for and in the shop's currency. -#}
with

build as (
    select * from {{ source('raw', 'build') }}
),

final as (
    select
        coalesce(orders.order_id, named.order_id) as order_id,
        coalesce(orders.channel_id, named_orders.channel_id, '(unallocated)') as channel_id,
        costs.carrier,
        costs.currency_code,
        costs.amount as cost_order,
        {{ money(
            'costs.amount * if(costs.currency_code = build.shop_currency, 1, rates.rate_to_shop)'
        ) }} as cost_shop,
        {{ local_date('costs.occurred_at') }} as cost_date
    from {{ ref('stg_shipping_costs') }} as costs
    cross join build
    left join {{ ref('stg_orders') }} as orders on costs.order_id = orders.order_id
    left join {{ ref('int_order_refs__named') }} as named
        on split_part(costs.order_id, '/', 2) = named.order_ref
    left join {{ ref('stg_orders') }} as named_orders on named.order_id = named_orders.order_id
    left join {{ ref('dim_currency_rate') }} as rates
        on costs.currency_code = rates.currency_code and {{ local_date('costs.occurred_at') }} = rates.rate_date
)

select * from final
