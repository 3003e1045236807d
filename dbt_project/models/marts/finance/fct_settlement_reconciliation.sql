{#- What each order says is to come through its source's payouts, and what came. Expected: what was captured through
    the gateways that the source pays out, less refunds; or, of a marketplace that takes all the money, the order's
    total less its refunds. -#}
with

build as (
    select * from {{ source('raw', 'build') }}
),

gateways as (
    select * from {{ ref('settled_gateways') }}
    where settles
),

settling as (
    select distinct source from gateways
),

taking_all as (
    select distinct source from gateways
    where gateway = '*'
),

orders as (
    select * from {{ ref('stg_orders') }}
    where
        not is_deleted and not coalesce(is_test, false)
        and source in (select settling.source from settling)
),

-- through a named gateway: the payments say what it moved
through_gateways as (
    select
        payments.order_id,
        {{ money('sum(if(payments.payment_kind = \'refund\', 0, payments.amount))') }} as sales,
        {{ money('sum(if(payments.payment_kind = \'refund\', payments.amount, 0))') }} as refunds,
        min(payments.occurred_at) as paid_at
    from {{ ref('stg_payments') }} as payments
    inner join gateways on payments.source = gateways.source and payments.gateway = gateways.gateway
    where
        payments.payment_status = 'success'
        and payments.payment_kind in ('sale', 'capture', 'refund')
        and not payments.is_deleted
    group by payments.order_id
),

refunded as (
    select
        order_id,
        {{ money('sum(amount)') }} as refunds
    from {{ ref('stg_refunds') }}
    where not is_deleted
    group by order_id
),

paid as (
    select
        order_id,
        min(occurred_at) as paid_at
    from {{ ref('stg_payments') }}
    where payment_status = 'success' and payment_kind in ('sale', 'capture') and not is_deleted
    group by order_id
),

-- a marketplace that takes all the money
through_marketplaces as (
    select
        orders.order_id,
        {{ money('orders.total_amount') }} as sales,
        {{ money('coalesce(refunded.refunds, 0)') }} as refunds,
        coalesce(paid.paid_at, orders.occurred_at) as paid_at
    from orders
    left join refunded on orders.order_id = refunded.order_id
    left join paid on orders.order_id = paid.order_id
    where
        orders.source in (select taking_all.source from taking_all)
        and orders.total_amount is not null
        and (
            paid.order_id is not null
            or coalesce(orders.payment_status, '') in ('paid', 'partially_refunded', 'refunded')
        )
),

expected as (
    select * from through_gateways
    union all
    select * from through_marketplaces
),

settled as (
    select
        order_id,
        source,
        min(currency_code) as currency_code,
        {{ money('sum(if(line_kind in (\'fee\', \'adjustment\'), 0, amount_order))') }} as sales_less_refunds,
        {{ money('sum(if(line_kind = \'adjustment\', amount_order, 0))') }} as adjustments,
        {{ money('sum(if(line_kind = \'fee\', amount_order, 0))') }} as fees,
        {{ money('coalesce(sum(amount_order) filter (where is_paid_out), 0)') }} as paid_out,
        bool_and(is_paid_out) as is_paid_out,
        max(posted_at) as last_posted_at
    from {{ ref('fct_settlement_line') }}
    where order_id is not null
    group by all
),

keys as (
    select order_id from expected
    union
    select order_id from settled
),

compared as (
    select
        keys.order_id,
        coalesce(orders.source, settled.source, split_part(keys.order_id, '/', 1)) as source,
        coalesce(orders.channel_id, '(unallocated)') as channel_id,
        coalesce(settled.currency_code, orders.currency_code) as currency_code,
        {{ money('coalesce(expected.sales, 0)') }} as expected_sales_order,
        {{ money('coalesce(expected.refunds, 0)') }} as expected_refunds_order,
        {{ money('coalesce(expected.sales, 0) - coalesce(expected.refunds, 0)') }} as expected_order,
        {{ money('coalesce(settled.sales_less_refunds, 0)') }} as settled_order,
        {{ money('coalesce(settled.adjustments, 0)') }} as adjustments_order,
        {{ money('coalesce(settled.fees, 0)') }} as fees_order,
        {{ money('coalesce(settled.paid_out, 0)') }} as paid_out_order,
        {{ money(
            'coalesce(settled.sales_less_refunds, 0) + coalesce(settled.adjustments, 0)'
            ~ ' - coalesce(expected.sales, 0) + coalesce(expected.refunds, 0)'
        ) }} as difference_order,
        settled.order_id is not null as has_settlement,
        coalesce(settled.is_paid_out, false) as is_paid_out,
        coalesce(expected.paid_at, orders.occurred_at, settled.last_posted_at) as paid_at,
        settled.last_posted_at
    from keys
    left join orders on keys.order_id = orders.order_id
    left join expected on keys.order_id = expected.order_id
    left join settled on keys.order_id = settled.order_id
),

final as (
    select
        compared.order_id,
        compared.source,
        compared.channel_id,
        compared.currency_code,
        case
            when
                abs(compared.difference_order) <= {{ finance_assumption('settlement_tolerance') }}
                and (
                    compared.is_paid_out
                    -- a statement older than the marketplace keeps will not come any more
                    or coalesce(compared.last_posted_at, compared.paid_at)
                    + to_days(cast({{ finance_assumption('settlement_grace_days') }} as integer)) <= build.as_of
                ) then 'matched'
            when abs(compared.difference_order) <= {{ finance_assumption('settlement_tolerance') }} then 'pending'
            when
                not compared.has_settlement
                and compared.paid_at
                + to_days(cast({{ finance_assumption('settlement_grace_days') }} as integer)) > build.as_of
                then 'pending'
            when compared.difference_order < 0 then 'short'
            else 'over'
        end as settlement_status,
        compared.expected_sales_order,
        compared.expected_refunds_order,
        compared.expected_order,
        compared.settled_order,
        compared.adjustments_order,
        compared.fees_order,
        compared.paid_out_order,
        compared.difference_order,
        compared.has_settlement,
        compared.is_paid_out,
        compared.paid_at,
        compared.last_posted_at
    from compared
    cross join build
)

select * from final
