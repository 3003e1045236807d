with

build as (
    select * from {{ source('raw', 'build') }}
),

lines as (
    select
        payout_id,
        count(*) as line_count,
        count(distinct order_id) as order_count,
        {{ money('sum(amount_order)') }} as lines_amount_order,
        {{ money('coalesce(sum(amount_order) filter (where line_kind = \'fee\'), 0)') }} as fees_order,
        {{ money('coalesce(sum(amount_order) filter (where line_kind = \'refund\'), 0)') }} as refunds_order
    from {{ ref('fct_settlement_line') }}
    where payout_id is not null
    group by payout_id
),

rates as (
    select * from {{ ref('dim_currency_rate') }}
),

final as (
    select
        payouts.source || '/' || payouts.payout_ref as payout_id,
        payouts.source,
        payouts.currency_code,
        payouts.status as source_status,
        coalesce(lines.line_count, 0) as line_count,
        coalesce(lines.order_count, 0) as order_count,
        {{ money('payouts.amount') }} as amount_order,
        {{ money('coalesce(lines.lines_amount_order, 0)') }} as lines_amount_order,
        {{ money('payouts.amount - coalesce(lines.lines_amount_order, 0)') }} as difference_order,
        {{ money('coalesce(lines.refunds_order, 0)') }} as refunds_order,
        {{ money('coalesce(lines.fees_order, 0)') }} as fees_order,
        {{ money(
            'payouts.amount * if(payouts.currency_code = build.shop_currency, 1, rates.rate_to_shop)'
        ) }} as amount_shop,
        payouts.period_start_at,
        payouts.period_end_at,
        payouts.occurred_at as paid_at,
        {{ local_date('payouts.occurred_at') }} as paid_date
    from {{ ref('stg_payouts') }} as payouts
    cross join build
    left join lines on payouts.source || '/' || payouts.payout_ref = lines.payout_id
    left join rates
        on payouts.currency_code = rates.currency_code and {{ local_date('payouts.occurred_at') }} = rates.rate_date
)

select * from final
