{#- What to order from whom, decided for all products and suppliers together; a row for each product of an order. -#}
with

proposals as (
    select * from {{ source('models', 'purchase_proposal') }}
),

products as (
    select * from {{ ref('dim_product') }}
),

final as (
    select
        proposals.supplier_id,
        proposals.supplier_name,
        proposals.product_id,
        products.product_title,
        proposals.plan_status,
        proposals.reason,
        cast(proposals.order_units as bigint) as order_units,
        cast(proposals.needed_units as bigint) as needed_units,
        cast(proposals.pack_units as bigint) as pack_units,
        {{ money('proposals.unit_cost_shop') }} as unit_cost_shop,
        {{ money('proposals.order_value_shop') }} as order_value_shop,
        {{ money('proposals.worth_shop') }} as worth_shop,
        proposals.order_date,
        proposals.expected_date
    from proposals
    left join products using (product_id)
)

select * from final
