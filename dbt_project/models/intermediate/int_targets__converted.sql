{#- Targets in the shop's currency: at the rate of the month's first day, or of the first day of which one is known. A
    target that is no money is as it is told. -#}
with

build as (
    select shop_currency from {{ source('raw', 'build') }}
),

first_rates as (
    select
        currency_code,
        min(rate_date) as first_rate_date
    from {{ ref('dim_currency_rate') }}
    group by currency_code
),

final as (
    select
        told.team,
        told.metric,
        {{ money(
            'told.target_value * if(coalesce(told.currency_code, build.shop_currency) = build.shop_currency, 1,'
            ~ ' rates.rate_to_shop)'
        ) }} as target_shop,
        told.target_month
    from {{ ref('stg_targets') }} as told
    cross join build
    left join first_rates on told.currency_code = first_rates.currency_code
    left join {{ ref('dim_currency_rate') }} as rates
        on
            told.currency_code = rates.currency_code
            and greatest(told.target_month, first_rates.first_rate_date) = rates.rate_date
)

select * from final
