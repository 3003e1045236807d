{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('alert_acknowledgements') }}
),

final as (
    select
        newest.rule_id,
        newest.subject_id,
        newest.decision,
        newest.until_date,
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
