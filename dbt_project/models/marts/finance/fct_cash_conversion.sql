{#- How long money is tied up: DIO = average stock / (cost of goods / days), DSO = average receivables / (net sales /
    days), DPO = average payables / (purchases / days), CCC = DIO + DSO - DPO (CFA Institute, Corporate Issuers,
    working capital and liquidity). Receivables: posted by marketplaces and gateways, and not yet paid out. Payables:
    received, and within the supplier's term of payment; no source tells when suppliers are paid. -#}
with

build as (
    select {{ local_date('build.as_of') }} as as_of_date
    from {{ source('raw', 'build') }} as build
),

sales as (
    select
        sales_date,
        sum(net_sales_shop) as net_sales,
        sum(cost_of_goods_shop) as cost_of_goods
    from {{ ref('fct_contribution') }}
    group by sales_date
),

covered as (
    select
        min(sales.sales_date) as first_date,
        least(max(sales.sales_date), min(build.as_of_date) - 1) as last_date
    from sales
    cross join build
    where sales.net_sales <> 0
),

months as (
    select
        month_start_date,
        greatest(month_start_date, first_date) as first_date,
        least(cast(month_start_date + interval 1 month as date) - 1, last_date) as last_date,
        first_date > month_start_date
        or last_date < cast(month_start_date + interval 1 month as date) - 1 as is_partial_month
    from (
        select
            cast(unnest(generate_series(
                cast(date_trunc('month', first_date) as timestamp), cast(last_date as timestamp), interval 1 month
            )) as date) as month_start_date,
            first_date,
            last_date
        from covered
        where first_date is not null
    ) as begun
),

-- a day's end at which something is held: the day before the month, and its last
ends as (
    select
        month_start_date,
        'opening' as moment,
        first_date - 1 as end_date
    from months
    union all
    select
        month_start_date,
        'closing' as moment,
        last_date as end_date
    from months
),

stock_flows as (
    select
        layer_date as flow_date,
        units * unit_cost_shop as amount
    from {{ ref('int_cost_layers__dated') }}
    union all
    select
        cost_date as flow_date,
        -cost_fifo_shop as amount
    from {{ ref('fct_cost_of_goods') }}
),

-- what was on the shelf when the books begin was there the day before, whatever day a product first moved
first_day as (
    select min(flow_date) as flow_date from stock_flows
),

openings as (
    select
        first_day.flow_date,
        layers.units * layers.unit_cost_shop as amount
    from {{ ref('int_cost_layers__dated') }} as layers
    cross join first_day
    where layers.is_opening
    union all
    select
        layer_date as flow_date,
        -units * unit_cost_shop as amount
    from {{ ref('int_cost_layers__dated') }}
    where is_opening
),

inventory as (
    select
        flow_date as from_date,
        cast(null as date) as to_date,
        amount
    from stock_flows
    union all
    select
        flow_date as from_date,
        cast(null as date) as to_date,
        amount
    from openings
),

telling as (
    select distinct source from {{ ref('fct_payout') }}
),

receivables as (
    select
        lines.posted_date as from_date,
        coalesce(
            payouts.paid_date,
            -- in a payout whose statement is not kept: paid when those of its time were
            if(
                lines.payout_id is not null and telling.source is not null,
                lines.posted_date + cast({{ finance_assumption('settlement_grace_days') }} as integer),
                null
            )
        ) as to_date,
        coalesce(lines.amount_shop, 0) as amount
    from {{ ref('fct_settlement_line') }} as lines
    left join {{ ref('fct_payout') }} as payouts on lines.payout_id = payouts.payout_id
    left join telling on lines.source = telling.source
),

terms as (
    select
        supplier_ref,
        min(payment_days) as payment_days
    from {{ ref('stg_suppliers') }}
    where payment_days is not null
    group by supplier_ref
),

purchases as (
    select
        layers.layer_date as from_date,
        layers.layer_date + cast(
            coalesce(terms.payment_days, {{ finance_assumption('payment_days') }}) as integer
        ) as to_date,
        (layers.units + layers.damaged_units) * layers.unit_cost_shop as amount
    from {{ ref('int_cost_layers__dated') }} as layers
    left join terms on layers.supplier_ref = terms.supplier_ref
    where not layers.is_opening
),

holdings as (
    select
        'inventory' as kind,
        *
    from inventory
    union all
    select
        'receivables' as kind,
        *
    from receivables
    union all
    select
        'payables' as kind,
        *
    from purchases
),

-- one change a day, then running totals, so that months are looked up and not multiplied by all that ever was
changes as (
    select
        kind,
        change_date,
        sum(amount) as amount
    from (
        select
            kind,
            from_date as change_date,
            amount
        from holdings
        union all
        select
            kind,
            to_date as change_date,
            -amount as amount
        from holdings
        where to_date is not null
    ) as moved
    group by all
),

levels as (
    select
        kind,
        change_date,
        cast(sum(amount) over (partition by kind order by change_date) as decimal(28, 4)) as level
    from changes
),

kinds as (
    select unnest(['inventory', 'receivables', 'payables']) as kind
),

held as (
    select
        ends.month_start_date,
        ends.moment,
        kinds.kind,
        coalesce(levels.level, 0) as level
    from ends
    cross join kinds
    asof left join levels on kinds.kind = levels.kind and ends.end_date >= levels.change_date
),

balances as (
    select
        month_start_date,
        {% for kind in ['inventory', 'receivables', 'payables'] -%}
        {% for moment in ['opening', 'closing'] -%}
        {{ money(
            "sum(level) filter (where kind = '" ~ kind ~ "' and moment = '" ~ moment ~ "')"
        ) }} as {{ moment }}_{{ kind }}
        {%- if not loop.last %}, {% endif %}
        {%- endfor %}
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from held
    group by month_start_date
),

flows as (
    select
        months.month_start_date,
        coalesce(sum(sales.net_sales), 0) as net_sales,
        coalesce(sum(sales.cost_of_goods), 0) as cost_of_goods
    from months
    left join sales on sales.sales_date between months.first_date and months.last_date
    group by months.month_start_date
),

bought as (
    select
        months.month_start_date,
        coalesce(sum(purchases.amount), 0) as purchases
    from months
    left join purchases on purchases.from_date between months.first_date and months.last_date
    group by months.month_start_date
),

measured as (
    select
        months.month_start_date,
        months.last_date - months.first_date + 1 as day_count,
        months.is_partial_month,
        {{ money('flows.net_sales') }} as net_sales_shop,
        {{ money('flows.cost_of_goods') }} as cost_of_goods_shop,
        {{ money('bought.purchases') }} as purchases_shop,
        balances.opening_inventory as opening_inventory_shop,
        balances.closing_inventory as closing_inventory_shop,
        balances.opening_receivables as opening_receivables_shop,
        balances.closing_receivables as closing_receivables_shop,
        balances.opening_payables as opening_payables_shop,
        balances.closing_payables as closing_payables_shop,
        cast(round(
            cast(balances.opening_inventory + balances.closing_inventory as double) / 2
            / cast(nullif(flows.cost_of_goods, 0) as double) * (months.last_date - months.first_date + 1), 4
        ) as decimal(18, 4)) as inventory_days,
        cast(round(
            cast(balances.opening_receivables + balances.closing_receivables as double) / 2
            / cast(nullif(flows.net_sales, 0) as double) * (months.last_date - months.first_date + 1), 4
        ) as decimal(18, 4)) as receivable_days,
        cast(round(
            cast(balances.opening_payables + balances.closing_payables as double) / 2
            / cast(nullif(bought.purchases, 0) as double) * (months.last_date - months.first_date + 1), 4
        ) as decimal(18, 4)) as payable_days
    from months
    inner join balances on months.month_start_date = balances.month_start_date
    inner join flows on months.month_start_date = flows.month_start_date
    inner join bought on months.month_start_date = bought.month_start_date
),

final as (
    select
        month_start_date,
        cast(day_count as bigint) as day_count,
        is_partial_month,
        net_sales_shop,
        cost_of_goods_shop,
        purchases_shop,
        opening_inventory_shop,
        closing_inventory_shop,
        opening_receivables_shop,
        closing_receivables_shop,
        opening_payables_shop,
        closing_payables_shop,
        inventory_days,
        receivable_days,
        payable_days,
        {{ money('inventory_days + receivable_days - payable_days') }} as cash_conversion_days
    from measured
)

select * from final
