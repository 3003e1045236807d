{#- Spend and what came of it, at the grain that both have. Orders stand on their own day, whole: what is returned later
    is taken off in net sales of the order, not in sales. -#}
with

campaigns as (
    select
        campaign_id,
        platform,
        lower(trim(utm_campaign)) as name_key,
        unnest(string_split(utm_sources, ', ')) as utm_source
    from {{ ref('dim_campaign') }}
    where has_visits
),

firsts as (
    select
        order_id,
        row_number() over (partition by customer_id order by ordered_at, order_id) = 1 as is_new_customer
    from {{ ref('fct_order') }}
    where customer_id is not null
),

orders as (
    select
        credited.order_date as marketing_date,
        coalesce(campaigns.platform, credited.utm_source) as platform,
        coalesce(campaigns.campaign_id, '(none)') as campaign_id,
        count(*) as order_count,
        count(*) filter (where firsts.is_new_customer) as new_customer_count,
        sum(orders.gross_sales_shop - orders.discounts_shop) as sales_shop,
        sum(if(
            firsts.is_new_customer, orders.gross_sales_shop - orders.discounts_shop, 0
        )) as new_customer_sales_shop
    from {{ ref('fct_order_attribution') }} as credited
    inner join {{ ref('fct_order') }} as orders on credited.order_id = orders.order_id
    left join firsts on credited.order_id = firsts.order_id
    left join campaigns
        on
            lower(trim(credited.utm_campaign)) = campaigns.name_key
            and lower(trim(credited.utm_source)) = campaigns.utm_source
    group by all
),

spend as (
    select
        spend_date as marketing_date,
        platform,
        campaign_id,
        sum(impression_count) as impression_count,
        sum(click_count) as click_count,
        sum(claimed_conversion_count) as claimed_conversion_count,
        sum(cost_shop) as spend_shop,
        sum(claimed_sales_shop) as claimed_sales_shop
    from {{ ref('fct_ad_spend') }}
    group by all
),

joined as (
    select
        marketing_date,
        platform,
        campaign_id,
        cast(coalesce(spend.impression_count, 0) as bigint) as impression_count,
        cast(coalesce(spend.click_count, 0) as bigint) as click_count,
        cast(coalesce(spend.claimed_conversion_count, 0) as decimal(18, 4)) as claimed_conversion_count,
        cast(coalesce(orders.order_count, 0) as bigint) as order_count,
        cast(coalesce(orders.new_customer_count, 0) as bigint) as new_customer_count,
        {{ money('coalesce(spend.spend_shop, 0)') }} as spend_shop,
        {{ money('coalesce(spend.claimed_sales_shop, 0)') }} as claimed_sales_shop,
        {{ money('coalesce(orders.sales_shop, 0)') }} as sales_shop,
        {{ money('coalesce(orders.new_customer_sales_shop, 0)') }} as new_customer_sales_shop
    from spend
    full join orders using (marketing_date, platform, campaign_id)
),

final as (
    select
        campaign_id,
        * exclude (campaign_id, marketing_date),
        cast(sales_shop / nullif(spend_shop, 0) as double) as roas,
        cast(claimed_sales_shop / nullif(spend_shop, 0) as double) as claimed_roas,
        cast(new_customer_sales_shop / nullif(spend_shop, 0) as double) as new_customer_roas,
        cast(spend_shop / nullif(new_customer_count, 0) as double) as cac_shop,
        marketing_date
    from joined
)

select * from final
