{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('crawl_pages') }}
),

final as (
    select
        newest.crawl_ref,
        newest.page_url,
        newest.outcome,
        newest.page_kind,
        newest.status_code,
        newest.redirect_url,
        newest.reason,
        newest.content_sha256,
        newest.content_type,
        newest.byte_count,
        newest.etag,
        newest.last_modified,
        newest.offer_count,
        newest.occurred_at,
        newest.record_ref,
        newest.source,
        newest.load_id,
        newest.source_file,
        newest.source_row,
        newest.version_at,
        newest.known_at
    from newest
)

select * from final
