with

build as (
    select * from {{ source('raw', 'build') }}
),

-- a file may tell a product's day on several lines
told as (
    select
        coalesce(platform, source) as platform,
        source,
        coalesce(campaign_ref, '(none)') as campaign_ref,
        coalesce(ad_group_ref, '(none)') as ad_group_ref,
        coalesce(product_id, '(none)') as product_key,
        country,
        currency_code,
        spend_date,
        sum(impression_count) as impression_count,
        sum(click_count) as click_count,
        sum(cost_amount) as cost_amount,
        sum(conversion_count) as conversion_count,
        sum(conversion_amount) as conversion_amount
    from {{ ref('stg_ad_spend') }}
    group by all
),

final as (
    select
        md5(concat_ws(
            '|', told.source, told.platform, told.spend_date, told.campaign_ref, told.ad_group_ref, told.product_key,
            coalesce(told.country, ''), coalesce(told.currency_code, '')
        )) as ad_spend_id,
        told.platform || '/' || told.campaign_ref as campaign_id,
        nullif(told.product_key, '(none)') as product_id,
        told.country as country_id,
        told.platform,
        told.ad_group_ref,
        told.currency_code,
        told.source,
        cast(told.impression_count as bigint) as impression_count,
        cast(told.click_count as bigint) as click_count,
        cast(told.conversion_count as decimal(18, 4)) as claimed_conversion_count,
        {{ money('told.cost_amount') }} as cost_order,
        {{ money(
            'told.cost_amount * if(told.currency_code = build.shop_currency, 1, rates.rate_to_shop)'
        ) }} as cost_shop,
        {{ money('told.conversion_amount') }} as claimed_sales_order,
        {{ money(
            'told.conversion_amount * if(told.currency_code = build.shop_currency, 1, rates.rate_to_shop)'
        ) }} as claimed_sales_shop,
        told.spend_date
    from told
    cross join build
    left join {{ ref('dim_currency_rate') }} as rates
        on told.currency_code = rates.currency_code and told.spend_date = rates.rate_date
)

select * from final
