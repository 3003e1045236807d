{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('payouts') }}
),

final as (
    select
        newest.payout_ref,
        newest.status,
        newest.amount,
        newest.currency_code,
        newest.period_start_at,
        newest.period_end_at,
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
