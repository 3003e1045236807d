{#- How much more or less than usual is sold in a month of the year and on a day of the week, in all and by category.
    A month is compared with the mean of its own twelve months, so that growth from year to year does not tilt it;
    growth within a year does. docs/decisions/0034.
    Means are of whole numbers and decimals only: a sum of doubles depends on the order of its rows, and the same
    records would give an index that differs in its last digit from one build to the next.
-#}
with

daily as (
    select
        coalesce(products.category, '(none)') as category,
        sales.sales_date,
        sum(sales.demand_units) as units,
        sum(sales.gross_sales_shop - sales.discounts_shop) as sales_shop
    from {{ ref('fct_daily_product_sales') }} as sales
    left join {{ ref('dim_product') }} as products on sales.product_id = products.product_id
    group by all
),

-- up to the last whole month; each twelve months counted back from there are a year
span as (
    select
        min(sales_date) as first_date,
        cast(date_trunc('month', max(sales_date) + 1) as date) as end_date
    from daily
    having max(sales_date) is not null
),

frame as (
    select
        greatest(
            cast(end_date - to_years({{ sales_number('season_years') }}) as date),
            cast(date_trunc('month', first_date + interval 1 month - interval 1 day) as date)
        ) as from_date,
        end_date
    from span
),

days as (
    select
        end_date,
        cast(day_moment as date) as sales_date,
        cast(date_trunc('month', day_moment) as date) as month_start_date,
        -- months from this one to the end, and of these whole years
        date_diff('month', date_trunc('month', day_moment), end_date) - 1 as months_back
    from (
        select
            end_date,
            unnest(generate_series(from_date, end_date - 1, interval 1 day)) as day_moment
        from frame
    ) as unnested
),

years as (
    select (max(months_back) + 1) // 12 as year_count from days
),

groups as (
    select distinct
        'category' as scope,
        category
    from daily
    union all
    select
        'total' as scope,
        '(all)' as category
    from span
),

sales as (
    select
        'category' as scope,
        category,
        sales_date,
        units,
        sales_shop
    from daily
    union all
    select
        'total' as scope,
        '(all)' as category,
        sales_date,
        sum(units) as units,
        sum(sales_shop) as sales_shop
    from daily
    group by sales_date
),

filled as (
    select
        groups.scope,
        groups.category,
        days.sales_date,
        days.month_start_date,
        days.months_back // 12 as year_back,
        days.months_back // 12 < years.year_count as is_in_year,
        years.year_count,
        -- whole weeks, counted back from the end
        date_diff('day', days.sales_date, days.end_date) - 1 < 7 * (count(*) over of_group // 7) as is_in_week,
        cast(coalesce(sales.units, 0) as bigint) as units,
        cast(coalesce(sales.sales_shop, 0) as decimal(24, 4)) as sales_shop
    from groups
    cross join days
    cross join years
    left join sales
        on groups.scope = sales.scope and groups.category = sales.category and days.sales_date = sales.sales_date
    window of_group as (partition by groups.scope, groups.category)
),

-- each month's day against the mean of its year's twelve
monthly as (
    select
        scope,
        category,
        year_count,
        year_back,
        month_start_date,
        cast(avg(units) as decimal(28, 8)) as units_per_day,
        cast(avg(sales_shop) as decimal(28, 8)) as sales_per_day
    from filled
    where is_in_year
    group by all
),

month_ratios as (
    select
        *,
        cast(units_per_day / nullif(avg(units_per_day) over of_year, 0) as decimal(28, 8)) as unit_ratio,
        cast(sales_per_day / nullif(avg(sales_per_day) over of_year, 0) as decimal(28, 8)) as sales_ratio
    from monthly
    window of_year as (partition by scope, category, year_back)
),

months as (
    select
        scope,
        category,
        'month' as season_kind,
        month(month_start_date) as season_number,
        avg(unit_ratio) as unit_index,
        avg(sales_ratio) as sales_index,
        avg(units_per_day) as units_per_day,
        avg(sales_per_day) as sales_per_day,
        count(*) as period_count,
        min(year_count) as year_count
    from month_ratios
    group by all
),

weekday_means as (
    select
        scope,
        category,
        isodow(sales_date) as season_number,
        cast(avg(units) as decimal(28, 8)) as units_per_day,
        cast(avg(sales_shop) as decimal(28, 8)) as sales_per_day,
        count(*) as period_count,
        min(year_count) as year_count
    from filled
    where is_in_week
    group by all
),

weekdays as (
    select
        scope,
        category,
        'weekday' as season_kind,
        season_number,
        units_per_day / nullif(avg(units_per_day) over of_group, 0) as unit_index,
        sales_per_day / nullif(avg(sales_per_day) over of_group, 0) as sales_index,
        units_per_day,
        sales_per_day,
        period_count,
        year_count
    from weekday_means
    window of_group as (partition by scope, category)
),

numbers as (
    select
        'month' as season_kind,
        unnest(range(1, 13)) as season_number
    union all
    select
        'weekday' as season_kind,
        unnest(range(1, 8)) as season_number
),

measured as (
    select * from months
    union all
    select * from weekdays
),

final as (
    select
        groups.scope,
        groups.category,
        numbers.season_kind,
        numbers.season_number,
        cast(measured.unit_index as decimal(18, 4)) as unit_index,
        cast(measured.sales_index as decimal(18, 4)) as sales_index,
        cast(measured.units_per_day as decimal(18, 4)) as units_per_day,
        {{ money('measured.sales_per_day') }} as sales_per_day_shop,
        coalesce(measured.period_count, 0) as period_count,
        cast(years.year_count as bigint) as year_count,
        coalesce(years.year_count, 0) < 1 as is_too_short,
        frame.from_date,
        frame.end_date - 1 as to_date
    from groups
    cross join numbers
    cross join frame
    cross join years
    left join measured using (scope, category, season_kind, season_number)
)

select * from final
