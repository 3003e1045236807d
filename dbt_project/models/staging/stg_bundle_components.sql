{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('bundle_components') }}
),

final as (
    select
        upper(trim(newest.product_ref)) as product_id,
        newest.component_product_ref,
        newest.quantity,
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
