{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('cart_lines') }}
),

final as (
    select
        upper(trim(newest.product_ref)) as product_id,
        newest.cart_ref,
        newest.cart_line_ref,
        newest.product_title,
        newest.quantity,
        newest.unit_price,
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
