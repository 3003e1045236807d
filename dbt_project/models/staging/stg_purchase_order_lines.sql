{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('purchase_order_lines') }}
),

final as (
    select
        upper(trim(newest.product_ref)) as product_id,
        newest.purchase_order_ref,
        newest.purchase_order_line_ref,
        newest.supplier_ref,
        newest.location_ref,
        newest.status,
        newest.quantity,
        newest.unit_cost,
        newest.currency_code,
        newest.occurred_at,
        newest.expected_at,
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
