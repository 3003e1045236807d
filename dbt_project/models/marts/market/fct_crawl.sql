{#- Crawls, and how much of what was known each of them saw. A table, not incremental: a crawl that comes to light late
    may be the one that all later ones are measured against. -#}
with

crawls as (
    select
        *,
        coalesce(is_complete, false) as is_whole
    from {{ ref('stg_crawls') }}
    qualify row_number() over (
        partition by source, crawl_ref order by known_at desc, load_id desc, record_ref desc, source_row desc
    ) = 1
),

build as (
    select * from {{ source('raw', 'build') }}
),

-- of each crawl the last complete one before it
measured as (
    select
        *,
        last_value(if(is_whole, crawl_ref, null) ignore nulls) over (
            partition by source order by occurred_at, crawl_ref
            rows between unbounded preceding and 1 preceding
        ) as base_crawl_ref
    from crawls
),

seen as (
    select
        source,
        crawl_ref,
        page_url,
        bool_or(page_kind = 'product' and is_read) as is_product,
        bool_or(outcome in ('fetched', 'unchanged', 'redirected', 'missing')) as is_answered
    from {{ ref('int_visits__read') }}
    group by source, crawl_ref, page_url
),

products as (
    select
        source,
        crawl_ref,
        count(*) as product_count
    from seen
    where is_product
    group by source, crawl_ref
),

covered as (
    select
        measured.source,
        measured.crawl_ref,
        count(*) as known_product_count,
        count(*) filter (where coalesce(now_seen.is_answered, false)) as revisited_product_count
    from measured
    inner join seen as known
        on
            measured.source = known.source
            and measured.base_crawl_ref = known.crawl_ref
            and known.is_product
    left join seen as now_seen
        on
            measured.source = now_seen.source
            and measured.crawl_ref = now_seen.crawl_ref
            and known.page_url = now_seen.page_url
    group by measured.source, measured.crawl_ref
),

final as (
    select
        crawls.source,
        crawls.crawl_ref,
        crawls.base_crawl_ref,
        crawls.stop_reason,
        case
            when crawls.is_whole then null
            when crawls.stop_reason <> 'finished' then crawls.stop_reason
            when crawls.pending_count > 0 then 'pages_pending'
            when crawls.failed_count > 0 then 'pages_failed'
            else 'not_told'
        end as partial_reason,
        crawls.is_whole as is_complete,
        crawls.visit_count,
        crawls.fetched_count,
        crawls.unchanged_count,
        crawls.disallowed_count,
        crawls.failed_count,
        crawls.pending_count,
        coalesce(products.product_count, 0) as product_page_count,
        coalesce(covered.known_product_count, 0) as known_product_page_count,
        coalesce(covered.revisited_product_count, 0) as revisited_product_page_count,
        cast(100 * covered.revisited_product_count / covered.known_product_count as double) as coverage_pct,
        crawls.received_bytes,
        crawls.occurred_at as began_at,
        crawls.finished_at,
        crawls.known_at,
        {{ local_date('crawls.occurred_at') }} as crawl_date
    from measured as crawls
    cross join build
    left join products on crawls.source = products.source and crawls.crawl_ref = products.crawl_ref
    left join covered on crawls.source = covered.source and crawls.crawl_ref = covered.crawl_ref
)

select * from final
