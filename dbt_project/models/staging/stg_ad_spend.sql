{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('ad_spend') }}
),

final as (
    select
        upper(trim(newest.product_ref)) as product_id,
        newest.spend_date,
        newest.platform,
        newest.campaign_ref,
        newest.campaign_name,
        newest.ad_group_ref,
        newest.country,
        newest.impression_count,
        newest.click_count,
        newest.cost_amount,
        newest.conversion_count,
        newest.conversion_amount,
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
