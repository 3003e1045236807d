{#- Each category's own demand week by week, weeks without sales included, against the four weeks before and the same
    week of last year. A week that the data does not hold whole is compared with nothing. -#}
with

build as (
    select * from {{ source('raw', 'build') }}
),

sales as (
    select
        coalesce(products.category, '(none)') as category,
        cast(date_trunc('week', daily.sales_date) as date) as week_start_date,
        sum(daily.demand_units) as demand_units,
        sum(daily.net_sales_shop) as net_sales_shop
    from {{ ref('fct_daily_product_sales') }} as daily
    left join {{ ref('dim_product') }} as products on daily.product_id = products.product_id
    group by all
),

categories as (
    select distinct category from sales
),

span as (
    select
        min(sales_date) as first_date,
        max(sales_date) as last_date
    from {{ ref('fct_daily_product_sales') }}
),

weeks as (
    select
        cast(unnest(generate_series(
            date_trunc('week', first_date), date_trunc('week', last_date), interval 7 day
        )) as date) as week_start_date
    from span
    where first_date is not null
),

filled as (
    select
        categories.category,
        weeks.week_start_date,
        coalesce(sales.demand_units, 0) as demand_units,
        coalesce(sales.net_sales_shop, 0) as net_sales_shop,
        weeks.week_start_date >= span.first_date
        and weeks.week_start_date + 7 <= {{ local_date('build.as_of') }} as is_whole_week
    from categories
    cross join weeks
    cross join span
    cross join build
    left join sales on categories.category = sales.category and weeks.week_start_date = sales.week_start_date
),

compared as (
    select
        *,
        count(*) filter (where is_whole_week) over four_before as before_weeks,
        sum(demand_units) over four_before as before_units,
        sum(net_sales_shop) over four_before as before_sales_shop,
        lag(if(is_whole_week, demand_units, null), 52) over by_week as year_ago_units,
        lag(if(is_whole_week, net_sales_shop, null), 52) over by_week as year_ago_sales_shop
    from filled
    window
        by_week as (partition by category order by week_start_date),
        four_before as (partition by category order by week_start_date rows between 4 preceding and 1 preceding)
),

final as (
    select
        category,
        cast(demand_units as bigint) as demand_units,
        {{ money('net_sales_shop') }} as net_sales_shop,
        {{ percent_of('demand_units', 'sum(demand_units) over of_week') }} as unit_share_pct,
        {{ percent_of('net_sales_shop', 'sum(net_sales_shop) over of_week') }} as sales_share_pct,
        if(
            is_whole_week and before_weeks = 4,
            {{ percent_of('4 * demand_units - before_units', 'before_units') }},
            null
        ) as units_against_4_weeks_pct,
        if(
            is_whole_week and before_weeks = 4,
            {{ percent_of('4 * net_sales_shop - before_sales_shop', 'before_sales_shop') }},
            null
        ) as sales_against_4_weeks_pct,
        if(is_whole_week, {{ percent_of('demand_units - year_ago_units', 'year_ago_units') }}, null)
            as units_against_year_pct,
        if(is_whole_week, {{ percent_of('net_sales_shop - year_ago_sales_shop', 'year_ago_sales_shop') }}, null)
            as sales_against_year_pct,
        is_whole_week,
        week_start_date
    from compared
    window of_week as (partition by week_start_date)
)

select * from final
