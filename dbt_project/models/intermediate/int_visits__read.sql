{#- What each visit to a competitor's page saw. A page that had not changed (304) holds what it held when it was fetched
    last with the same content, even weeks ago; where that fetch is not known, nobody can tell what it holds. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__visits', '(source, page_url, visited_at)') }}"
) }}

with

staged as (
    select
        source,
        page_url,
        occurred_at as visited_at,
        crawl_ref,
        outcome,
        page_kind,
        content_sha256,
        offer_count,
        reason,
        known_at
    from {{ ref('stg_crawl_pages') }}
    -- of two visits at one moment the one that was learned of last
    qualify row_number() over (
        partition by source, page_url, occurred_at
        order by known_at desc, load_id desc, record_ref desc, source_file desc, source_row desc
    ) = 1
),

visits as (
    select * from staged
    where {{ only_changed('int_changes__visits', '(source, page_url, visited_at)') }}
),

fetches as (
    select * from staged
    where
        outcome = 'fetched'
        and content_sha256 is not null
        -- one that asks not to be indexed came, and nothing was read from it
        and reason is null
        and {{ only_changed('int_changes__visits', '(source, page_url)') }}
),

held as (
    select
        source,
        page_url,
        content_sha256,
        occurred_at as fetched_at,
        count(*) as held_count
    from {{ ref('stg_competitor_offers') }}
    where {{ only_changed('int_changes__visits', '(source, page_url)') }}
    group by source, page_url, content_sha256, occurred_at
),

-- the fetch whose content a visit saw: its own, or the last one before it
resolved as (
    select
        visits.source,
        visits.page_url,
        visits.visited_at,
        max(fetches.visited_at) as fetched_at
    from visits
    inner join fetches
        on
            visits.source = fetches.source
            and visits.page_url = fetches.page_url
            and visits.content_sha256 = fetches.content_sha256
            and visits.visited_at >= fetches.visited_at
    where visits.outcome in ('fetched', 'unchanged')
    group by visits.source, visits.page_url, visits.visited_at
),

final as (
    select
        visits.source,
        visits.page_url,
        visits.crawl_ref,
        visits.outcome,
        if(fetches.page_url is null, visits.page_kind, fetches.page_kind) as page_kind,
        visits.content_sha256,
        fetches.offer_count,
        fetches.page_url is not null as is_read,
        -- an offer that was set aside in quarantine is not absent
        coalesce(coalesce(held.held_count, 0) >= fetches.offer_count, false) as is_read_whole,
        visits.visited_at,
        fetches.visited_at as fetched_at,
        visits.known_at
    from visits
    left join resolved
        on
            visits.source = resolved.source
            and visits.page_url = resolved.page_url
            and visits.visited_at = resolved.visited_at
    left join fetches
        on
            resolved.source = fetches.source
            and resolved.page_url = fetches.page_url
            and resolved.fetched_at = fetches.visited_at
    left join held
        on
            fetches.source = held.source
            and fetches.page_url = held.page_url
            and fetches.content_sha256 = held.content_sha256
            and fetches.visited_at = held.fetched_at
)

select * from final
