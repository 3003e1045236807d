{#- What moved net sales from one week to the next, by product and by country: the ten largest each way. -#}
with

movements as (
    select
        'product' as dimension,
        sales.product_id as dimension_key,
        products.product_title as title,
        cast(date_trunc('week', sales.sales_date) as date) as week_start_date,
        sum(sales.net_sales_shop) as net_sales_shop
    from {{ ref('fct_daily_product_sales') }} as sales
    inner join {{ ref('dim_product') }} as products using (product_id)
    group by all
    union all
    select
        'country' as dimension,
        sales.country_id as dimension_key,
        countries.country_name as title,
        cast(date_trunc('week', sales.sales_date) as date) as week_start_date,
        sum(sales.net_sales_shop) as net_sales_shop
    from {{ ref('fct_daily_country_sales') }} as sales
    inner join {{ ref('dim_country') }} as countries using (country_id)
    group by all
),

weeks as (
    select week_start_date from {{ ref('rpt_weekly_sales') }}
),

sides as (
    select
        dimension,
        dimension_key,
        title,
        week_start_date,
        net_sales_shop,
        0 as previous_net_sales_shop
    from movements
    union all
    select
        dimension,
        dimension_key,
        title,
        week_start_date + 7 as week_start_date,
        0 as net_sales_shop,
        net_sales_shop as previous_net_sales_shop
    from movements
),

compared as (
    select
        sides.dimension,
        sides.dimension_key,
        sides.title,
        sides.week_start_date,
        sum(sides.net_sales_shop) as net_sales_shop,
        sum(sides.previous_net_sales_shop) as previous_net_sales_shop,
        sum(sides.net_sales_shop - sides.previous_net_sales_shop) as change_shop
    from sides
    inner join weeks on sides.week_start_date = weeks.week_start_date
    group by all
),

ranked as (
    select
        *,
        row_number() over (
            partition by dimension, week_start_date order by change_shop desc, dimension_key asc
        ) as rank_up,
        row_number() over (
            partition by dimension, week_start_date order by change_shop, dimension_key
        ) as rank_down
    from compared
),

final as (
    select
        week_start_date,
        dimension,
        dimension_key,
        title,
        {{ money('net_sales_shop') }} as net_sales_shop,
        {{ money('previous_net_sales_shop') }} as previous_net_sales_shop,
        {{ money('change_shop') }} as change_shop,
        rank_up,
        rank_down
    from ranked
    where rank_up <= 10 or rank_down <= 10
)

select * from final
