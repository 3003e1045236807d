{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('holidays') }}
),

final as (
    select
        newest.holiday_date,
        newest.country,
        newest.region,
        newest.name,
        newest.name_zh,
        newest.name_local,
        newest.holiday_kind,
        newest.is_observed,
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
