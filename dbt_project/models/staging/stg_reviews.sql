{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('reviews') }}
),

final as (
    select
        upper(trim(newest.product_ref)) as product_id,
        newest.customer_pseudonym as customer_id,
        newest.review_ref,
        newest.rating,
        newest.title,
        newest.is_verified,
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
