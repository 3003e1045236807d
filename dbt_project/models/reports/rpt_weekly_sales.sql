with

daily as (
    select
        sales.*,
        dates.week_start_date
    from {{ ref('rpt_daily_sales') }} as sales
    inner join {{ ref('dim_date') }} as dates on sales.sales_date = dates.date_day
),

final as (
    select
        week_start_date,
        {{ period_measures() }},
        -- the data begin or end inside this week
        min(sales_date) > week_start_date
        or max(sales_date) < cast(week_start_date + interval 1 week as date) - 1 as is_partial
    from daily
    group by week_start_date
)

select * from final
