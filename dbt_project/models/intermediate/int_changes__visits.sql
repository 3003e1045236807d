{#- The visits to competitors' pages that this build must look at again: those that it adds or removes; those that
    repeat a content which it reads for the first time, or anew; and those with a price in another currency whose rate
    is not what it was. -#}
with

delta as (
    select
        source,
        stream,
        load_id
    from {{ source('raw', 'delta') }}
    where change = 'added'
),

changed_visits as (
    select
        source,
        page_url,
        content_sha256,
        outcome,
        occurred_at
    from {{ source('raw', 'crawl_pages') }}
    where (source, load_id, 'crawl_pages') in (select (delta.source, delta.load_id, delta.stream) from delta)
    union all
    select
        source,
        page_url,
        content_sha256,
        outcome,
        occurred_at
    from {{ source('raw', 'crawl_pages__removed') }}
),

changed_readings as (
    select
        source,
        page_url,
        content_sha256,
        occurred_at
    from changed_visits
    where outcome = 'fetched'
    union all
    select
        source,
        page_url,
        content_sha256,
        occurred_at
    from {{ source('raw', 'competitor_offers') }}
    where (source, load_id, 'competitor_offers') in (select (delta.source, delta.load_id, delta.stream) from delta)
    union all
    select
        source,
        page_url,
        content_sha256,
        occurred_at
    from {{ source('raw', 'competitor_offers__removed') }}
),

changed_contents as (
    select
        source,
        page_url,
        content_sha256,
        min(occurred_at) as first_at
    from changed_readings
    where content_sha256 is not null
    group by all
),

repeated as (
    select
        visits.source,
        visits.page_url,
        visits.occurred_at
    from {{ source('raw', 'crawl_pages') }} as visits
    inner join changed_contents
        on
            visits.source = changed_contents.source
            and visits.page_url = changed_contents.page_url
            and visits.content_sha256 = changed_contents.content_sha256
            and visits.occurred_at >= changed_contents.first_at
),

rates as (
    select
        currency_code,
        rate_date
    from {{ ref('dim_currency_rate') }} as now_rates
    full join {{ source('raw', 'currency_rates__before') }} as before_rates using (currency_code, rate_date)
    where now_rates.rate_to_shop is distinct from before_rates.rate_to_shop
),

first_rate as (
    select min(rate_date) - 1 as first_date from rates
),

foreign_contents as (
    select distinct
        offers.source,
        offers.page_url,
        offers.content_sha256,
        offers.currency_code
    from {{ source('raw', 'competitor_offers') }} as offers
    cross join {{ source('raw', 'build') }} as build
    where offers.currency_code <> build.shop_currency
),

converted as (
    select
        visits.source,
        visits.page_url,
        visits.occurred_at
    from {{ source('raw', 'crawl_pages') }} as visits
    cross join {{ source('raw', 'build') }} as build
    cross join first_rate
    inner join foreign_contents
        on
            visits.source = foreign_contents.source
            and visits.page_url = foreign_contents.page_url
            and visits.content_sha256 = foreign_contents.content_sha256
    where
        visits.occurred_at >= first_rate.first_date
        and (foreign_contents.currency_code, {{ local_date('visits.occurred_at') }}) in (
            select (rates.currency_code, rates.rate_date) from rates
        )
),

final as (
    select
        source,
        page_url,
        occurred_at as visited_at
    from changed_visits
    union
    select
        source,
        page_url,
        occurred_at as visited_at
    from repeated
    union
    select
        source,
        page_url,
        occurred_at as visited_at
    from converted
)

select * from final
