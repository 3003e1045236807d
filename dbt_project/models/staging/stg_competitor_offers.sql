{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('competitor_offers') }}
),

final as (
    select
        newest.page_url,
        newest.content_sha256,
        newest.offer_ref,
        newest.is_main,
        newest.offer_title,
        newest.variant_title,
        newest.brand,
        newest.gtin,
        newest.mpn,
        newest.sku,
        newest.price_amount,
        newest.list_price_amount,
        newest.low_price_amount,
        newest.high_price_amount,
        newest.currency_code,
        newest.tax_note,
        newest.availability,
        newest.condition,
        newest.rating,
        newest.review_count,
        newest.image_url,
        newest.category,
        newest.seller,
        newest.price_confidence,
        newest.price_method,
        newest.evidence,
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
