{#- An order's discounts as its source tells them, with the part of the lines' discounts that each stands for. Of what
    the lines say, without tax, each has the share that its told amount is of all told; the last one takes the rest.
    What lines have off without a discount that is told of stands as one of its own. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__orders', 'order_id') }}"
) }}

with

orders as (
    select * from {{ ref('fct_order') }}
    where {{ only_changed('int_changes__orders', 'order_id') }}
),

-- the cents that no line has: what allocation left of the discounts
roundings as (
    select
        order_id,
        -sum(amount_order) as unallocated_order
    from {{ ref('fct_charge') }}
    where
        charge_kind = 'rounding'
        and refund_id is null
        and {{ only_changed('int_changes__orders', 'order_id') }}
    group by order_id
),

told as (
    select
        order_id,
        discount_ref,
        discount_code,
        discount_kind,
        discount_amount,
        row_number() over in_order as discount_number,
        count(*) over (partition by order_id) as discount_count,
        sum(discount_amount) over (partition by order_id) as told_amount,
        sum(discount_amount) over in_order as told_so_far
    from {{ ref('stg_order_discounts') }}
    where not is_deleted and {{ only_changed('int_changes__orders', 'order_id') }}
    window in_order as (
        partition by order_id
        order by discount_amount desc, discount_ref asc, discount_code asc, source_file asc, source_row asc
        rows between unbounded preceding and current row
    )
),

-- in whole ten-thousandths: a quotient of decimals would be a float
shared as (
    select
        orders.*,
        coalesce(told.discount_number, 1) as discount_number,
        told.discount_code,
        coalesce(told.discount_kind, 'unnamed') as discount_kind,
        coalesce(told.discount_amount, 0) as told_amount,
        case
            when told.order_id is null then 'unnamed'
            when told.discount_code is null then 'automatic'
            else 'code'
        end as discount_origin,
        cast(coalesce(told.told_amount, 0) * 10000 as hugeint) as whole,
        cast(coalesce(told.told_so_far, 0) * 10000 as hugeint) as upper,
        cast(coalesce(told.told_so_far - told.discount_amount, 0) * 10000 as hugeint) as lower,
        cast(orders.discounts_order * 10000 as hugeint) as all_order,
        cast(orders.discounts_shop * 10000 as hugeint) as all_shop,
        coalesce(roundings.unallocated_order, 0) as unallocated_order
    from orders
    left join told on orders.order_id = told.order_id
    left join roundings on orders.order_id = roundings.order_id
    where told.order_id is not null or orders.discounts_order <> 0 or orders.discounts_shop <> 0
),

final as (
    select
        order_id || '#' || discount_number as discount_id,
        order_id,
        customer_id,
        channel_id,
        currency_code,
        discount_code,
        discount_kind,
        discount_origin,
        {{ money('told_amount') }} as told_order,
        {{ money(
            'if(whole = 0, if(discount_number = 1, all_order, 0), '
            ~ 'all_order * upper // nullif(whole, 0) - all_order * lower // nullif(whole, 0)) * 0.0001'
        ) }} as discount_order,
        {{ money(
            'if(whole = 0, if(discount_number = 1, all_shop, 0), '
            ~ 'all_shop * upper // nullif(whole, 0) - all_shop * lower // nullif(whole, 0)) * 0.0001'
        ) }} as discount_shop,
        {{ money('if(discount_number = 1, unallocated_order, 0)') }} as unallocated_order,
        ordered_at,
        order_date
    from shared
)

select * from final
