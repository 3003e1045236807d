{#- Each time that an offer was seen: visits joined with what their pages held. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__visits', '(source, page_url, visited_at)') }}"
) }}

with

visits as (
    select * from {{ ref('int_visits__read') }}
    where is_read and {{ only_changed('int_changes__visits', '(source, page_url, visited_at)') }}
),

offers as (
    select
        * exclude (known_at, version_at, load_id, source_file, source_row, record_ref, evidence, image_url),
        occurred_at as fetched_at
    from {{ ref('stg_competitor_offers') }}
    where {{ only_changed('int_changes__visits', '(source, page_url)') }}
    -- one that a page lists twice: its main place, then the surer price
    qualify row_number() over (
        partition by source, page_url, content_sha256, occurred_at, offer_ref
        order by
            is_main desc nulls last, price_confidence desc nulls last, price_amount asc nulls last,
            known_at desc, load_id desc, record_ref desc, source_file desc, source_row asc
    ) = 1
),

rates as (
    select * from {{ ref('dim_currency_rate') }}
),

build as (
    select * from {{ source('raw', 'build') }}
),

seen as (
    select
        offers.*,
        visits.crawl_ref,
        visits.outcome = 'unchanged' as is_unchanged,
        visits.visited_at,
        visits.known_at,
        build.shop_currency,
        {{ local_date('visits.visited_at') }} as visit_date,
        coalesce(
            offers.price_amount > 0
            -- a sign such as $ stands for several currencies
            and regexp_full_match(offers.currency_code, '[A-Z]{3}')
            and offers.price_confidence >= {{ market_assumption('price_confidence_floor') }},
            false
        ) as has_price
    from visits
    cross join build
    inner join offers
        on
            visits.source = offers.source
            and visits.page_url = offers.page_url
            and visits.content_sha256 = offers.content_sha256
            and visits.fetched_at = offers.fetched_at
),

final as (
    select
        seen.source,
        seen.page_url,
        seen.offer_ref,
        seen.crawl_ref,
        seen.content_sha256,
        seen.offer_title,
        seen.variant_title,
        seen.brand,
        seen.gtin,
        seen.mpn,
        seen.sku,
        seen.category,
        seen.seller,
        seen.condition,
        seen.availability,
        seen.tax_note,
        seen.currency_code,
        seen.price_method,
        coalesce(seen.is_main, false) as is_main,
        seen.is_unchanged,
        seen.has_price,
        coalesce(seen.has_price and seen.list_price_amount > seen.price_amount, false) as is_discounted,
        {{ can_be_bought('seen.availability') }} as is_in_stock,
        seen.price_amount,
        seen.list_price_amount,
        seen.low_price_amount,
        seen.high_price_amount,
        if(seen.has_price, {{ money(
            'seen.price_amount * if(seen.currency_code = seen.shop_currency, 1, rates.rate_to_shop)'
        ) }}, null) as price_shop,
        if(seen.has_price, {{ money(
            'seen.list_price_amount * if(seen.currency_code = seen.shop_currency, 1, rates.rate_to_shop)'
        ) }}, null) as list_price_shop,
        if(
            seen.has_price and seen.list_price_amount > seen.price_amount,
            cast(100 * (seen.list_price_amount - seen.price_amount) / seen.list_price_amount as double),
            null
        ) as discount_pct,
        seen.price_confidence,
        seen.rating,
        seen.review_count,
        seen.visited_at,
        seen.fetched_at,
        seen.known_at,
        seen.visit_date
    from seen
    left join rates on seen.currency_code = rates.currency_code and seen.visit_date = rates.rate_date
)

select * from final
