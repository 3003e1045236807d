{#- What customers wanted and did not find: the place's demand of the day, times the product's share in it on days that
    began with stock within six weeks before and after, times the share of it that orders of the place's usual sizes ask
    for beyond what was left the evening before. Left is what lies there and is promised to no order. docs/decisions/0023.
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

sizes as (
    select
        places.location_id,
        lines.demand_quantity as units,
        count(*) as line_count
    from {{ ref('fct_order_line') }} as lines
    inner join {{ ref('int_channels__locations') }} as places using (channel_id)
    where lines.demand_quantity > 0
    group by all
),

steps as (
    select unnest(generate_series(0, 59)) as left_units
),

-- the share of all units that are asked for beyond so many
short_shares as (
    select
        sizes.location_id,
        steps.left_units,
        cast(sum(greatest(sizes.units - steps.left_units, 0) * sizes.line_count) as double)
        / sum(sizes.units * sizes.line_count) as short_share
    from sizes
    cross join steps
    group by all
),

ordered as (
    select
        daily.product_id,
        daily.location_id,
        daily.stock_date,
        daily.opening_units,
        daily.closing_units,
        coalesce(demand.units, 0) as sold_units,
        coalesce(place_days.place_units, 0) as place_units,
        cast(sum(coalesce(demand.units, 0) + daily.sale_units) over (
            partition by daily.product_id, daily.location_id order by daily.stock_date
        ) as bigint) as unsent_units
    from {{ ref('fct_stock_daily') }} as daily
    left join demand
        on
            daily.product_id = demand.product_id
            and daily.location_id = demand.location_id
            and daily.stock_date = demand.demand_date
    left join place_days
        on daily.location_id = place_days.location_id and daily.stock_date = place_days.demand_date
),

-- within four weeks there was a day on which nothing was promised: what is never sent does not stay promised
promised as (
    select
        *,
        unsent_units - min(unsent_units) over (
            partition by product_id, location_id order by stock_date
            rows between 27 preceding and current row
        ) as promised_units
    from ordered
),

days as (
    select
        *,
        cast(greatest(
            lag(closing_units - promised_units, 1, opening_units) over (
                partition by product_id, location_id order by stock_date
            ), 0
        ) as bigint) as left_units
    from promised
),

compared as (
    select
        days.*,
        sum(days.sold_units) filter (where days.left_units > 0) over around as sold_around,
        sum(days.place_units) filter (where days.left_units > 0) over around as place_around,
        count(*) filter (where days.left_units > 0) over around as day_count_around
    from days
    window around as (
        partition by product_id, location_id
        order by stock_date
        rows between 42 preceding and 42 following
    )
),

estimated as (
    select
        compared.*,
        compared.place_units * cast(compared.sold_around as double)
        / nullif(compared.place_around, 0) as expected_units,
        short_shares.short_share
    from compared
    inner join short_shares using (location_id, left_units)
),

final as (
    select
        estimated.product_id,
        estimated.location_id,
        estimated.left_units,
        cast(estimated.sold_units as bigint) as sold_units,
        cast(estimated.expected_units as decimal(18, 4)) as expected_units,
        cast(estimated.expected_units * estimated.short_share as decimal(18, 4)) as lost_units,
        cast(estimated.day_count_around as bigint) as comparable_day_count,
        estimated.day_count_around < {{ supply_assumption('least_comparable_days') }} as is_weak,
        {{ money('coalesce(prices.unit_price_shop, products.current_price_shop)') }} as unit_price_shop,
        {{ money(
            'estimated.expected_units * estimated.short_share'
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
    where estimated.expected_units * estimated.short_share >= 0.0001
)

select * from final
