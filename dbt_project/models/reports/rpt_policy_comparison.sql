{#- Policies replayed on the last thirteen weeks, against the rules that shops use. -#}
with

outcomes as (
    select * from {{ source('models', 'policy_comparison') }}
),

final as (
    select
        policy,
        rival,
        setting,
        is_rival,
        cast(product_count as bigint) as product_count,
        cast(day_count as bigint) as day_count,
        order_line_count,
        demand_units,
        lost_units,
        fill_rate_pct,
        stock_units,
        stock_vs_rival_pct,
        lost_vs_rival_pct,
        {{ money('stock_value_shop') }} as stock_value_shop,
        {{ money('lost_margin_shop') }} as lost_margin_shop,
        {{ money('holding_cost_shop') }} as holding_cost_shop,
        {{ money('total_cost_shop') }} as total_cost_shop
    from outcomes
)

select * from final
