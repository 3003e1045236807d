{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__orders', 'order_id', column='adjustment_number') }}"
) }}

with

adjustments as (
    select * from {{ ref('int_order_lines__classified') }}
    where
        row_class in ('write_off', 'stock_found')
        and {{ only_changed('int_changes__orders', 'order_id') }}
),

final as (
    select
        order_line_id as adjustment_id,
        order_id as adjustment_number,
        product_id,
        channel_id,
        row_class as adjustment_kind,
        product_title as note,
        quantity,
        occurred_at as adjusted_at,
        known_at,
        occurred_date as adjustment_date,
        source_file,
        source_row
    from adjustments
)

select * from final
