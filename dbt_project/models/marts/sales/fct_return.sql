{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__orders', 'order_id', column='return_id') }}"
) }}

with

credits as (
    select * from {{ ref('int_order_lines__classified') }}
    where
        row_class = 'credit'
        and {{ only_changed('int_changes__orders', 'order_id') }}
),

allocations as (
    select
        credit_line_id,
        order_line_id,
        units,
        is_undone
    from {{ ref('int_credits__allocated') }}
    union all
    select
        credit_line_id,
        order_line_id,
        units,
        is_undone
    from {{ ref('int_credits__named') }}
),

refund_lines as (
    select * from {{ ref('int_refund_lines__named') }}
),

countries as (
    select * from {{ ref('int_countries__named') }}
),

matched as (
    select
        credits.order_line_id as credit_line_id,
        allocations.order_line_id,
        allocations.units,
        if(allocations.is_undone, 'cancellation', 'return') as return_kind
    from credits
    inner join allocations on credits.order_line_id = allocations.credit_line_id
),

unmatched as (
    select
        credits.order_line_id as credit_line_id,
        cast(null as varchar) as order_line_id,
        cast(abs(credits.quantity) - coalesce(sum(allocations.units), 0) as bigint) as units,
        'unmatched' as return_kind
    from credits
    left join allocations on credits.order_line_id = allocations.credit_line_id
    group by credits.order_line_id, credits.quantity
    having abs(credits.quantity) > coalesce(sum(allocations.units), 0)
),

pieces as (
    select * from matched
    union all
    select * from unmatched
),

-- a discount on the credit makes it smaller: its pieces share it and the tax by units, and the last one takes the rest
numbered as (
    select
        *,
        row_number() over in_credit as piece_number,
        sum(units) over in_credit as units_so_far
    from pieces
    window in_credit as (
        partition by credit_line_id order by order_line_id nulls last
        rows between unbounded preceding and current row
    )
),

shared as (
    select
        numbered.*,
        {{ share_of_units('credits.discount_amount') }} as discount_order,
        {{ share_of_units('credits.discount_shop') }} as discount_shop,
        {{ share_of_units('-credits.tax_amount') }} as tax_order,
        {{ share_of_units('-credits.tax_shop') }} as tax_shop
    from numbered
    inner join credits on numbered.credit_line_id = credits.order_line_id
),

final as (
    select
        credits.order_line_id || '/' || pieces.piece_number as return_line_id,
        credits.order_line_id as credit_line_id,
        credits.order_id as return_id,
        pieces.order_line_id,
        refund_lines.refund_id,
        credits.product_id,
        credits.person_id as customer_id,
        credits.channel_id,
        countries.country_id,
        credits.currency_code,
        pieces.return_kind,
        pieces.units as quantity,
        credits.unit_price as unit_price_order,
        cast(pieces.units * credits.unit_price - pieces.discount_order as decimal(18, 4)) as amount_order,
        pieces.tax_order,
        credits.unit_price_shop,
        pieces.discount_shop,
        cast(pieces.units * credits.unit_price_shop - pieces.discount_shop as decimal(18, 4)) as amount_shop,
        pieces.tax_shop,
        credits.occurred_at as returned_at,
        credits.known_at,
        credits.occurred_date as return_date,
        credits.source_file,
        credits.source_row
    from shared as pieces
    inner join credits on pieces.credit_line_id = credits.order_line_id
    inner join countries on credits.country_source_name = countries.country_source_name
    left join refund_lines on credits.order_line_id = refund_lines.order_line_id
)

select * from final
