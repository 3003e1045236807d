{#- The pages of competitors whose history of prices must be made again: those with a visit that this build looks at
    again, and those of a crawl that it tells anew, as only a complete crawl proves that an offer is gone. -#}
with

delta as (
    select
        source,
        stream,
        load_id
    from {{ source('raw', 'delta') }}
    where change = 'added'
),

changed_crawls as (
    select
        source,
        crawl_ref
    from {{ source('raw', 'crawls') }}
    where (source, load_id, 'crawls') in (select (delta.source, delta.load_id, delta.stream) from delta)
    union
    select
        source,
        crawl_ref
    from {{ source('raw', 'crawls__removed') }}
),

final as (
    select
        source,
        page_url
    from {{ ref('int_changes__visits') }}
    union
    select
        source,
        page_url
    from {{ source('raw', 'crawl_pages') }}
    where (source, crawl_ref) in (select (changed_crawls.source, changed_crawls.crawl_ref) from changed_crawls)
)

select * from final
