{#- Which refund a line that gives back belongs to. Where the source tells refunds: the one of its record, or, where the
    record is the whole order's (Shopify), the one of its moment. Elsewhere what one order took back on one day is one
    refund. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__orders', 'order_id') }}"
) }}

with

order_lines as (
    select * from {{ ref('int_order_lines__classified') }}
    where {{ only_changed('int_changes__orders', 'order_id') }}
),

refunds as (
    select
        order_id,
        refund_ref,
        record_ref,
        occurred_at
    from {{ ref('stg_refunds') }}
    where {{ only_changed('int_changes__orders', 'order_id') }}
),

orders as (
    select
        order_id,
        record_ref
    from {{ ref('stg_orders') }}
    where {{ only_changed('int_changes__orders', 'order_id') }}
),

told as (
    select
        order_lines.order_line_id,
        order_lines.order_id,
        refunds.refund_ref
    from order_lines
    inner join refunds
        on order_lines.order_id = refunds.order_id and order_lines.record_ref = refunds.record_ref
    left join orders on order_lines.order_id = orders.order_id
    where
        order_lines.record_ref is distinct from orders.record_ref
        or (
            order_lines.quantity < 0
            and order_lines.line_kind <> 'rounding'
            and order_lines.occurred_at = refunds.occurred_at
        )
    qualify row_number() over (
        partition by order_lines.order_line_id
        order by order_lines.occurred_at = refunds.occurred_at desc, refunds.refund_ref
    ) = 1
),

final as (
    select
        told.order_line_id,
        told.order_id,
        told.order_id || '#' || told.refund_ref as refund_id
    from told
    union all
    select
        order_lines.order_line_id,
        order_lines.order_id,
        order_lines.order_id || '@' || order_lines.occurred_date as refund_id
    from order_lines
    where
        order_lines.order_line_id not in (select told.order_line_id from told)
        and order_lines.is_credit
        and order_lines.line_kind in ('product', 'shipping', 'goodwill')
)

select * from final
