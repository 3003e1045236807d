{#- Advertising in the shop's currency, with the channel that it sells for. -#}
with

build as (
    select * from {{ source('raw', 'build') }}
),

final as (
    select
        spend.product_id,
        spend.platform,
        spend.currency_code,
        spend.campaign_ref,
        {{ money(
            'spend.cost_amount * if(spend.currency_code = build.shop_currency, 1, rates.rate_to_shop)'
        ) }} as cost_shop,
        spend.spend_date
    from {{ ref('stg_ad_spend') }} as spend
    cross join build
    left join {{ ref('dim_currency_rate') }} as rates
        on spend.currency_code = rates.currency_code and spend.spend_date = rates.rate_date
)

select * from final
