{#- The terms learned last for each product. -#}
with

terms as (
    select
        *,
        row_number() over (
            partition by product_id order by occurred_at desc, known_at desc, source_row desc
        ) as recency
    from {{ ref('stg_product_supply') }}
),

build as (
    select shop_currency from {{ source('raw', 'build') }}
),

-- what is bought next is paid at today's rate
rates as (
    select
        currency_code,
        arg_max(rate_to_shop, rate_date) as rate_to_shop
    from {{ ref('dim_currency_rate') }}
    group by currency_code
),

final as (
    select
        terms.product_id,
        terms.supplier_name,
        terms.lead_time_days,
        terms.minimum_order_units,
        terms.pack_units,
        terms.currency_code,
        terms.unit_cost as unit_cost_order,
        {{ money(
            'terms.unit_cost * if(terms.currency_code = build.shop_currency, 1, rates.rate_to_shop)'
        ) }} as unit_cost_shop,
        terms.occurred_at as stated_at
    from terms
    cross join build
    left join rates on terms.currency_code = rates.currency_code
    where terms.recency = 1
)

select * from final
