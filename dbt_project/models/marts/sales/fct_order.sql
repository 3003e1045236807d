with

order_lines as (
    select * from {{ ref('fct_order_line') }}
),

charges as (
    select
        order_id,
        sum(amount_shop) filter (where charge_kind = 'shipping') as shipping_shop,
        sum(amount_shop) filter (where charge_kind <> 'shipping') as other_charges_shop
    from {{ ref('fct_charge') }}
    group by order_id
),

orders as (
    select
        order_id,
        -- a few invoices carry two times, none two customers; were it so, the first line's would hold
        arg_min(customer_id, (ordered_at, order_line_id)) as customer_id,
        arg_min(channel_id, (ordered_at, order_line_id)) as channel_id,
        arg_min(country_id, (ordered_at, order_line_id)) as country_id,
        arg_min(currency_code, (ordered_at, order_line_id)) as currency_code,
        count(*) as line_count,
        count(distinct product_id) as product_count,
        cast(sum(quantity) as bigint) as unit_count,
        cast(sum(demand_quantity) as bigint) as demand_unit_count,
        {{ money('sum(gross_sales_order)') }} as gross_sales_order,
        {{ money('sum(discount_order)') }} as discounts_order,
        {{ money('sum(gross_sales_shop)') }} as gross_sales_shop,
        {{ money('sum(discount_shop)') }} as discounts_shop,
        {{ money('sum(cancelled_quantity * unit_price_shop)') }} as cancelled_sales_shop,
        {{ money('sum(returned_quantity * unit_price_shop)') }} as returned_sales_shop,
        bool_and(is_free_of_charge or cancelled_quantity = quantity) as is_fully_cancelled,
        min(ordered_at) as ordered_at,
        min(order_date) as order_date
    from order_lines
    group by order_id
),

final as (
    select
        orders.order_id,
        split_part(orders.order_id, '/', 2) as order_number,
        orders.customer_id,
        orders.channel_id,
        orders.country_id,
        orders.currency_code,
        orders.line_count,
        orders.product_count,
        orders.unit_count,
        orders.demand_unit_count,
        orders.gross_sales_order,
        orders.discounts_order,
        orders.gross_sales_shop,
        orders.discounts_shop,
        orders.cancelled_sales_shop,
        orders.returned_sales_shop,
        {{ money('coalesce(charges.shipping_shop, 0)') }} as shipping_shop,
        {{ money('coalesce(charges.other_charges_shop, 0)') }} as other_charges_shop,
        orders.is_fully_cancelled,
        orders.ordered_at,
        orders.order_date
    from orders
    left join charges using (order_id)
)

select * from final
