{#- What marketplaces and gateways keep. A gateway's own payouts tell it best; where it is not paid out by the source,
    or no line of a payout has come for the order, what the shop says of the payment counts. -#}
with

build as (
    select * from {{ source('raw', 'build') }}
),

settlement_lines as (
    select * from {{ ref('fct_settlement_line') }}
),

told as (
    select distinct source_kind from settlement_lines
    where line_kind = 'fee'
),

kinds as (
    select
        told.source_kind,
        arg_min(fee_kinds.fee_kind, fee_kinds.fee_order) as fee_kind,
        arg_min(fee_kinds.fee_group, fee_kinds.fee_order) as fee_group
    from told
    inner join {{ ref('fee_kinds') }} as fee_kinds
        on regexp_full_match(told.source_kind, fee_kinds.source_pattern, 'i')
    group by told.source_kind
),

from_settlements as (
    select
        lines.settlement_line_id as fee_id,
        lines.order_id,
        lines.product_id,
        lines.channel_id,
        lines.source,
        lines.currency_code,
        'settlement' as fee_basis,
        -- a gateway's account or subscription fee belongs to no order
        case
            when kinds.fee_kind <> 'adjustment' then kinds.fee_kind
            when lines.order_id is null then 'subscription'
            else 'chargeback'
        end as fee_kind,
        kinds.fee_group,
        {{ money('-lines.amount_order') }} as fee_order,
        {{ money('-lines.amount_shop') }} as fee_shop,
        lines.posted_at as charged_at,
        lines.posted_date as fee_date
    from settlement_lines as lines
    inner join kinds on lines.source_kind = kinds.source_kind
    where lines.line_kind = 'fee'
),

settled_orders as (
    select distinct order_id from settlement_lines
    where order_id is not null
),

orders as (
    select
        order_id,
        channel_id
    from {{ ref('stg_orders') }}
    where not coalesce(is_test, false)
),

from_payments as (
    select
        payments.source || '/payment/' || payments.payment_ref as fee_id,
        payments.order_id,
        cast(null as varchar) as product_id,
        orders.channel_id,
        payments.source,
        payments.currency_code,
        'payment' as fee_basis,
        'payment' as fee_kind,
        'payment' as fee_group,
        {{ money('payments.fee_amount') }} as fee_order,
        {{ money(
            'payments.fee_amount * if(payments.currency_code = build.shop_currency, 1, rates.rate_to_shop)'
        ) }} as fee_shop,
        payments.occurred_at as charged_at,
        {{ local_date('payments.occurred_at') }} as fee_date
    from {{ ref('stg_payments') }} as payments
    cross join build
    inner join orders on payments.order_id = orders.order_id
    left join {{ ref('settled_gateways') }} as gateways
        on
            payments.source = gateways.source
            and gateways.settles
            and (gateways.gateway = '*' or payments.gateway = gateways.gateway)
    left join settled_orders on payments.order_id = settled_orders.order_id
    left join {{ ref('dim_currency_rate') }} as rates
        on payments.currency_code = rates.currency_code and {{ local_date('payments.occurred_at') }} = rates.rate_date
    where
        payments.fee_amount <> 0
        and payments.payment_status = 'success'
        and not payments.is_deleted
        and (gateways.source is null or settled_orders.order_id is null)
),

final as (
    select * from from_settlements
    union all
    select * from from_payments
)

select * from final
