{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('suppliers') }}
),

final as (
    select
        newest.supplier_ref,
        newest.supplier_name,
        newest.country,
        newest.currency_code,
        newest.payment_days,
        newest.lead_time_days,
        newest.minimum_order_amount,
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
