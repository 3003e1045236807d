{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('shipping_costs') }}
),

final as (
    select
        newest.source || '/' || newest.order_ref as order_id,
        newest.shipment_ref,
        newest.carrier,
        newest.service,
        newest.destination_country,
        newest.weight_kg,
        newest.amount,
        newest.currency_code,
        newest.occurred_at,
        newest.delivered_at,
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
