{#- The products of each order, with what they sold for after discounts: the key by which what an order costs is shared
    among them. Given away for nothing, it carries nothing; an order of nothing else is in no share. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__orders', 'order_id') }}"
) }}

with

weights as (
    select
        order_id,
        product_id,
        {{ money('greatest(sum(gross_sales_shop - discount_shop), 0)') }} as weight
    from {{ ref('fct_order_line') }}
    where {{ only_changed('int_changes__orders', 'order_id') }}
    group by all
),

final as (
    select
        order_id,
        product_id,
        weight,
        {{ money('sum(weight) over in_turn') }} as weight_so_far,
        {{ money('sum(weight) over (partition by order_id)') }} as order_weight
    from weights
    where weight > 0
    window in_turn as (
        partition by order_id order by product_id rows between unbounded preceding and current row
    )
)

select * from final
