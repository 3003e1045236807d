{#- What each offer cost, and since when: its observations, those that say the same put together. The history of a page
    is made again as a whole when the page was visited: a visit that comes to light late may cut any interval in two.

    An interval ends where the offer was seen otherwise; where the page was gone; or where a complete crawl read the
    whole page without it. A page that was not visited says nothing, and neither does one that a crawl did not read.
-#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__pages', '(source, page_url)') }}"
) }}

with

observations as (
    select
        source,
        page_url,
        offer_ref,
        offer_title,
        condition,
        tax_note,
        seller,
        availability,
        if(has_price, currency_code, null) as currency_code,
        if(has_price, price_amount, null) as price_amount,
        if(has_price, list_price_amount, null) as list_price_amount,
        price_shop,
        list_price_shop,
        visited_at,
        known_at
    from {{ ref('fct_competitor_offer') }}
    where {{ only_changed('int_changes__pages', '(source, page_url)') }}
),

visits as (
    select * from {{ ref('int_visits__read') }}
    where {{ only_changed('int_changes__pages', '(source, page_url)') }}
),

crawls as (
    select
        source,
        crawl_ref,
        is_complete
    from {{ ref('stg_crawls') }}
),

-- what each visit proves of the offers that it did not see
proofs as (
    select
        visits.source,
        visits.page_url,
        visits.visited_at,
        visits.outcome = 'missing' as is_page_gone,
        visits.outcome = 'missing' or (visits.is_read_whole and coalesce(crawls.is_complete, false)) as is_proof
    from visits
    left join crawls on visits.source = crawls.source and visits.crawl_ref = crawls.crawl_ref
),

proved as (
    select
        source,
        page_url,
        visited_at,
        min(visited_at) filter (where is_proof) over after_it as next_proof_at,
        min(visited_at) filter (where is_page_gone) over after_it as next_page_gone_at
    from proofs
    window after_it as (
        partition by source, page_url order by visited_at
        rows between 1 following and unbounded following
    )
),

followed as (
    select
        observations.*,
        proved.next_proof_at,
        proved.next_page_gone_at,
        row_number() over of_offer as place,
        lead(observations.visited_at) over of_offer as next_seen_at,
        lag(observations.price_amount) over of_offer as price_before,
        lag(observations.list_price_amount) over of_offer as list_price_before,
        lag(observations.currency_code) over of_offer as currency_before,
        lag(observations.availability) over of_offer as availability_before
    from observations
    inner join proved using (source, page_url, visited_at)
    window of_offer as (
        partition by observations.source, observations.page_url, observations.offer_ref
        order by observations.visited_at
    )
),

-- gone, where the proof comes before the offer is seen again
ended as (
    select
        *,
        if(next_proof_at < coalesce(next_seen_at, timestamp '9999-12-31'), next_proof_at, null) as gone_at
    from followed
),

begun as (
    select
        *,
        case
            when place = 1 or lag(gone_at) over of_offer is not null then 1
            -- no amount is negative, and no word empty
            when coalesce(price_amount, -1) <> coalesce(price_before, -1) then 1
            when coalesce(list_price_amount, -1) <> coalesce(list_price_before, -1) then 1
            when coalesce(currency_code, '') <> coalesce(currency_before, '') then 1
            when coalesce(availability, '') <> coalesce(availability_before, '') then 1
            else 0
        end as begins
    from ended
    window of_offer as (partition by source, page_url, offer_ref order by visited_at)
),

numbered as (
    select
        *,
        sum(begins) over (
            partition by source, page_url, offer_ref order by visited_at
            rows between unbounded preceding and current row
        ) as interval_number
    from begun
),

intervals as (
    select
        source,
        page_url,
        offer_ref,
        arg_max(offer_title, visited_at) as offer_title,
        arg_max(condition, visited_at) as condition,
        arg_max(tax_note, visited_at) as tax_note,
        arg_max(seller, visited_at) as seller,
        min(availability) as availability,
        min(currency_code) as currency_code,
        min(price_amount) as price_amount,
        min(list_price_amount) as list_price_amount,
        arg_min(price_shop, visited_at) as price_shop,
        arg_min(list_price_shop, visited_at) as list_price_shop,
        count(*) as observation_count,
        -- it is gone behind its last observation, if at all
        max(gone_at) as gone_at,
        max(gone_at) filter (where gone_at = next_page_gone_at) as page_gone_at,
        min(visited_at) as valid_from,
        max(visited_at) as last_seen_at,
        max(known_at) as known_at
    from numbered
    group by source, page_url, offer_ref, interval_number
),

bounded as (
    select
        *,
        coalesce(gone_at, lead(valid_from) over (
            partition by source, page_url, offer_ref order by valid_from
        )) as valid_to
    from intervals
),

final as (
    select
        source,
        page_url,
        offer_ref,
        offer_title,
        condition,
        tax_note,
        seller,
        availability,
        currency_code,
        case
            when page_gone_at is not null then 'page_gone'
            when gone_at is not null then 'offer_gone'
            when valid_to is not null then 'changed'
        end as end_reason,
        price_amount is not null as has_price,
        coalesce(list_price_amount > price_amount, false) as is_discounted,
        {{ can_be_bought('availability') }} as is_in_stock,
        valid_to is null as is_current,
        observation_count,
        price_amount,
        list_price_amount,
        price_shop,
        list_price_shop,
        valid_from,
        valid_to,
        last_seen_at,
        known_at
    from bounded
)

select * from final
