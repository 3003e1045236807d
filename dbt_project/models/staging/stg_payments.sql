{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('payments') }}
),

gone as (
    select order_id from {{ ref('stg_orders') }}
    where is_deleted
),

final as (
    select
        newest.source || '/' || newest.order_ref as order_id,
        newest.payment_ref,
        newest.payment_kind,
        newest.payment_status,
        newest.gateway,
        newest.amount,
        newest.fee_amount,
        newest.currency_code,
        newest.occurred_at,
        newest.record_ref,
        newest.source,
        newest.load_id,
        newest.source_file,
        newest.source_row,
        newest.version_at,
        newest.known_at,
        newest.source || '/' || newest.order_ref in (select gone.order_id from gone) as is_deleted
    from newest
)

select * from final
