{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('match_decisions') }}
),

final as (
    select
        upper(trim(newest.product_ref)) as product_id,
        newest.site,
        newest.page_url,
        newest.offer_ref,
        newest.decision,
        newest.decided_by_pseudonym,
        newest.note,
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
