with

sales as (
    select
        sales_date as marketing_date,
        sum(net_sales_shop) as net_sales_shop
    from {{ ref('fct_daily_product_sales') }}
    group by sales_date
),

marketing as (
    select
        marketing_date,
        sum(spend_shop) as spend_shop,
        sum(sales_shop) as sales_shop,
        sum(order_count) as order_count,
        sum(new_customer_count) as new_customer_count,
        sum(new_customer_sales_shop) as new_customer_sales_shop
    from {{ ref('fct_daily_marketing') }}
    group by marketing_date
),

joined as (
    select
        marketing_date,
        cast(coalesce(marketing.order_count, 0) as bigint) as order_count,
        cast(coalesce(marketing.new_customer_count, 0) as bigint) as new_customer_count,
        {{ money('coalesce(marketing.spend_shop, 0)') }} as spend_shop,
        {{ money('coalesce(marketing.sales_shop, 0)') }} as sales_shop,
        {{ money('coalesce(marketing.new_customer_sales_shop, 0)') }} as new_customer_sales_shop,
        {{ money('coalesce(sales.net_sales_shop, 0)') }} as net_sales_shop
    from marketing
    full join sales using (marketing_date)
),

final as (
    select
        * exclude (marketing_date),
        cast(net_sales_shop / nullif(spend_shop, 0) as double) as mer,
        cast(new_customer_sales_shop / nullif(spend_shop, 0) as double) as new_customer_roas,
        cast(spend_shop / nullif(new_customer_count, 0) as double) as cac_shop,
        marketing_date
    from joined
)

select * from final
