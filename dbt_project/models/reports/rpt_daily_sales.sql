with

days as (
    select
        dates.date_day,
        dates.is_trading_day
    from {{ ref('dim_date') }} as dates
    where
        -- a refund may come on a day on which nothing was ordered
        dates.date_day <= greatest(
            (select max(orders.order_date) from {{ ref('fct_order') }} as orders),
            (select max(returns.return_date) from {{ ref('fct_return') }} as returns),
            (select max(charges.charge_date) from {{ ref('fct_charge') }} as charges)
        )
),

sold as (
    select
        order_date as sales_date,
        sum(gross_sales_shop) as gross_sales_shop,
        sum(discounts_shop) as discounts_shop,
        count(*) filter (where not is_fully_cancelled) as order_count,
        sum(demand_unit_count) as unit_count
    from {{ ref('fct_order') }}
    group by order_date
),

discounted as (
    select
        charge_date as sales_date,
        -sum(amount_shop) as discounts_shop
    from {{ ref('fct_charge') }}
    where charge_kind = 'discount'
    group by charge_date
),

returned as (
    select
        return_date as sales_date,
        sum(amount_shop) filter (where return_kind = 'cancellation') as cancellations_shop,
        sum(amount_shop) filter (where return_kind <> 'cancellation') as returns_shop
    from {{ ref('fct_return') }}
    group by return_date
),

joined as (
    select
        days.date_day as sales_date,
        days.is_trading_day,
        coalesce(sold.order_count, 0) as order_count,
        coalesce(sold.unit_count, 0) as unit_count,
        coalesce(sold.gross_sales_shop, 0) as gross_sales_shop,
        coalesce(sold.discounts_shop, 0) + coalesce(discounted.discounts_shop, 0) as discounts_shop,
        coalesce(returned.cancellations_shop, 0) as cancellations_shop,
        coalesce(returned.returns_shop, 0) as returns_shop
    from days
    left join sold on days.date_day = sold.sales_date
    left join discounted on days.date_day = discounted.sales_date
    left join returned on days.date_day = returned.sales_date
),

final as (
    select
        sales_date,
        cast(order_count as bigint) as order_count,
        cast(unit_count as bigint) as unit_count,
        {{ money('gross_sales_shop') }} as gross_sales_shop,
        {{ money('discounts_shop') }} as discounts_shop,
        {{ money('cancellations_shop') }} as cancellations_shop,
        {{ money('returns_shop') }} as returns_shop,
        {{ money('gross_sales_shop - discounts_shop - cancellations_shop - returns_shop') }} as net_sales_shop,
        is_trading_day
    from joined
)

select * from final
