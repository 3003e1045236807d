{#- What one unit of each currency is worth in the shop's, day by day. A day without a fixing has the one before it. -#}
{{ config(pre_hook="{{ keep_rates_of_before() }}") }}

with

build as (
    select
        shop_currency,
        cast(timezone(shop_time_zone, timezone('UTC', as_of)) as date) as as_of_date
    from {{ source('raw', 'build') }}
),

first_line as (
    select
        least(
            (select cast(min(occurred_at) as date) from {{ source('raw', 'order_lines') }}),
            (select cast(min(occurred_at) as date) from {{ source('raw', 'crawl_pages') }})
        ) - 1 as first_date
),

-- of two sources that tell a day's rate, the one that was learned of last
fixings as (
    select
        base_currency_code,
        currency_code,
        rate_date,
        rate
    from {{ ref('stg_fx_rates') }}
    where rate > 0 and currency_code <> base_currency_code
    qualify row_number() over (
        partition by base_currency_code, currency_code, rate_date
        order by known_at desc, source asc, load_id desc, source_row desc
    ) = 1
),

-- a base is worth one of itself on each day that it was priced
quotes as (
    select * from fixings
    union all
    select distinct
        base_currency_code,
        base_currency_code as currency_code,
        rate_date,
        cast(1 as decimal(18, 8)) as rate
    from fixings
),

stretches as (
    select
        *,
        lead(rate_date) over (
            partition by base_currency_code, currency_code order by rate_date
        ) - 1 as last_valid_date
    from quotes
),

-- the days that the data can ask for: a line's local day may be the one after the build's
daily as (
    select
        stretches.base_currency_code,
        stretches.currency_code,
        stretches.rate_date as quoted_date,
        stretches.rate,
        cast(unnest(generate_series(
            greatest(stretches.rate_date, coalesce(first_line.first_date, build.as_of_date)),
            least(coalesce(stretches.last_valid_date, build.as_of_date + 1), build.as_of_date + 1),
            interval 1 day
        )) as date) as rate_date
    from stretches
    cross join build
    cross join first_line
),

crossed as (
    select
        daily.base_currency_code,
        daily.currency_code,
        daily.rate_date,
        least(daily.quoted_date, shop.quoted_date) as quoted_date,
        -- whole numbers throughout: a quotient of decimals would be a float
        cast((
            {{ whole_rate('shop.rate') }} * 100000000000 // {{ whole_rate('daily.rate') }} + 5
        ) // 10 as bigint) as ten_billionths
    from daily
    cross join build
    inner join daily as shop
        on
            daily.base_currency_code = shop.base_currency_code
            and daily.rate_date = shop.rate_date
            and build.shop_currency = shop.currency_code
    where daily.currency_code <> build.shop_currency
),

final as (
    select
        currency_code,
        cast(
            cast(ten_billionths as decimal(18, 0)) * cast(0.0000000001 as decimal(10, 10)) as decimal(18, 10)
        ) as rate_to_shop,
        quoted_date < rate_date as is_carried_forward,
        rate_date,
        quoted_date
    from crossed
    -- where a currency is priced against several bases, the freshest price
    qualify row_number() over (
        partition by currency_code, rate_date order by quoted_date desc, base_currency_code asc
    ) = 1
)

select * from final
