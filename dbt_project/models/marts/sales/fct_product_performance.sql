{#- Hot and slow sellers: the last days against as many before. Thresholds are the seed's; docs/decisions/0034. -#}
with

span as (
    select
        max(sales_date) as data_date,
        min(sales_date) as first_date
    from {{ ref('fct_daily_product_sales') }}
    having max(sales_date) is not null
),

windows as (
    select
        data_date - {{ sales_number('performance_days') }} + 1 as from_date,
        data_date as to_date,
        data_date - 2 * {{ sales_number('performance_days') }} + 1 as before_from_date,
        first_date <= data_date - 2 * {{ sales_number('performance_days') }} + 1 as is_compared
    from span
),

sold as (
    select
        daily.product_id,
        sum(daily.demand_units) filter (where daily.sales_date >= windows.from_date) as units,
        sum(daily.net_sales_shop) filter (where daily.sales_date >= windows.from_date) as net_sales_shop,
        sum(daily.returned_units) filter (where daily.sales_date >= windows.from_date) as returned_units,
        sum(daily.demand_units) filter (where daily.sales_date < windows.from_date) as before_units,
        sum(daily.net_sales_shop) filter (where daily.sales_date < windows.from_date) as before_sales_shop
    from {{ ref('fct_daily_product_sales') }} as daily
    inner join windows on daily.sales_date between windows.before_from_date and windows.to_date
    group by daily.product_id
),

stock as (
    select
        product_id,
        sum(on_hand_units) as on_hand_units
    from {{ ref('fct_stock_level') }}
    where valid_to_date is null
    group by product_id
),

compared as (
    select
        products.product_id,
        products.product_title,
        products.category,
        products.last_sold_date,
        windows.from_date,
        windows.to_date,
        windows.is_compared,
        stock.on_hand_units,
        coalesce(sold.units, 0) as units,
        coalesce(sold.returned_units, 0) as returned_units,
        coalesce(sold.net_sales_shop, 0) as net_sales_shop,
        if(windows.is_compared, coalesce(sold.before_units, 0), null) as before_units,
        if(windows.is_compared, coalesce(sold.before_sales_shop, 0), null) as before_sales_shop,
        {{ pct(
            'coalesce(sold.units, 0)',
            'coalesce(sold.units, 0) + if(stock.on_hand_units < 0, 0, stock.on_hand_units)'
        ) }} as sell_through_pct
    from {{ ref('dim_product') }} as products
    cross join windows
    left join sold on products.product_id = sold.product_id
    left join stock on products.product_id = stock.product_id
    where products.has_been_sold
),

ranked as (
    select
        *,
        units - before_units as change_units,
        row_number() over by_sales as sales_rank,
        {{ percent_of('greatest(net_sales_shop, 0)', 'sum(greatest(net_sales_shop, 0)) over ()') }} as sales_share_pct,
        {{ percent_of('sum(greatest(net_sales_shop, 0)) over so_far', 'sum(greatest(net_sales_shop, 0)) over ()') }}
            as cumulative_share_pct
    from compared
    window
        by_sales as (order by net_sales_shop desc, units desc, product_id asc),
        so_far as (
            order by net_sales_shop desc, units desc, product_id asc rows between unbounded preceding and current row
        )
),

-- two counts of one mean differ by the root of their sum: less than a few times that is chance
judged as (
    select
        *,
        coalesce(
            abs(change_units) >= before_units * {{ sales_assumption('change_pct') }} / 100
            and abs(change_units) >= {{ sales_assumption('change_sigmas') }} * sqrt(units + before_units)
            and change_units <> 0,
            false
        ) as is_changed
    from ranked
),

final as (
    select
        product_id,
        product_title,
        category,
        case
            when last_sold_date <= to_date - {{ sales_number('dead_days') }} then 'dead'
            when
                net_sales_shop > 0
                and cumulative_share_pct - sales_share_pct < {{ sales_assumption('hot_share_pct') }}
                and not (is_changed and change_units < 0)
                then 'hot'
            when is_changed and change_units > 0 then 'rising'
            when is_changed then 'slow'
            when units <= {{ sales_number('slow_units') }} then 'slow'
            when sell_through_pct < {{ sales_assumption('slow_sell_through_pct') }} then 'slow'
            else 'steady'
        end as performance,
        cast(units as bigint) as demand_units,
        cast(returned_units as bigint) as returned_units,
        {{ money('net_sales_shop') }} as net_sales_shop,
        sales_rank,
        sales_share_pct,
        cumulative_share_pct,
        cast(before_units as bigint) as before_units,
        {{ money('before_sales_shop') }} as before_sales_shop,
        {{ percent_of('change_units', 'before_units') }} as units_change_pct,
        {{ percent_of('net_sales_shop - before_sales_shop', 'if(before_sales_shop > 0, before_sales_shop, null)') }}
            as sales_change_pct,
        cast(on_hand_units as bigint) as on_hand_units,
        sell_through_pct,
        to_date - last_sold_date as days_since_sold,
        last_sold_date,
        from_date,
        to_date
    from judged
)

select * from final
