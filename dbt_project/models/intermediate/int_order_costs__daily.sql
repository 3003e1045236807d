{#- What is charged for an order, a day at a time. -#}
with

order_costs as (
    select
        order_id,
        product_id,
        channel_id,
        fee_date as sales_date,
        if(fee_group = 'payment', 'payment_fee', 'marketplace_fee') as measure,
        fee_shop as amount
    from {{ ref('fct_fee') }}
    where fee_shop is not null
    union all
    select
        order_id,
        cast(null as varchar) as product_id,
        channel_id,
        cost_date as sales_date,
        'shipping_paid' as measure,
        cost_shop as amount
    from {{ ref('int_shipping_costs__ordered') }}
    where cost_shop is not null
    union all
    select
        order_id,
        cast(null as varchar) as product_id,
        channel_id,
        charge_date as sales_date,
        'shipping_charged' as measure,
        amount_shop as amount
    from {{ ref('fct_charge') }}
    where charge_kind = 'shipping'
),

final as (
    select
        order_id,
        product_id,
        channel_id,
        sales_date,
        measure,
        {{ money('sum(amount)') }} as amount
    from order_costs
    group by all
)

select * from final
