{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__customers', 'customer_id') }}"
) }}

with

orders as (
    select
        *,
        gross_sales_shop - discounts_shop - cancelled_sales_shop as sales_shop
    from {{ ref('fct_order') }}
    where
        customer_id is not null
        and not is_fully_cancelled
        and {{ only_changed('int_changes__customers', 'customer_id') }}
),

-- what an order is about: of its products the one that most was paid for
products as (
    select
        order_id,
        arg_max(product_id, (sold_shop, product_id)) as main_product_id
    from (
        select
            order_id,
            product_id,
            sum(gross_sales_shop - discount_shop) as sold_shop
        from {{ ref('fct_order_line') }}
        where order_id in (select orders.order_id from orders)
        group by order_id, product_id
    ) as sold
    group by order_id
),

numbered as (
    select
        orders.*,
        products.main_product_id,
        row_number() over in_time as order_sequence,
        lag(orders.order_date) over in_time as previous_order_date,
        first_value(orders.order_date) over in_time as first_order_date,
        first_value(orders.channel_id) over in_time as first_channel_id,
        first_value(products.main_product_id) over in_time as first_product_id
    from orders
    left join products on orders.order_id = products.order_id
    window in_time as (partition by orders.customer_id order by orders.ordered_at, orders.order_id)
),

final as (
    select
        order_id,
        customer_id,
        channel_id,
        main_product_id,
        first_channel_id,
        first_product_id,
        cast(order_sequence as integer) as order_sequence,
        order_date - previous_order_date as days_since_previous,
        order_date - first_order_date as days_since_first,
        {{ money('sales_shop') }} as sales_shop,
        order_sequence = 1 as is_new,
        ordered_at,
        order_date,
        first_order_date,
        cast(date_trunc('month', first_order_date) as date) as cohort_month
    from numbered
)

select * from final
