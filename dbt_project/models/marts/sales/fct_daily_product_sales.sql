{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed_product_days('sales_date') }}"
) }}

with

sold as (
    select
        order_date as sales_date,
        product_id,
        cast(sum(quantity) as bigint) as ordered_units,
        cast(sum(cancelled_quantity) as bigint) as cancelled_units,
        cast(sum(demand_quantity) as bigint) as demand_units,
        cast(0 as bigint) as returned_units,
        {{ money('sum(gross_sales_shop)') }} as gross_sales_shop,
        {{ money('sum(discount_shop)') }} as discounts_shop,
        {{ money('0') }} as returns_shop,
        count(distinct order_id) as order_count
    from {{ ref('fct_order_line') }}
    where {{ only_changed_product_days('order_date') }}
    group by all
),

returned as (
    select
        return_date as sales_date,
        product_id,
        cast(0 as bigint) as ordered_units,
        cast(0 as bigint) as cancelled_units,
        cast(0 as bigint) as demand_units,
        cast(sum(quantity) as bigint) as returned_units,
        {{ money('0') }} as gross_sales_shop,
        {{ money('0') }} as discounts_shop,
        {{ money('sum(amount_shop)') }} as returns_shop,
        cast(0 as bigint) as order_count
    from {{ ref('fct_return') }}
    where {{ only_changed_product_days('return_date') }}
    group by all
),

movements as (
    select * from sold
    union all
    select * from returned
),

final as (
    select
        sales_date,
        product_id,
        cast(sum(ordered_units) as bigint) as ordered_units,
        cast(sum(cancelled_units) as bigint) as cancelled_units,
        cast(sum(demand_units) as bigint) as demand_units,
        cast(sum(returned_units) as bigint) as returned_units,
        cast(sum(order_count) as bigint) as order_count,
        {{ money('sum(gross_sales_shop)') }} as gross_sales_shop,
        {{ money('sum(discounts_shop)') }} as discounts_shop,
        {{ money('sum(returns_shop)') }} as returns_shop,
        {{ money('sum(gross_sales_shop - discounts_shop - returns_shop)') }} as net_sales_shop
    from movements
    group by all
)

select * from final
