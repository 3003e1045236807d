with

weekly as (
    select
        cast(date_trunc('week', sales_date) as date) as week_start_date,
        product_id,
        cast(sum(demand_units) as bigint) as units,
        sum(net_sales_shop) as net_sales_shop,
        sum(returns_shop) as returns_shop
    from {{ ref('fct_daily_product_sales') }}
    group by all
),

ranked as (
    select
        *,
        row_number() over (
            partition by week_start_date order by net_sales_shop desc, product_id asc
        ) as sales_rank
    from weekly
),

final as (
    select
        ranked.week_start_date,
        ranked.product_id,
        products.product_title,
        ranked.sales_rank as rank,
        ranked.units,
        {{ money('ranked.net_sales_shop') }} as net_sales_shop,
        {{ money('coalesce(before.net_sales_shop, 0)') }} as previous_net_sales_shop,
        {{ money('ranked.returns_shop') }} as returns_shop
    from ranked
    inner join {{ ref('dim_product') }} as products on ranked.product_id = products.product_id
    left join weekly as before
        on ranked.product_id = before.product_id and before.week_start_date = ranked.week_start_date - 7
    where ranked.sales_rank <= 25
)

select * from final
