{#- How a product's demand behaves, week by week. A week in which it could not be bought says nothing about demand:
    without sales and with stock on too few days it does not count. docs/decisions/0034.
-#}
with

-- the last whole weeks that the sales hold
span as (
    select
        cast(date_trunc('week', max(sales_date) + 1) as date) as end_date,
        min(sales_date) as first_date
    from {{ ref('fct_daily_product_sales') }}
    having max(sales_date) is not null
),

weeks as (
    select
        cast(unnest(generate_series(
            greatest(
                end_date - 7 * {{ sales_number('demand_weeks') }},
                cast(date_trunc('week', first_date + 6) as date)
            ),
            end_date - 7,
            interval 7 day
        )) as date) as week_start_date
    from span
),

frame as (
    select
        min(week_start_date) as from_date,
        max(week_start_date) + 6 as to_date
    from weeks
    having count(*) > 0
),

sold as (
    select
        daily.product_id,
        cast(date_trunc('week', daily.sales_date) as date) as week_start_date,
        sum(daily.demand_units) as units
    from {{ ref('fct_daily_product_sales') }} as daily
    inner join frame on daily.sales_date between frame.from_date and frame.to_date
    group by all
),

-- a product is out on a day when there is nothing of it at any place whose books are kept
places as (
    select
        product_id,
        count(distinct location_id) as place_count
    from {{ ref('fct_stock_level') }}
    group by product_id
),

empty_days as (
    select
        levels.product_id,
        levels.location_id,
        cast(unnest(generate_series(
            greatest(levels.valid_from_date, frame.from_date),
            least(coalesce(levels.valid_to_date, frame.to_date), frame.to_date),
            interval 1 day
        )) as date) as stock_date
    from {{ ref('fct_stock_level') }} as levels
    inner join frame
        on
            levels.valid_from_date <= frame.to_date
            and coalesce(levels.valid_to_date, frame.to_date) >= frame.from_date
    where levels.on_hand_units <= 0
),

out_days as (
    select
        empty_days.product_id,
        empty_days.stock_date
    from empty_days
    inner join places on empty_days.product_id = places.product_id
    group by empty_days.product_id, empty_days.stock_date, places.place_count
    having count(*) = places.place_count
),

out_weeks as (
    select
        product_id,
        cast(date_trunc('week', stock_date) as date) as week_start_date,
        count(*) as out_day_count
    from out_days
    group by all
),

-- from the week in which it sold first
product_weeks as (
    select
        products.product_id,
        weeks.week_start_date,
        cast(coalesce(sold.units, 0) as bigint) as units,
        coalesce(sold.units, 0) > 0
        or 7 - coalesce(out_weeks.out_day_count, 0) >= {{ sales_number('stocked_days') }} as counts
    from {{ ref('dim_product') }} as products
    inner join weeks on products.first_sold_date < weeks.week_start_date + 7
    left join sold on products.product_id = sold.product_id and weeks.week_start_date = sold.week_start_date
    left join out_weeks
        on products.product_id = out_weeks.product_id and weeks.week_start_date = out_weeks.week_start_date
    where products.has_been_sold
),

measured as (
    select
        product_id,
        min(week_start_date) as from_date,
        max(week_start_date) + 6 as to_date,
        count(*) as week_count,
        count(*) filter (where not counts) as out_week_count,
        count(*) filter (where counts) as counted_week_count,
        count(*) filter (where units > 0) as demand_week_count,
        sum(units) as demand_units,
        avg(units) filter (where counts) as mean_units,
        {{ sd_of_counts('units', 'counts') }} as sd_units,
        avg(units) filter (where units > 0) as mean_size,
        {{ sd_of_counts('units', 'units > 0') }} as sd_size
    from product_weeks
    group by product_id
),

ratios as (
    select
        *,
        cast(counted_week_count / cast(nullif(demand_week_count, 0) as double) as decimal(18, 4)) as adi,
        cast(pow(coalesce(sd_size, 0) / mean_size, 2) as decimal(18, 4)) as cv2,
        cast(sd_units / nullif(mean_units, 0) as decimal(18, 4)) as cv
    from measured
),

classed as (
    select
        *,
        case
            when demand_week_count = 0 then 'no_demand'
            when counted_week_count < {{ sales_number('least_demand_weeks') }} then 'too_short'
            when adi < {{ sales_assumption('interval_cut') }} and cv2 < {{ sales_assumption('size_cut') }} then 'smooth'
            when adi < {{ sales_assumption('interval_cut') }} then 'erratic'
            when cv2 < {{ sales_assumption('size_cut') }} then 'intermittent'
            else 'lumpy'
        end as demand_class
    from ratios
),

final as (
    select
        classed.product_id,
        products.product_title,
        products.category,
        products.abc_class,
        case
            when classed.demand_class in ('no_demand', 'too_short') then null
            when classed.cv <= {{ sales_assumption('x_cut') }} then 'X'
            when classed.cv <= {{ sales_assumption('y_cut') }} then 'Y'
            else 'Z'
        end as xyz_class,
        classed.demand_class,
        cast(classed.demand_units as bigint) as demand_units,
        cast(classed.mean_units as decimal(18, 4)) as units_per_week,
        classed.adi,
        classed.cv2,
        classed.cv,
        classed.week_count,
        classed.out_week_count,
        classed.counted_week_count,
        classed.demand_week_count,
        places.product_id is not null as is_stock_known,
        products.net_sales_year_shop,
        {{ percent_of(
            'greatest(products.net_sales_year_shop, 0)', 'sum(greatest(products.net_sales_year_shop, 0)) over ()'
        ) }} as sales_share_pct,
        classed.from_date,
        classed.to_date
    from classed
    inner join {{ ref('dim_product') }} as products on classed.product_id = products.product_id
    left join places on classed.product_id = places.product_id
)

select * from final
