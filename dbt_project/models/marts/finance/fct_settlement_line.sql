{#- Of a marketplace that tells each amount twice, as a posting and in the settlement that pays it out, the settlement
    counts from the day that it has come, and the postings before. -#}
with

build as (
    select * from {{ source('raw', 'build') }}
),

-- a resource that tells payouts and their lines together: a line there is in the settlement's own words
statements as (
    select distinct
        loads.source,
        loads.load_id
    from {{ source('raw', 'loads') }} as loads
    inner join {{ source('raw', 'sources') }} as sources
        on loads.source = sources.source and loads.stream = sources.stream
    where
        list_contains(string_split(sources.tables, ', '), 'payouts')
        and list_contains(string_split(sources.tables, ', '), 'settlement_lines')
),

lines as (
    select
        told.*,
        statements.load_id is not null as is_statement
    from {{ ref('stg_settlement_lines') }} as told
    left join statements on told.source = statements.source and told.load_id = statements.load_id
),

payouts as (
    select * from {{ ref('stg_payouts') }}
),

settled as (
    select distinct
        lines.source,
        lines.payout_ref,
        lines.currency_code,
        payouts.period_start_at,
        payouts.period_end_at
    from lines
    inner join payouts on lines.source = payouts.source and lines.payout_ref = payouts.payout_ref
    where lines.is_statement
),

-- a posting that names no payout is in the settlement of its time and currency
superseded as (
    select distinct
        lines.source,
        lines.settlement_line_ref,
        lines.source_file,
        lines.source_row,
        lines.load_id
    from lines
    inner join settled
        on
            lines.source = settled.source
            and case
                when lines.payout_ref is not null then lines.payout_ref = settled.payout_ref
                else
                    lines.currency_code = settled.currency_code
                    and lines.occurred_at >= settled.period_start_at
                    and lines.occurred_at < settled.period_end_at
            end
    where not lines.is_statement
),

-- of a record's later version the same line may come with another load; of facts, nothing tells two apart but place
counted as (
    select
        lines.*,
        row_number() over (
            partition by lines.source, lines.is_statement, lines.settlement_line_ref
            order by lines.record_ref, lines.load_id, lines.source_file, lines.source_row
        ) as repeat_number
    from lines
    anti join superseded
        on
            lines.source = superseded.source
            and lines.settlement_line_ref is not distinct from superseded.settlement_line_ref
            and lines.source_file = superseded.source_file
            and lines.source_row = superseded.source_row
            and lines.load_id = superseded.load_id
),

orders as (
    select
        order_id,
        channel_id
    from {{ ref('stg_orders') }}
    where not is_deleted
),

only_channels as (
    select
        source,
        min(channel_id) as channel_id
    from {{ ref('dim_channel') }}
    group by source
    having count(*) = 1
),

rates as (
    select * from {{ ref('dim_currency_rate') }}
),

final as (
    select
        counted.source || if(counted.is_statement, '/settled/', '/posted/')
        || coalesce(counted.settlement_line_ref, counted.source_file || '#' || counted.source_row)
        || if(counted.repeat_number > 1, '~' || counted.repeat_number, '') as settlement_line_id,
        if(counted.payout_ref is null, null, counted.source || '/' || counted.payout_ref) as payout_id,
        counted.order_id,
        counted.product_id,
        coalesce(
            orders.channel_id, channels.channel_id, only_channels.channel_id, '(unallocated)'
        ) as channel_id,
        counted.source,
        counted.currency_code,
        counted.line_kind,
        counted.source_kind,
        counted.is_statement,
        payouts.payout_ref is not null as is_paid_out,
        counted.quantity,
        {{ money('counted.amount') }} as amount_order,
        {{ money(
            'counted.amount * if(counted.currency_code = build.shop_currency, 1, rates.rate_to_shop)'
        ) }} as amount_shop,
        counted.occurred_at as posted_at,
        counted.known_at,
        {{ local_date('counted.occurred_at') }} as posted_date
    from counted
    cross join build
    left join orders on counted.order_id = orders.order_id
    left join {{ ref('dim_channel') }} as channels on counted.channel_id = channels.channel_id
    left join only_channels on counted.source = only_channels.source
    left join payouts on counted.source = payouts.source and counted.payout_ref = payouts.payout_ref
    left join rates
        on counted.currency_code = rates.currency_code and {{ local_date('counted.occurred_at') }} = rates.rate_date
)

select * from final
