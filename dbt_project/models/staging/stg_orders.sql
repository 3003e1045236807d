{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('orders') }}
),

gone as (
    {{ deletions_of('orders') }}
),

final as (
    select
        newest.source || '/' || newest.order_ref as order_id,
        newest.customer_pseudonym as customer_id,
        coalesce(newest.channel, newest.source) as channel_id,
        newest.order_number,
        newest.email_pseudonym,
        newest.status,
        newest.payment_status,
        newest.fulfilment_status,
        newest.source_status,
        newest.country,
        newest.currency_code,
        newest.presentment_currency_code,
        newest.presentment_rate,
        newest.is_tax_included,
        newest.is_test,
        newest.subtotal_amount,
        newest.discount_amount,
        newest.shipping_amount,
        newest.tax_amount,
        newest.total_amount,
        newest.refunded_amount,
        newest.occurred_at,
        newest.cancelled_at,
        newest.cancel_reason,
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
