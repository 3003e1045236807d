{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('product_costs') }}
),

final as (
    select
        upper(trim(newest.product_ref)) as product_id,
        newest.supplier_ref,
        newest.unit_cost,
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
