{#- For what is to be bought: who offers it, the cheapest in total first. -#}
with

choices as (
    select * from {{ source('models', 'supplier_choice') }}
),

final as (
    select
        product_id,
        supplier_id,
        supplier_name,
        cast(choice_rank as bigint) as choice_rank,
        {{ money('unit_cost_shop') }} as unit_cost_shop,
        {{ money('total_cost_shop') }} as total_cost_shop,
        lead_time_mean_days,
        lead_time_sd_days,
        otif_pct
    from choices
)

select * from final
