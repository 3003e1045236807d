{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('events') }}
),

final as (
    select
        newest.customer_pseudonym as customer_id,
        upper(trim(newest.product_ref)) as product_id,
        newest.source || '/' || newest.order_ref as order_id,
        coalesce(newest.channel, newest.source) as channel_id,
        newest.event_ref,
        newest.event_kind,
        newest.visitor_pseudonym,
        newest.session_ref,
        newest.search_query,
        newest.result_count,
        newest.page_path,
        newest.device,
        newest.country,
        newest.utm_source,
        newest.utm_medium,
        newest.utm_campaign,
        newest.quantity,
        newest.amount,
        newest.currency_code,
        newest.occurred_at,
        newest.received_at,
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
