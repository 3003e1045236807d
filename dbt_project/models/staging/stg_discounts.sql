{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('discounts') }}
),

final as (
    select
        newest.discount_ref,
        newest.discount_code,
        newest.title,
        newest.discount_kind,
        newest.percentage,
        newest.amount,
        newest.currency_code,
        newest.status,
        newest.usage_count,
        newest.occurred_at,
        newest.starts_at,
        newest.ends_at,
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
