{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__days', 'day', column='sales_date') }}"
) }}

with

sold as (
    select
        order_date as sales_date,
        country_id,
        sum(gross_sales_shop) as gross_sales_shop,
        sum(discount_shop) as discounts_shop,
        0 as returns_shop,
        sum(demand_quantity) as demand_units,
        count(distinct order_id) as order_count,
        count(distinct customer_id) as customer_count
    from {{ ref('fct_order_line') }}
    where {{ only_changed('int_changes__days', 'day', column='order_date') }}
    group by all
),

returned as (
    select
        return_date as sales_date,
        country_id,
        0 as gross_sales_shop,
        0 as discounts_shop,
        sum(amount_shop) as returns_shop,
        0 as demand_units,
        0 as order_count,
        0 as customer_count
    from {{ ref('fct_return') }}
    where {{ only_changed('int_changes__days', 'day', column='return_date') }}
    group by all
),

-- discounts that a source writes as lines of their own, negative
discounted as (
    select
        charge_date as sales_date,
        country_id,
        0 as gross_sales_shop,
        -sum(amount_shop) as discounts_shop,
        0 as returns_shop,
        0 as demand_units,
        0 as order_count,
        0 as customer_count
    from {{ ref('fct_charge') }}
    where
        charge_kind = 'discount'
        and {{ only_changed('int_changes__days', 'day', column='charge_date') }}
    group by all
),

movements as (
    select * from sold
    union all
    select * from returned
    union all
    select * from discounted
),

final as (
    select
        sales_date,
        country_id,
        cast(sum(demand_units) as bigint) as demand_units,
        cast(sum(order_count) as bigint) as order_count,
        cast(sum(customer_count) as bigint) as customer_count,
        {{ money('sum(gross_sales_shop)') }} as gross_sales_shop,
        {{ money('sum(discounts_shop)') }} as discounts_shop,
        {{ money('sum(returns_shop)') }} as returns_shop,
        {{ money('sum(gross_sales_shop - discounts_shop - returns_shop)') }} as net_sales_shop
    from movements
    group by all
)

select * from final
