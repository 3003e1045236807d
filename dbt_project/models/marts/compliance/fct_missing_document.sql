{#- What an invoice or the books would lack: one row for each order or receipt and what is missing of it. -#}
with

build as (
    {{ alert_build() }}
),

orders as (
    select
        told.order_id,
        told.source,
        {{ local_date('told.occurred_at') }} as document_date,
        coalesce(nullif(trim(told.order_number), ''), split_part(told.order_id, '/', 2)) = '' as lacks_number,
        told.total_amount is null as lacks_total,
        told.tax_amount is null as lacks_tax
    from {{ ref('stg_orders') }} as told
    cross join build
    where
        not told.is_deleted
        and not coalesce(told.is_test, false)
        and told.payment_status in ('paid', 'partially_refunded', 'refunded')
        and told.status = 'completed'
        and {{ local_date('told.occurred_at') }} > {{ checked_since('missing_invoice_data') }}
        and told.order_id is not null
),

costs as (
    select product_id
    from {{ ref('stg_product_costs') }}
    where unit_cost > 0
    union
    select product_id
    from {{ ref('stg_product_supply') }}
    where unit_cost > 0
),

bought as (
    select distinct
        purchase_order_ref,
        product_id
    from {{ ref('stg_purchase_order_lines') }}
    where unit_cost > 0
),

receipts as (
    select
        received.source || '/' || received.receipt_ref || '/' || received.product_id as document_id,
        received.source,
        received.product_id,
        {{ local_date('received.occurred_at') }} as document_date,
        bought.product_id is null as lacks_order_price,
        received.product_id in (select costs.product_id from costs) as has_other_cost
    from {{ ref('stg_receipts') }} as received
    cross join build
    left join bought
        on received.purchase_order_ref = bought.purchase_order_ref and received.product_id = bought.product_id
    where {{ local_date('received.occurred_at') }} > {{ checked_since('receipt_without_price') }}
),

final as (
    select
        'order' as document_kind,
        order_id as document_id,
        source,
        concat_ws(
            ', ', if(lacks_number, 'number', null), if(lacks_total, 'total', null), if(lacks_tax, 'tax', null)
        ) as missing_parts,
        document_date
    from orders
    where lacks_number or lacks_total or lacks_tax
    union all
    select distinct
        'receipt' as document_kind,
        document_id,
        source,
        if(has_other_cost, 'price of the purchase order', 'any price') as missing_parts,
        document_date
    from receipts
    where lacks_order_price
)

select * from final
