{#- What order lines and returns add up to by product, channel and day, so that what is told by the day need not read
    every line of all history. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed_product_days('sales_date') }}"
) }}

with

sold as (
    select
        product_id,
        channel_id,
        order_date as sales_date,
        sum(quantity) as sold_units,
        0 as returned_units,
        sum(gross_sales_shop) as gross_sales_shop,
        sum(discount_shop) as discounts_shop,
        0 as returns_shop
    from {{ ref('fct_order_line') }}
    where {{ only_changed_product_days('order_date') }}
    group by all
),

returned as (
    select
        product_id,
        channel_id,
        return_date as sales_date,
        0 as sold_units,
        sum(quantity) as returned_units,
        0 as gross_sales_shop,
        0 as discounts_shop,
        sum(amount_shop) as returns_shop
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
        product_id,
        channel_id,
        sales_date,
        cast(sum(sold_units) as bigint) as sold_units,
        cast(sum(returned_units) as bigint) as returned_units,
        {{ money('sum(gross_sales_shop)') }} as gross_sales_shop,
        {{ money('sum(discounts_shop)') }} as discounts_shop,
        {{ money('sum(returns_shop)') }} as returns_shop
    from movements
    group by all
)

select * from final
