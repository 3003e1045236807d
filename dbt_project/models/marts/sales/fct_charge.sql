{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__orders', 'order_id') }}"
) }}

with

charges as (
    select * from {{ ref('int_order_lines__classified') }}
    where
        row_class = 'charge'
        and {{ only_changed('int_changes__orders', 'order_id') }}
),

refund_lines as (
    select * from {{ ref('int_refund_lines__named') }}
),

countries as (
    select * from {{ ref('int_countries__named') }}
),

final as (
    select
        charges.order_line_id as charge_id,
        charges.order_id,
        refund_lines.refund_id,
        charges.product_id as charge_code,
        charges.person_id as customer_id,
        charges.channel_id,
        countries.country_id,
        charges.currency_code,
        charges.line_kind as charge_kind,
        charges.product_title as charge_title,
        charges.quantity,
        {{ money('charges.line_amount - sign(charges.quantity) * charges.discount_amount') }} as amount_order,
        charges.tax_amount as tax_order,
        charges.unit_price_shop,
        charges.discount_shop,
        {{ money('charges.line_amount_shop - sign(charges.quantity) * charges.discount_shop') }} as amount_shop,
        charges.tax_shop,
        charges.is_credit,
        charges.occurred_at as charged_at,
        charges.known_at,
        charges.occurred_date as charge_date,
        charges.source_file,
        charges.source_row
    from charges
    inner join countries using (country_source_name)
    left join refund_lines on charges.order_line_id = refund_lines.order_line_id
)

select * from final
