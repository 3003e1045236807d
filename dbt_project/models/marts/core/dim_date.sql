{#- From the first day with data to sixty days past the build's knowledge time, so that forecasts find their dates. -#}
with

first_line as (
    select min(occurred_date) as first_date from {{ ref('int_order_lines__classified') }}
),

build_day as (
    select
        cast(timezone(build.shop_time_zone, timezone('UTC', build.as_of)) as date) as as_of_date,
        zones.country_code
    from {{ source('raw', 'build') }} as build
    left join {{ ref('time_zone_countries') }} as zones on build.shop_time_zone = zones.time_zone
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

-- what holds in a whole country; a part's own holidays are in dim_holiday
days_told as (
    select
        holidays.holiday_date,
        count(distinct holidays.country_code) filter (where holidays.holiday_kind = 'public') as holiday_country_count,
        string_agg(distinct holidays.holiday_name, ', ' order by holidays.holiday_name) filter (
            where holidays.holiday_kind = 'public' and holidays.country_code = build_day.country_code
        ) as holiday_name,
        string_agg(distinct holidays.holiday_name, ', ' order by holidays.holiday_name) filter (
            where holidays.holiday_kind <> 'public' and holidays.country_code = build_day.country_code
        ) as event_name
    from {{ ref('dim_holiday') }} as holidays
    cross join build_day
    where holidays.region = 'all'
    group by holidays.holiday_date
),

final as (
    select
        spine.date_day,
        cast(date_trunc('week', spine.date_day) as date) as week_start_date,
        cast(date_trunc('month', spine.date_day) as date) as month_start_date,
        cast(isoyear(spine.date_day) as integer) as iso_year,
        cast(week(spine.date_day) as integer) as iso_week,
        cast(isodow(spine.date_day) as integer) as iso_day_of_week,
        trading.order_date is not null as is_trading_day,
        isodow(spine.date_day) >= 6 as is_weekend,
        days_told.holiday_name is not null as is_holiday,
        days_told.event_name is not null as is_event,
        days_told.holiday_name,
        days_told.event_name,
        coalesce(days_told.holiday_country_count, 0) as holiday_country_count
    from spine
    left join trading on spine.date_day = trading.order_date
    left join days_told on spine.date_day = days_told.holiday_date
)

select * from final
