{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('products') }}
),

gone as (
    {{ deletions_of('products') }}
),

final as (
    select
        upper(trim(newest.product_ref)) as product_id,
        newest.variant_ref,
        newest.product_group_ref,
        newest.product_title,
        newest.variant_title,
        newest.category,
        newest.brand,
        newest.gtin,
        newest.mpn,
        newest.asin,
        newest.status,
        newest.is_gift_card,
        newest.is_bundle,
        newest.price_amount,
        newest.compare_at_amount,
        newest.cost_amount,
        newest.currency_code,
        newest.weight_grams,
        newest.occurred_at,
        newest.record_ref,
        newest.source,
        newest.load_id,
        newest.source_file,
        newest.source_row,
        newest.version_at,
        newest.known_at,
        coalesce(gone.deleted_at >= coalesce(newest.version_at, newest.known_at), false) as is_deleted
    from newest
    left join gone on newest.source = gone.source and newest.record_ref = gone.record_ref
)

select * from final
