{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('customers') }}
),

gone as (
    {{ deletions_of('customers') }}
),

final as (
    select
        newest.customer_pseudonym as customer_id,
        newest.email_pseudonym,
        newest.country,
        newest.region,
        newest.accepts_marketing,
        newest.tags,
        newest.order_count,
        newest.occurred_at,
        newest.record_ref,
        newest.source,
        newest.load_id,
        newest.source_file,
        newest.source_row,
        newest.version_at,
        newest.known_at,
        coalesce(gone.deleted_at >= coalesce(newest.version_at, newest.known_at), false) as is_deleted
    from newest
    left join gone on newest.source = gone.source and newest.record_ref = gone.record_ref
)

select * from final
