{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('settlement_lines') }}
),

final as (
    select
        newest.source || '/' || newest.order_ref as order_id,
        upper(trim(newest.product_ref)) as product_id,
        coalesce(newest.channel, newest.source) as channel_id,
        newest.settlement_line_ref,
        newest.payout_ref,
        newest.order_line_ref,
        newest.line_kind,
        newest.source_kind,
        newest.quantity,
        newest.amount,
        newest.currency_code,
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
