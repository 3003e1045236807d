with

orders as (
    select * from {{ ref('fct_order') }}
),

-- of a person's orders the first is new, of which something was kept; who is not known is neither
first_orders as (
    select
        customer_id,
        arg_min(order_id, (ordered_at, order_id)) as order_id
    from orders
    where customer_id is not null and not is_fully_cancelled
    group by customer_id
),

sold as (
    select
        orders.order_date as sales_date,
        orders.channel_id,
        count(*) filter (where not orders.is_fully_cancelled) as order_count,
        count(first_orders.order_id) as new_order_count,
        count(*) filter (
            where orders.customer_id is not null and not orders.is_fully_cancelled and first_orders.order_id is null
        ) as repeat_order_count,
        sum(orders.demand_unit_count) as unit_count,
        sum(orders.gross_sales_shop) as gross_sales_shop,
        sum(orders.discounts_shop) as discounts_shop
    from orders
    left join first_orders on orders.order_id = first_orders.order_id
    group by all
),

taxed as (
    select
        order_date as sales_date,
        channel_id,
        sum(tax_shop) as tax_shop
    from {{ ref('fct_order_line') }}
    group by all
),

charged as (
    select
        charge_date as sales_date,
        channel_id,
        -sum(amount_shop) filter (where charge_kind = 'discount') as discounts_shop,
        sum(amount_shop) filter (where charge_kind = 'shipping' and refund_id is null) as shipping_charged_shop,
        sum(amount_shop) filter (
            where charge_kind not in ('shipping', 'discount') and refund_id is null
        ) as other_charged_shop,
        sum(tax_shop) filter (where refund_id is null) as tax_shop
    from {{ ref('fct_charge') }}
    group by all
),

returned as (
    select
        return_date as sales_date,
        channel_id,
        sum(quantity) as returned_unit_count,
        sum(amount_shop) filter (where return_kind = 'cancellation') as cancellations_shop,
        sum(amount_shop) filter (where return_kind <> 'cancellation') as returns_shop
    from {{ ref('fct_return') }}
    group by all
),

refunded as (
    select
        refund_date as sales_date,
        channel_id,
        count(*) as refund_count,
        sum(shipping_shop + other_shop) as other_refunds_shop,
        sum(tax_shop) as refunded_tax_shop,
        sum(amount_shop) as refunds_shop
    from {{ ref('fct_refund') }}
    where is_in_sales
    group by all
),

movements as (
    select * from sold
    union all by name
    select * from taxed
    union all by name
    select * from charged
    union all by name
    select * from returned
    union all by name
    select * from refunded
),

summed as (
    select
        sales_date,
        channel_id,
        cast(coalesce(sum(order_count), 0) as bigint) as order_count,
        cast(coalesce(sum(new_order_count), 0) as bigint) as new_order_count,
        cast(coalesce(sum(repeat_order_count), 0) as bigint) as repeat_order_count,
        cast(coalesce(sum(unit_count), 0) as bigint) as unit_count,
        cast(coalesce(sum(returned_unit_count), 0) as bigint) as returned_unit_count,
        cast(coalesce(sum(refund_count), 0) as bigint) as refund_count,
        coalesce(sum(gross_sales_shop), 0) as gross_sales_shop,
        coalesce(sum(discounts_shop), 0) as discounts_shop,
        coalesce(sum(cancellations_shop), 0) as cancellations_shop,
        coalesce(sum(returns_shop), 0) as returns_shop,
        coalesce(sum(shipping_charged_shop), 0) as shipping_charged_shop,
        coalesce(sum(other_charged_shop), 0) as other_charged_shop,
        coalesce(sum(tax_shop), 0) as tax_shop,
        coalesce(sum(other_refunds_shop), 0) as other_refunds_shop,
        coalesce(sum(refunded_tax_shop), 0) as refunded_tax_shop,
        coalesce(sum(refunds_shop), 0) as refunds_shop
    from movements
    group by all
),

final as (
    select
        sales_date,
        channel_id,
        order_count,
        new_order_count,
        repeat_order_count,
        unit_count,
        returned_unit_count,
        refund_count,
        {{ money('gross_sales_shop') }} as gross_sales_shop,
        {{ money('discounts_shop') }} as discounts_shop,
        {{ money('cancellations_shop') }} as cancellations_shop,
        {{ money('returns_shop') }} as returns_shop,
        {{ money('gross_sales_shop - discounts_shop - cancellations_shop - returns_shop') }} as net_sales_shop,
        {{ money('shipping_charged_shop') }} as shipping_charged_shop,
        {{ money('other_charged_shop') }} as other_charged_shop,
        {{ money('tax_shop') }} as tax_shop,
        {{ money(
            'gross_sales_shop - discounts_shop + shipping_charged_shop + other_charged_shop + tax_shop'
        ) }} as invoiced_shop,
        {{ money('other_refunds_shop') }} as other_refunds_shop,
        {{ money('refunded_tax_shop') }} as refunded_tax_shop,
        {{ money('refunds_shop') }} as refunds_shop
    from summed
)

select * from final
