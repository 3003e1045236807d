{#- Slow movers, and the price at which they would earn most. -#}
with

proposals as (
    select * from {{ source('models', 'markdown_proposal') }}
),

products as (
    select * from {{ ref('dim_product') }}
),

final as (
    select
        proposals.product_id,
        products.product_title,
        proposals.reason,
        cast(proposals.on_hand_units as bigint) as on_hand_units,
        cast(proposals.surplus_units as bigint) as surplus_units,
        proposals.cover_days,
        proposals.markdown_pct,
        proposals.expected_units,
        {{ money('proposals.current_price_shop') }} as current_price_shop,
        {{ money('proposals.proposed_price_shop') }} as proposed_price_shop,
        {{ money('proposals.expected_gain_shop') }} as expected_gain_shop
    from proposals
    left join products using (product_id)
)

select * from final
