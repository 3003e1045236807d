{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__orders', 'order_id') }}"
) }}

with

order_lines as (
    select * from {{ ref('int_order_lines__classified') }}
    where
        row_class in ('sale', 'free_of_charge')
        and {{ only_changed('int_changes__orders', 'order_id') }}
),

allocations as (
    select
        order_line_id,
        units,
        is_undone
    from {{ ref('int_credits__allocated') }}
    union all
    select
        order_line_id,
        units,
        is_undone
    from {{ ref('int_credits__named') }}
),

undone as (
    select
        order_line_id,
        cast(coalesce(sum(units) filter (where is_undone), 0) as bigint) as cancelled_quantity,
        cast(coalesce(sum(units) filter (where not is_undone), 0) as bigint) as returned_quantity
    from allocations
    group by order_line_id
),

countries as (
    select * from {{ ref('int_countries__named') }}
),

final as (
    select
        order_lines.order_line_id,
        order_lines.order_id,
        order_lines.product_id,
        order_lines.person_id as customer_id,
        order_lines.channel_id,
        countries.country_id,
        order_lines.currency_code,
        order_lines.quantity,
        coalesce(undone.cancelled_quantity, 0) as cancelled_quantity,
        coalesce(undone.returned_quantity, 0) as returned_quantity,
        if(
            order_lines.row_class = 'sale', order_lines.quantity - coalesce(undone.cancelled_quantity, 0), 0
        ) as demand_quantity,
        order_lines.unit_price as unit_price_order,
        order_lines.line_amount as gross_sales_order,
        order_lines.discount_amount as discount_order,
        {{ money('order_lines.line_amount - order_lines.discount_amount') }} as discounted_sales_order,
        order_lines.tax_amount as tax_order,
        order_lines.unit_price_shop,
        order_lines.line_amount_shop as gross_sales_shop,
        order_lines.discount_shop,
        {{ money('order_lines.line_amount_shop - order_lines.discount_shop') }} as discounted_sales_shop,
        order_lines.tax_shop,
        order_lines.row_class = 'free_of_charge' as is_free_of_charge,
        order_lines.occurred_at as ordered_at,
        order_lines.known_at,
        order_lines.occurred_date as order_date,
        order_lines.source_file,
        order_lines.source_row
    from order_lines
    inner join countries using (country_source_name)
    left join undone using (order_line_id)
)

select * from final
