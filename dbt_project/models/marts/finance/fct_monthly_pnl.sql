with

build as (
    select {{ local_date('build.as_of') }} as as_of_date
    from {{ source('raw', 'build') }} as build
),

contribution as (
    select
        cast(date_trunc('month', sales_date) as date) as month_start_date,
        min(sales_date) as first_date,
        sum(gross_sales_shop) as gross_sales,
        sum(discounts_shop) as discounts,
        sum(returns_shop) as returns,
        sum(net_sales_shop) as net_sales,
        sum(cost_of_goods_shop) as cost_of_goods,
        sum(gross_margin_shop) as gross_margin,
        sum(marketplace_fees_shop) as marketplace_fees,
        sum(payment_fees_shop) as payment_fees,
        sum(shipping_paid_shop) as shipping_paid,
        sum(shipping_charged_shop) as shipping_charged,
        sum(advertising_shop) as advertising,
        sum(contribution_margin_shop) as contribution_margin
    from {{ ref('fct_contribution') }}
    group by month_start_date
),

-- broken, miscounted, and what arrived broken
losses as (
    select
        cast(date_trunc('month', lost_date) as date) as month_start_date,
        sum(amount) as stock_losses
    from (
        select
            cost_date as lost_date,
            cost_fifo_shop as amount
        from {{ ref('fct_cost_of_goods') }}
        where issue_kind = 'loss'
        union all
        select
            layer_date as lost_date,
            damaged_units * unit_cost_shop as amount
        from {{ ref('int_cost_layers__dated') }}
        where damaged_units <> 0
    )
    group by month_start_date
),

-- paid back without goods, charged without goods; a voucher sold is a debt, no income
others as (
    select
        cast(date_trunc('month', charge_date) as date) as month_start_date,
        sum(amount_shop) as other_charges
    from {{ ref('fct_charge') }}
    where charge_kind not in ('shipping', 'gift_voucher')
    group by month_start_date
),

disputes as (
    select
        cast(date_trunc('month', posted_date) as date) as month_start_date,
        -sum(coalesce(amount_shop, 0)) as disputes_lost
    from {{ ref('fct_settlement_line') }}
    where line_kind = 'adjustment'
    group by month_start_date
),

months as (
    select month_start_date from contribution
    union
    select month_start_date from losses
    union
    select month_start_date from others
    union
    select month_start_date from disputes
),

summed as (
    select
        months.month_start_date,
        coalesce(contribution.gross_sales, 0) as gross_sales,
        coalesce(contribution.discounts, 0) as discounts,
        coalesce(contribution.returns, 0) as returns,
        coalesce(contribution.net_sales, 0) as net_sales,
        coalesce(contribution.cost_of_goods, 0) as cost_of_goods,
        coalesce(contribution.gross_margin, 0) as gross_margin,
        coalesce(contribution.marketplace_fees, 0) as marketplace_fees,
        coalesce(contribution.payment_fees, 0) as payment_fees,
        coalesce(contribution.shipping_paid, 0) as shipping_paid,
        coalesce(contribution.shipping_charged, 0) as shipping_charged,
        coalesce(contribution.advertising, 0) as advertising,
        coalesce(contribution.contribution_margin, 0) as contribution_margin,
        coalesce(losses.stock_losses, 0) as stock_losses,
        coalesce(disputes.disputes_lost, 0) as disputes_lost,
        coalesce(others.other_charges, 0) as other_charges
    from months
    left join contribution on months.month_start_date = contribution.month_start_date
    left join losses on months.month_start_date = losses.month_start_date
    left join others on months.month_start_date = others.month_start_date
    left join disputes on months.month_start_date = disputes.month_start_date
),

-- each line's part of each month
actuals as (
    select
        months.month_start_date,
        lines.line_id,
        lines.line_order,
        lines.line_level,
        lines.is_total,
        lines.good_direction,
        {{ money('case lines.line_id
            when \'gross_sales\' then months.gross_sales
            when \'discounts\' then months.discounts
            when \'returns\' then months.returns
            when \'net_sales\' then months.net_sales
            when \'cost_of_goods\' then months.cost_of_goods
            when \'gross_margin\' then months.gross_margin
            when \'marketplace_fees\' then months.marketplace_fees
            when \'payment_fees\' then months.payment_fees
            when \'shipping_paid\' then months.shipping_paid
            when \'shipping_charged\' then months.shipping_charged
            when \'advertising\' then months.advertising
            when \'contribution_margin\' then months.contribution_margin
            when \'stock_losses\' then months.stock_losses
            when \'disputes_lost\' then months.disputes_lost
            when \'other_charges\' then months.other_charges
            when \'operating_contribution\'
                then months.contribution_margin - months.stock_losses - months.disputes_lost + months.other_charges
        end') }} as actual_shop,
        {{ money('months.net_sales') }} as net_sales_shop
    from summed as months
    cross join {{ ref('pnl_lines') }} as lines
),

budgets as (
    select
        targets.target_month as month_start_date,
        mapped.line_id,
        {{ money('sum(targets.target_shop)') }} as budget_shop
    from {{ ref('int_targets__converted') }} as targets
    inner join {{ ref('pnl_budgets') }} as mapped
        on targets.metric = mapped.metric and mapped.team in ('*', targets.team)
    group by all
),

limits as (
    select
        least(
            (select min(order_date) from {{ ref('fct_order_line') }}),
            (select min(posted_date) from {{ ref('fct_settlement_line') }})
        ) as first_date
),

compared as (
    select
        actuals.*,
        budgets.budget_shop,
        before.actual_shop as prior_month_shop,
        year_before.actual_shop as prior_year_shop,
        actuals.month_start_date < limits.first_date
        or actuals.month_start_date + interval 1 month > build.as_of_date as is_partial_month
    from actuals
    cross join build
    cross join limits
    left join budgets
        on actuals.month_start_date = budgets.month_start_date and actuals.line_id = budgets.line_id
    left join actuals as before
        on actuals.line_id = before.line_id and actuals.month_start_date - interval 1 month = before.month_start_date
    left join actuals as year_before
        on
            actuals.line_id = year_before.line_id
            and actuals.month_start_date - interval 1 year = year_before.month_start_date
),

final as (
    select
        month_start_date,
        line_id,
        line_order,
        line_level,
        is_total,
        coalesce(is_partial_month, false) as is_partial_month,
        actual_shop,
        budget_shop,
        {{ money('actual_shop - budget_shop') }} as variance_shop,
        {{ pct_of('actual_shop - budget_shop', 'abs(budget_shop)') }} as variance_pct,
        if(good_direction = 'up', actual_shop >= budget_shop, actual_shop <= budget_shop) as is_favourable,
        prior_month_shop,
        prior_year_shop,
        {{ pct_of('actual_shop', 'net_sales_shop') }} as net_sales_pct
    from compared
)

select * from final
