with

charges as (
    select * from {{ ref('int_order_lines__classified') }}
    where row_class = 'charge'
),

countries as (
    select * from {{ ref('int_countries__named') }}
),

final as (
    select
        charges.order_line_id as charge_id,
        charges.order_id,
        charges.product_id as charge_code,
        charges.person_id as customer_id,
        charges.channel_id,
        countries.country_id,
        charges.currency_code,
        charges.line_kind as charge_kind,
        charges.product_title as charge_title,
        charges.quantity,
        {{ money('charges.line_amount - sign(charges.quantity) * charges.discount_amount') }} as amount_order,
        charges.unit_price_shop,
        charges.discount_shop,
        {{ money('charges.line_amount_shop - sign(charges.quantity) * charges.discount_shop') }} as amount_shop,
        charges.is_credit,
        charges.occurred_at as charged_at,
        charges.known_at,
        charges.occurred_date as charge_date,
        charges.source_file,
        charges.source_row
    from charges
    inner join countries using (country_source_name)
)

select * from final
