with

lines as (
    select
        purchase_order_ref || '/' || purchase_order_line_ref as purchase_order_line_id,
        supplier_ref,
        quantity,
        occurred_at,
        expected_at
    from {{ ref('stg_purchase_order_lines') }}
),

final as (
    select
        receipts.source || '/' || receipts.receipt_ref || '/' || receipts.source_row as receipt_id,
        receipts.purchase_order_ref as purchase_order_id,
        receipts.purchase_order_ref || '/' || receipts.purchase_order_line_ref as purchase_order_line_id,
        receipts.product_id,
        receipts.location_ref as location_id,
        lines.supplier_ref as supplier_id,
        receipts.quantity as received_units,
        coalesce(receipts.damaged_quantity, 0) as damaged_units,
        receipts.quantity - coalesce(receipts.damaged_quantity, 0) as accepted_units,
        sum(receipts.quantity) over (
            partition by receipts.purchase_order_ref, receipts.purchase_order_line_ref
            order by receipts.occurred_at, receipts.receipt_ref, receipts.source_row
            rows between unbounded preceding and current row
        ) >= lines.quantity as is_complete,
        cast(date_diff('second', lines.occurred_at, receipts.occurred_at) / 86400.0 as decimal(9, 2)) as lead_time_days,
        {{ local_date('receipts.occurred_at') }} - {{ local_date('lines.expected_at') }} as late_days,
        receipts.occurred_at as received_at,
        receipts.known_at,
        {{ local_date('receipts.occurred_at') }} as received_date
    from {{ ref('stg_receipts') }} as receipts
    cross join {{ source('raw', 'build') }} as build
    left join lines
        on receipts.purchase_order_ref || '/' || receipts.purchase_order_line_ref = lines.purchase_order_line_id
)

select * from final
