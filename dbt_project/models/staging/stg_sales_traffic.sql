{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('sales_traffic') }}
),

final as (
    select
        upper(trim(newest.product_ref)) as product_id,
        coalesce(newest.channel, newest.source) as channel_id,
        newest.report_date,
        newest.asin,
        newest.session_count,
        newest.page_view_count,
        newest.featured_offer_pct,
        newest.ordered_units,
        newest.order_item_count,
        newest.ordered_amount,
        newest.refunded_units,
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
