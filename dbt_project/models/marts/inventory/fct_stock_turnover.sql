{#- How often a month's sales would empty the shelf: goods sold, less those that came back, against the average of what
    lay there at the end of each day of the month. -#}
with

levels as (
    select
        levels.*,
        least(
            coalesce(levels.valid_to_date, {{ counted_date('build.as_of') }}), {{ counted_date('build.as_of') }}
        ) as last_date
    from {{ ref('fct_stock_level') }} as levels
    cross join {{ source('raw', 'build') }} as build
),

months as (
    select
        product_id,
        location_id,
        on_hand_units,
        valid_from_date,
        last_date,
        cast(unnest(generate_series(date_trunc('month', valid_from_date), last_date, interval 1 month)) as date)
            as month_start_date
    from levels
),

held as (
    select
        product_id,
        month_start_date,
        sum(on_hand_units * (
            least(last_date, last_day(month_start_date)) - greatest(valid_from_date, month_start_date) + 1
        )) as unit_days
    from months
    group by all
),

moved as (
    select
        product_id,
        cast(date_trunc('month', valid_from_date) as date) as month_start_date,
        -sum(sale_units + return_units) as sold_units
    from levels
    group by all
),

began as (
    select min(valid_from_date) as first_date from levels
),

-- the days of the month that the ledger knows
known as (
    select
        held.month_start_date,
        least(last_day(held.month_start_date), any_value({{ counted_date('build.as_of') }}))
        - greatest(held.month_start_date, min(began.first_date)) + 1 as day_count
    from held
    cross join {{ source('raw', 'build') }} as build
    cross join began
    group by held.month_start_date
),

final as (
    select
        held.product_id,
        known.day_count,
        cast(coalesce(moved.sold_units, 0) as bigint) as sold_units,
        cast(held.unit_days / cast(known.day_count as double) as decimal(18, 2)) as average_units,
        {{ money('costs.unit_cost_shop') }} as unit_cost_shop,
        {{ money('coalesce(moved.sold_units, 0) * costs.unit_cost_shop') }} as cost_of_goods_shop,
        {{ money('cast(held.unit_days as double) / known.day_count * costs.unit_cost_shop') }} as average_stock_shop,
        cast(
            coalesce(moved.sold_units, 0) * cast(known.day_count as double)
            / nullif(held.unit_days, 0) as decimal(18, 4)
        ) as turnover,
        cast(
            if(moved.sold_units > 0, cast(held.unit_days as double) / moved.sold_units, null) as decimal(18, 2)
        ) as inventory_days,
        held.month_start_date
    from held
    inner join known using (month_start_date)
    left join moved using (product_id, month_start_date)
    left join {{ ref('int_stock_costs__monthly') }} as costs using (product_id, month_start_date)
)

select * from final
