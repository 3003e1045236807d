{#- Every product with a policy, the most urgent first: by action, then by how soon it runs out, then by value. -#}
with

policies as (
    select * from {{ source('models', 'inventory_policy') }}
),

products as (
    select * from {{ ref('dim_product') }}
),

build_day as (
    select cast(timezone(shop_time_zone, timezone('UTC', as_of)) as date) as as_of_date
    from {{ source('raw', 'build') }}
),

recent as (
    select
        sales.product_id,
        cast(sum(sales.demand_units) as bigint) as last_28_days_units
    from {{ ref('fct_daily_product_sales') }} as sales
    cross join build_day
    where sales.sales_date >= build_day.as_of_date - 28
    group by sales.product_id
),

final as (
    select
        row_number() over (
            order by
                case policies.action
                    when 'order_now' then 1
                    when 'order_soon' then 2
                    when 'ok' then 3
                    else 4
                end,
                policies.cover_days - policies.lead_time_days nulls last,
                policies.order_value_shop desc,
                policies.product_id asc
        ) as urgency_rank,
        policies.product_id,
        products.product_title,
        products.abc_class,
        policies.supplier_name,
        policies.supplier_source,
        policies.on_hand_source,
        policies.lead_time_source,
        policies.unit_cost_source,
        policies.action,
        policies.reason,
        cast(policies.on_hand_units as bigint) as on_hand_units,
        cast(policies.lead_time_days as bigint) as lead_time_days,
        cast(policies.safety_stock_units as bigint) as safety_stock_units,
        cast(policies.reorder_point_units as bigint) as reorder_point_units,
        cast(policies.order_up_to_units as bigint) as order_up_to_units,
        cast(policies.order_units as bigint) as order_units,
        coalesce(recent.last_28_days_units, 0) as last_28_days_units,
        cast(policies.daily_demand_units as double) as daily_demand_units,
        cast(policies.cover_days as double) as cover_days,
        cast(policies.service_level as double) as service_level,
        {{ money('policies.unit_cost_shop') }} as unit_cost_shop,
        {{ money('policies.order_value_shop') }} as order_value_shop,
        policies.on_hand_date,
        policies.runout_date
    from policies
    left join products using (product_id)
    left join recent using (product_id)
)

select * from final
