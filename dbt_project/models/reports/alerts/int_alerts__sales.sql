{#- Rules about prices, margins and refunds. Those about a share of the last days are computed for each of the last 60
    days, so that the table says since when the condition has held, and which ended lately. -#}
{{ config(schema='intermediate', contract={'enforced': false}) }}
with

build as (
    {{ alert_build() }}
),

undercuts as (
    select
        product_id,
        product_title,
        source,
        any_value(competitor_title) as competitor_title,
        max(below_ours_pct) as below_ours_pct,
        max(own_price_shop) as own_price_shop,
        min(competitor_price_shop) as competitor_price_shop,
        max(net_sales_year_shop) as net_sales_year_shop,
        min(since_date) as since_date,
        max(price_date) as price_date
    from {{ ref('rpt_price_alert') }}
    group by product_id, product_title, source
),

sold as (
    select
        orders.channel_id,
        orders.order_date as sales_date,
        sum(orders.gross_sales_shop - orders.discounts_shop) as sales_shop,
        0 as returns_shop,
        0 as refund_count
    from {{ ref('fct_order') }} as orders
    cross join build
    where orders.order_date > build.last_date - 130
    group by orders.channel_id, orders.order_date
    union all
    select
        returns.channel_id,
        returns.return_date as sales_date,
        0 as sales_shop,
        sum(returns.amount_shop) as returns_shop,
        count(distinct returns.return_id) as refund_count
    from {{ ref('fct_return') }} as returns
    cross join build
    where returns.return_date > build.last_date - 130
    group by returns.channel_id, returns.return_date
),

selling as (
    select distinct channel_id from sold
),

channel_days as (
    select
        channels.channel_id,
        days.date_day,
        coalesce(sum(sold.sales_shop), 0) as sales_shop,
        coalesce(sum(sold.returns_shop), 0) as returns_shop,
        coalesce(sum(sold.refund_count), 0) as refund_count
    from selling as channels
    cross join build
    inner join {{ ref('dim_date') }} as days
        on days.date_day > build.last_date - 130 and build.last_date >= days.date_day
    left join sold on channels.channel_id = sold.channel_id and days.date_day = sold.sales_date
    group by channels.channel_id, days.date_day
),

channel_rolling as (
    select
        channel_id,
        date_day,
        sum(sales_shop) over latest as sales_shop,
        sum(returns_shop) over latest as returns_shop,
        sum(refund_count) over latest as refund_count,
        sum(sales_shop) over earlier as sales_before_shop,
        sum(returns_shop) over earlier as returns_before_shop
    from channel_days
    window
        latest as (partition by channel_id order by date_day rows between 6 preceding and current row),
        earlier as (partition by channel_id order by date_day rows between 62 preceding and 7 preceding)
),

channel_shares as (
    select
        rolling.*,
        build.last_date,
        coalesce(100.0 * cast(rolling.returns_shop as double) / nullif(cast(rolling.sales_shop as double), 0), 0)
            as share_pct,
        coalesce(
            100.0 * cast(rolling.returns_before_shop as double) / nullif(cast(rolling.sales_before_shop as double), 0),
            0
        ) as share_before_pct
    from channel_rolling as rolling
    cross join build
    where rolling.date_day > build.last_date - 60
),

channel_held as (
    select
        *,
        share_pct >= {{ alert_number('refund_spike_channel') }}
        and share_pct >= 2 * share_before_pct
        and sales_before_shop > 0
        and refund_count >= {{ alert_number('refund_spike_channel', 'minimum') }} as holds
    from channel_shares
),

channel_runs as (
    select
        *,
        max(if(holds, null, date_day)) over (partition by channel_id order by date_day) as broken_date,
        max(if(holds, date_day, null)) over (partition by channel_id) as last_held_date
    from channel_held
),

product_days as (
    select
        sales.product_id,
        sales.sales_date,
        sales.demand_units,
        sales.returned_units,
        sales.returns_shop
    from {{ ref('fct_daily_product_sales') }} as sales
    cross join build
    where sales.sales_date > build.last_date - {{ alert_days('refund_spike_product') }}
),

product_returns as (
    select
        product_id,
        sum(demand_units) as sold_units,
        sum(returned_units) as returned_units,
        sum(returns_shop) as returns_shop,
        min(sales_date) filter (where returned_units > 0) as first_return_date
    from product_days
    group by product_id
),

unit_costs as (
    select
        policies.product_id,
        max(policies.unit_cost_shop) as unit_cost_shop
    from {{ source('models', 'inventory_policy') }} as policies
    where policies.unit_cost_source = 'supplied'
    group by policies.product_id
),

margin_days as (
    select
        sales.product_id,
        sales.sales_date,
        sales.net_sales_shop,
        sales.net_sales_shop - (sales.demand_units - sales.returned_units) * costs.unit_cost_shop as margin_shop,
        costs.unit_cost_shop
    from {{ ref('fct_daily_product_sales') }} as sales
    cross join build
    inner join unit_costs as costs on sales.product_id = costs.product_id
    where sales.sales_date > build.last_date - 60 - {{ alert_days('margin_below_floor') }}
),

margin_rolling as (
    select
        product_id,
        sales_date,
        unit_cost_shop,
        sum(net_sales_shop) over latest as net_sales_shop,
        sum(margin_shop) over latest as margin_shop
    from margin_days
    window latest as (
        partition by product_id
        order by sales_date range between interval 27 day preceding and current row
    )
),

margin_held as (
    select
        *,
        100.0 * cast(margin_shop as double) / nullif(cast(net_sales_shop as double), 0) as margin_pct,
        coalesce(margin_pct < {{ alert_number('margin_below_floor') }}, false)
        and net_sales_shop >= {{ alert_number('margin_below_floor', 'minimum') }} as holds
    from margin_rolling
),

margin_since as (
    select
        product_id,
        max(sales_date) filter (where not holds) as broken_date,
        min(sales_date) as first_date,
        arg_max(holds, sales_date) as holds_now,
        arg_max(margin_pct, sales_date) as margin_pct,
        arg_max(margin_shop, sales_date) as margin_shop,
        arg_max(net_sales_shop, sales_date) as net_sales_shop,
        max(unit_cost_shop) as unit_cost_shop,
        max(sales_date) as last_sales_date
    from margin_held
    group by product_id
),

margin_first as (
    select
        held.product_id,
        min(held.sales_date) as first_held_date
    from margin_held as held
    inner join margin_since as since on held.product_id = since.product_id
    where held.holds and held.sales_date > coalesce(since.broken_date, date '1900-01-01')
    group by held.product_id
),

final as (
    select
        'margin_below_floor' as rule_id,
        since.product_id as subject_id,
        coalesce(products.product_title, since.product_id) as subject_title,
        since.margin_pct as metric_value,
        -- what is missing to the floor
        {{ money(
            'cast(since.net_sales_shop as double) * (' ~ alert_number('margin_below_floor') ~ ' - since.margin_pct) / 100'
        ) }} as value_at_stake_shop,
        margin_first.first_held_date as first_seen_date,
        build.last_date as last_seen_date,
        json_object(
            'net_sales_shop', since.net_sales_shop,
            'margin_shop', since.margin_shop,
            'unit_cost_shop', since.unit_cost_shop,
            'last_sales_date', since.last_sales_date
        ) as evidence
    from margin_since as since
    cross join build
    inner join margin_first on since.product_id = margin_first.product_id
    left join {{ ref('dim_product') }} as products on since.product_id = products.product_id
    where since.holds_now and since.last_sales_date > build.last_date - {{ alert_days('margin_below_floor') }}
    union all
    select
        'price_undercut' as rule_id,
        undercuts.product_id || ' @ ' || undercuts.source as subject_id,
        undercuts.product_title || ' – ' || undercuts.competitor_title as subject_title,
        undercuts.below_ours_pct as metric_value,
        -- what the difference comes to on a month's sales
        {{ money(
            'greatest(undercuts.net_sales_year_shop, 0) / 12 * undercuts.below_ours_pct / 100'
        ) }} as value_at_stake_shop,
        undercuts.since_date as first_seen_date,
        undercuts.price_date as last_seen_date,
        json_object(
            'product_id', undercuts.product_id,
            'source', undercuts.source,
            'own_price_shop', undercuts.own_price_shop,
            'competitor_price_shop', undercuts.competitor_price_shop,
            'net_sales_year_shop', undercuts.net_sales_year_shop
        ) as evidence
    from undercuts
    union all
    select
        'refund_spike_channel' as rule_id,
        runs.channel_id as subject_id,
        channels.channel_name as subject_title,
        runs.share_pct as metric_value,
        {{ money('runs.returns_shop') }} as value_at_stake_shop,
        coalesce(runs.broken_date + 1, runs.last_date - 59) as first_seen_date,
        runs.last_held_date as last_seen_date,
        json_object(
            'returns_shop', runs.returns_shop,
            'sales_shop', runs.sales_shop,
            'refund_count', runs.refund_count,
            'usual_share_pct', round(runs.share_before_pct, 2)
        ) as evidence
    from channel_runs as runs
    inner join {{ ref('dim_channel') }} as channels on runs.channel_id = channels.channel_id
    where runs.date_day = runs.last_held_date and runs.last_held_date > runs.last_date - 14
    union all
    select
        'refund_spike_product' as rule_id,
        returned.product_id as subject_id,
        coalesce(products.product_title, returned.product_id) as subject_title,
        100.0 * returned.returned_units / greatest(returned.sold_units, returned.returned_units) as metric_value,
        {{ money('returned.returns_shop') }} as value_at_stake_shop,
        returned.first_return_date as first_seen_date,
        build.last_date as last_seen_date,
        json_object(
            'returned_units', returned.returned_units,
            'sold_units', returned.sold_units,
            'returns_shop', returned.returns_shop
        ) as evidence
    from product_returns as returned
    cross join build
    left join {{ ref('dim_product') }} as products on returned.product_id = products.product_id
    where
        returned.returned_units >= {{ alert_number('refund_spike_product', 'minimum') }}
        and 100.0 * returned.returned_units / greatest(returned.sold_units, returned.returned_units)
        >= {{ alert_number('refund_spike_product') }}
)

select * from final
