{#- From the first day with data to sixty days past the build's knowledge time, so that forecasts find their dates. -#}
with

first_line as (
    select min(occurred_date) as first_date from {{ ref('int_order_lines__classified') }}
),

build_day as (
    select cast(timezone(shop_time_zone, timezone('UTC', as_of)) as date) as as_of_date
    from {{ source('raw', 'build') }}
),

bounds as (
    select
        coalesce(first_line.first_date, build_day.as_of_date) as first_date,
        build_day.as_of_date + 60 as last_date
    from build_day
    cross join first_line
),

spine as (
    select cast(unnest(generate_series(first_date, last_date, interval 1 day)) as date) as date_day from bounds
),

trading as (
    select distinct order_date from {{ ref('fct_order') }}
),

final as (
    select
        spine.date_day,
        cast(date_trunc('week', spine.date_day) as date) as week_start_date,
        cast(date_trunc('month', spine.date_day) as date) as month_start_date,
        cast(isoyear(spine.date_day) as integer) as iso_year,
        cast(week(spine.date_day) as integer) as iso_week,
        cast(isodow(spine.date_day) as integer) as iso_day_of_week,
        trading.order_date is not null as is_trading_day
    from spine
    left join trading on spine.date_day = trading.order_date
)

select * from final
