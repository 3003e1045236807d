with

build as (
    select * from {{ source('raw', 'build') }}
),

final as (
    select
        traffic.source || '/' || coalesce(traffic.channel_id, '') || '/' || traffic.report_date || '/'
        || coalesce(traffic.asin, traffic.product_id, '(total)') as traffic_id,
        traffic.product_id,
        traffic.channel_id,
        traffic.asin,
        traffic.currency_code,
        traffic.source,
        traffic.asin is null and traffic.product_id is null as is_total,
        traffic.session_count,
        traffic.page_view_count,
        traffic.ordered_units,
        traffic.order_item_count,
        traffic.refunded_units,
        cast(traffic.featured_offer_pct as double) as featured_offer_pct,
        {{ percent_of('traffic.ordered_units', 'traffic.session_count') }} as unit_session_pct,
        {{ money('traffic.ordered_amount') }} as ordered_sales_order,
        {{ money(
            'traffic.ordered_amount * if(traffic.currency_code = build.shop_currency, 1, rates.rate_to_shop)'
        ) }} as ordered_sales_shop,
        traffic.report_date
    from {{ ref('stg_sales_traffic') }} as traffic
    cross join build
    left join {{ ref('dim_currency_rate') }} as rates
        on traffic.currency_code = rates.currency_code and traffic.report_date = rates.rate_date
    -- of a day that was told twice, what was learned last
    qualify row_number() over (
        partition by
            traffic.source,
            traffic.channel_id,
            traffic.report_date,
            coalesce(traffic.asin, traffic.product_id, '(total)')
        order by traffic.known_at desc, traffic.load_id desc, traffic.source_file desc, traffic.source_row desc
    ) = 1
)

select * from final
