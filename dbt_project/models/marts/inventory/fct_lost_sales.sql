{#- What would have been sold on days that ended without stock: the place's demand of that day, times the product's
    share in it on days with stock within six weeks before and after; less what was sold. docs/decisions/0023.
-#}
with

demand as (
    select
        lines.product_id,
        places.location_id,
        lines.order_date as demand_date,
        sum(lines.demand_quantity) as units,
        sum(lines.gross_sales_shop - lines.discount_shop) as sales_shop
    from {{ ref('fct_order_line') }} as lines
    inner join {{ ref('int_channels__locations') }} as places using (channel_id)
    group by all
),

-- priced as it was sold last before the day
prices as (
    select
        product_id,
        location_id,
        demand_date,
        sales_shop / cast(units as double) as unit_price_shop
    from demand
    where units > 0 and sales_shop > 0
),

place_days as (
    select
        location_id,
        demand_date,
        cast(sum(units) as bigint) as place_units
    from demand
    group by all
),

outs as (
    select distinct
        product_id,
        location_id
    from {{ ref('fct_stockout') }}
),

days as (
    select
        daily.product_id,
        daily.location_id,
        daily.stock_date,
        daily.closing_units <= 0 as is_out,
        coalesce(demand.units, 0) as sold_units,
        coalesce(place_days.place_units, 0) as place_units
    from {{ ref('fct_stock_daily') }} as daily
    inner join outs using (product_id, location_id)
    left join demand
        on
            daily.product_id = demand.product_id
            and daily.location_id = demand.location_id
            and daily.stock_date = demand.demand_date
    left join place_days
        on daily.location_id = place_days.location_id and daily.stock_date = place_days.demand_date
),

compared as (
    select
        days.*,
        sum(days.sold_units) filter (where not days.is_out) over around as sold_around,
        sum(days.place_units) filter (where not days.is_out) over around as place_around,
        count(*) filter (where not days.is_out) over around as day_count_around
    from days
    window around as (
        partition by product_id, location_id
        order by stock_date
        rows between 42 preceding and 42 following
    )
),

estimated as (
    select
        *,
        place_units * cast(sold_around as double) / nullif(place_around, 0) as expected_units
    from compared
    where is_out
),

final as (
    select
        estimated.product_id,
        estimated.location_id,
        cast(estimated.sold_units as bigint) as sold_units,
        cast(estimated.expected_units as decimal(18, 4)) as expected_units,
        cast(greatest(estimated.expected_units - estimated.sold_units, 0) as decimal(18, 4)) as lost_units,
        cast(estimated.day_count_around as bigint) as comparable_day_count,
        estimated.day_count_around < {{ supply_assumption('least_comparable_days') }} as is_weak,
        {{ money('coalesce(prices.unit_price_shop, products.current_price_shop)') }} as unit_price_shop,
        {{ money(
            'greatest(estimated.expected_units - estimated.sold_units, 0)'
            ~ ' * coalesce(prices.unit_price_shop, products.current_price_shop)'
        ) }} as lost_sales_shop,
        estimated.stock_date as lost_date
    from estimated
    left join {{ ref('dim_product') }} as products on estimated.product_id = products.product_id
    asof left join prices
        on
            estimated.product_id = prices.product_id
            and estimated.location_id = prices.location_id
            and estimated.stock_date >= prices.demand_date
    where estimated.expected_units is not null
)

select * from final
