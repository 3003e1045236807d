{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('stock_on_hand') }}
),

final as (
    select
        upper(trim(newest.product_ref)) as product_id,
        newest.location_ref,
        newest.on_hand_units,
        newest.reserved_units,
        newest.inbound_units,
        newest.unsellable_units,
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
