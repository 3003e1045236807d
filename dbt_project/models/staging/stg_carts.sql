{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('carts') }}
),

final as (
    select
        newest.customer_pseudonym as customer_id,
        coalesce(newest.channel, newest.source) as channel_id,
        newest.cart_ref,
        newest.email_pseudonym,
        newest.country,
        newest.total_amount,
        newest.currency_code,
        newest.occurred_at,
        newest.completed_at,
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
