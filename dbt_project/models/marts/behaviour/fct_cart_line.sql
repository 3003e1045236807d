with

build as (
    select * from {{ source('raw', 'build') }}
),

final as (
    select
        lines.source || '/' || lines.cart_ref || '/' || lines.cart_line_ref as cart_line_id,
        lines.source || '/' || lines.cart_ref as cart_id,
        lines.product_id,
        lines.currency_code,
        lines.quantity,
        {{ money('lines.unit_price') }} as unit_price_order,
        {{ money('lines.quantity * lines.unit_price') }} as amount_order,
        {{ money(
            'lines.quantity * lines.unit_price * if(lines.currency_code = build.shop_currency, 1, rates.rate_to_shop)'
        ) }} as amount_shop
    from {{ ref('stg_cart_lines') }} as lines
    cross join build
    left join {{ ref('dim_currency_rate') }} as rates
        on lines.currency_code = rates.currency_code and {{ local_date('lines.occurred_at') }} = rates.rate_date
)

select * from final
