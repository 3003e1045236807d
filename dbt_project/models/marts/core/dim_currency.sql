with

used as (
    select shop_currency as currency_code from {{ source('raw', 'build') }}
    union
    select currency_code from {{ ref('dim_currency_rate') }}
    {% for stream in [
        'order_lines', 'payouts', 'settlement_lines', 'product_supply', 'product_costs', 'purchase_order_lines',
        'shipping_costs', 'ad_spend', 'targets', 'suppliers', 'products'
    ] -%}
    union
    select currency_code from {{ source('raw', stream) }}
    {% endfor -%}
),

rates as (
    select
        currency_code,
        arg_max(rate_to_shop, rate_date) as rate_to_shop,
        count(*) as priced_days,
        count(*) filter (where is_carried_forward) as carried_forward_days,
        max(quoted_date) as last_quoted_date
    from {{ ref('dim_currency_rate') }}
    group by currency_code
),

sold as (
    select
        currency_code,
        count(*) as order_line_count,
        count(*) filter (where row_class = 'no_exchange_rate') as unpriced_line_count
    from {{ ref('int_order_lines__classified') }}
    group by currency_code
),

final as (
    select
        used.currency_code,
        coalesce(names.currency_name, used.currency_code) as currency_name,
        coalesce(names.currency_name_zh, used.currency_code) as currency_name_zh,
        coalesce(names.decimal_places, 2) as decimal_places,
        used.currency_code = build.shop_currency as is_shop_currency,
        used.currency_code = build.shop_currency or rates.currency_code is not null as has_rate,
        if(used.currency_code = build.shop_currency, 1, rates.rate_to_shop) as rate_to_shop,
        coalesce(rates.priced_days, 0) as priced_days,
        coalesce(rates.carried_forward_days, 0) as carried_forward_days,
        coalesce(sold.order_line_count, 0) as order_line_count,
        coalesce(sold.unpriced_line_count, 0) as unpriced_line_count,
        rates.last_quoted_date
    from used
    cross join {{ source('raw', 'build') }} as build
    left join {{ ref('currencies') }} as names on used.currency_code = names.currency_code
    left join rates on used.currency_code = rates.currency_code
    left join sold on used.currency_code = sold.currency_code
    where used.currency_code is not null
)

select * from final
