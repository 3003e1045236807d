with

order_lines as (
    select * from {{ ref('int_order_lines__classified') }}
    where line_kind = 'product'
),

latest as (
    select max(occurred_date) as data_date from order_lines
),

-- what the sources themselves tell of a product: the merchant's own shops come before a marketplace, whose listings
-- bear its numbers and often its words; then the shop that prices as the books do; then what was changed last
told as (
    select
        products.product_id,
        products.product_title,
        products.category,
        products.brand
    from {{ ref('stg_products') }} as products
    cross join {{ source('raw', 'build') }} as build
    where not products.is_deleted and not coalesce(products.is_gift_card, false)
    qualify row_number() over (
        partition by products.product_id
        order by
            products.asin is not null asc, coalesce(products.currency_code = build.shop_currency, false) desc,
            products.version_at desc, products.known_at desc, products.source asc, products.record_ref desc,
            products.source_file desc, products.source_row desc
    ) = 1
),

titles as (
    select
        product_id,
        product_title,
        count(*) as line_count,
        max(occurred_at) as last_used_at
    from order_lines
    where product_title is not null and row_class in ('sale', 'credit', 'free_of_charge')
    group by all
),

-- the name used most often; where two tie, the later one
named as (
    select
        product_id,
        arg_max(product_title, (line_count, last_used_at, product_title)) as product_title
    from titles
    group by product_id
),

sold as (
    select
        product_id,
        min(order_date) as first_sold_date,
        max(order_date) as last_sold_date,
        cast(sum(demand_quantity) as bigint) as demand_units
    from {{ ref('fct_order_line') }}
    where not is_free_of_charge
    group by product_id
),

-- of the last days on which this very product sold, so that a product that rests keeps its price
priced as (
    select
        order_lines.product_id,
        median(order_lines.unit_price_shop) as current_price
    from order_lines
    inner join sold using (product_id)
    where
        order_lines.row_class = 'sale'
        and order_lines.occurred_date > sold.last_sold_date - {{ var('current_price_days') }}
    group by order_lines.product_id
),

revenue as (
    select
        sales.product_id,
        sum(sales.net_sales_shop) as net_sales_shop
    from {{ ref('fct_daily_product_sales') }} as sales
    cross join latest
    where sales.sales_date > latest.data_date - {{ var('abc_days') }}
    group by sales.product_id
),

ranked as (
    select
        product_id,
        net_sales_shop,
        sum(greatest(net_sales_shop, 0)) over (
            order by net_sales_shop desc, product_id asc
            rows between unbounded preceding and 1 preceding
        ) / nullif(sum(greatest(net_sales_shop, 0)) over (), 0) as share_before
    from revenue
),

products as (
    select product_id from order_lines
    where row_class not in ('test_order', 'deleted_order')
    union
    select product_id from told
),

final as (
    select
        products.product_id,
        coalesce(told.product_title, named.product_title, products.product_id) as product_title,
        told.category,
        told.brand,
        case
            when ranked.net_sales_shop is null or ranked.net_sales_shop <= 0 then 'C'
            when coalesce(ranked.share_before, 0) < 0.80 then 'A'
            when ranked.share_before < 0.95 then 'B'
            else 'C'
        end as abc_class,
        coalesce(sold.demand_units, 0) as demand_units,
        {{ money('priced.current_price') }} as current_price_shop,
        {{ money('coalesce(ranked.net_sales_shop, 0)') }} as net_sales_year_shop,
        sold.first_sold_date is not null as has_been_sold,
        sold.first_sold_date,
        sold.last_sold_date
    from products
    left join told using (product_id)
    left join named using (product_id)
    left join sold using (product_id)
    left join priced using (product_id)
    left join ranked using (product_id)
)

select * from final
