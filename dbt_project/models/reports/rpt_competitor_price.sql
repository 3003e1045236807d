{#- What each matched offer cost at the end of each day, carried forward for as long as its interval lasts; how long
    ago it was seen says how far that can be trusted. -#}
with

build as (
    select
        *,
        -- at midnight the day that has just ended is the last one
        cast(timezone(shop_time_zone, timezone('UTC', as_of - interval 1 second)) as date) as last_date
    from {{ source('raw', 'build') }}
),

matches as (
    select * from {{ source('models', 'offer_match') }}
    where status = 'matched' and product_id is not null
),

rates as (
    select * from {{ ref('dim_currency_rate') }}
),

intervals as (
    select
        prices.*,
        matches.product_id,
        matches.rule as match_rule,
        matches.score as match_score,
        {{ local_date('prices.valid_from') }} as first_date,
        coalesce({{ local_date('prices.valid_to') }} - 1, build.last_date) as final_date
    from {{ ref('fct_competitor_price') }} as prices
    cross join build
    inner join matches using (source, page_url, offer_ref)
),

-- from so long before the first day that is shown that it is known how stale each offer was on it
daily as (
    select
        intervals.*,
        cast(unnest(generate_series(
            greatest(
                intervals.first_date,
                build.last_date - {{ market_days('compared_days') }} - {{ market_days('stale_after_days') }}
            ),
            least(intervals.final_date, build.last_date),
            interval 1 day
        )) as date) as price_date
    from intervals
    cross join build
),

seen as (
    select distinct
        source,
        page_url,
        offer_ref,
        visit_date
    from {{ ref('fct_competitor_offer') }}
),

aged as (
    select
        daily.*,
        cast(daily.price_date - max(seen.visit_date) over (
            partition by daily.source, daily.page_url, daily.offer_ref order by daily.price_date
            rows between unbounded preceding and current row
        ) as bigint) as days_since_seen
    from daily
    left join seen
        on
            daily.source = seen.source
            and daily.page_url = seen.page_url
            and daily.offer_ref = seen.offer_ref
            and daily.price_date = seen.visit_date
),

converted as (
    select
        aged.*,
        build.last_date,
        {{ money(
            'aged.price_amount * if(aged.currency_code = build.shop_currency, 1, rates.rate_to_shop)'
        ) }} as day_price_shop,
        coalesce(aged.days_since_seen > {{ market_days('stale_after_days') }}, true) as is_stale
    from aged
    cross join build
    left join rates on aged.currency_code = rates.currency_code and aged.price_date = rates.rate_date
),

final as (
    select
        source,
        page_url,
        offer_ref,
        product_id,
        offer_title,
        seller,
        condition,
        availability,
        tax_note,
        currency_code,
        match_rule,
        cast(match_score as double) as match_score,
        has_price,
        is_discounted,
        is_in_stock,
        is_stale,
        not is_stale and day_price_shop is not null and coalesce(condition, 'new') = 'new' as is_comparable,
        days_since_seen,
        price_amount,
        list_price_amount,
        day_price_shop as price_shop,
        {{ money(
            'day_price_shop * if(tax_note = \'excluded\', 1 + ' ~ market_assumption('tax_pct') ~ ' / 100, 1)'
        ) }} as comparable_price_shop,
        valid_from,
        price_date
    from converted
    where price_date > last_date - {{ market_days('compared_days') }}
)

select * from final
