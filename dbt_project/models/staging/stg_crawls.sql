{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('crawls') }}
),

final as (
    select
        newest.crawl_ref,
        newest.stop_reason,
        newest.is_complete,
        newest.visit_count,
        newest.fetched_count,
        newest.unchanged_count,
        newest.disallowed_count,
        newest.failed_count,
        newest.pending_count,
        newest.received_bytes,
        newest.occurred_at,
        newest.finished_at,
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
