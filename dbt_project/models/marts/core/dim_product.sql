with

order_lines as (
    select * from {{ ref('int_order_lines__classified') }}
    where line_kind = 'product'
),

latest as (
    select max(occurred_date) as data_date from order_lines
),

-- a row without a currency is priced in its shop's, where that is only one
source_currencies as (
    select
        source,
        min(currency_code) as currency_code
    from {{ ref('stg_products') }}
    group by source
    having min(currency_code) = max(currency_code)
),

-- what the sources themselves tell of a product: the merchant's own shops come before a marketplace, whose listings
-- bear its numbers and often its words; then the shop that prices as the books do; then what was changed last
ranked_products as (
    select
        products.*,
        coalesce(products.currency_code, currencies.currency_code) as price_currency_code,
        row_number() over (
            partition by products.product_id
            order by
                products.asin is not null asc, coalesce(products.currency_code = build.shop_currency, false) desc,
                products.version_at desc, products.known_at desc, products.source asc, products.record_ref desc,
                products.source_file desc, products.source_row desc
        ) as place
    from {{ ref('stg_products') }} as products
    cross join {{ source('raw', 'build') }} as build
    left join source_currencies as currencies on products.source = currencies.source
    where not products.is_deleted and not coalesce(products.is_gift_card, false)
),

-- of each thing what the first of them says that says anything
told as (
    select
        product_id,
        arg_min(product_title, place) as product_title,
        {% for name in [
            'category', 'brand', 'variant_title', 'gtin', 'mpn', 'asin', 'status', 'weight_grams', 'variant_ref'
        ] -%}
        arg_min({{ name }}, place) filter (where {{ name }} is not null) as {{ name }},
        {% endfor -%}
        arg_min(source || '/' || product_group_ref, place) filter (where product_group_ref is not null)
            as product_group_id,
        -- one row's, as price, price before and currency belong together
        arg_min(
            { 'price': price_amount, 'before': compare_at_amount, 'currency': price_currency_code }, place
        ) filter (where price_amount is not null) as listed,
        bool_or(coalesce(is_bundle, false)) as is_bundle,
        count(distinct source) as source_count,
        min(occurred_at) as created_at
    from ranked_products
    group by product_id
),

-- one that is put up for sale as a gift card is none of the goods above, and may have been sold as one
gift_cards as (
    select distinct product_id from {{ ref('stg_products') }}
    where is_gift_card
),

bundles as (
    select distinct bundle_product_id as product_id from {{ ref('dim_product_component') }}
),

rates as (
    select
        currency_code,
        rate_to_shop
    from {{ ref('dim_currency') }}
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
        resolved.category_id,
        told.brand,
        told.product_group_id,
        told.variant_title,
        told.gtin,
        told.mpn,
        told.asin,
        told.status,
        case
            when ranked.net_sales_shop is null or ranked.net_sales_shop <= 0 then 'C'
            when coalesce(ranked.share_before, 0) < 0.80 then 'A'
            when ranked.share_before < 0.95 then 'B'
            else 'C'
        end as abc_class,
        coalesce(sold.demand_units, 0) as demand_units,
        {{ money('priced.current_price') }} as current_price_shop,
        {{ money('coalesce(ranked.net_sales_shop, 0)') }} as net_sales_year_shop,
        told.listed.currency as list_currency_code,
        told.listed.price as list_price_amount,
        told.listed.before as compare_at_amount,
        {{ money('told.listed.price * rates.rate_to_shop') }} as list_price_shop,
        {{ money('told.listed.before * rates.rate_to_shop') }} as compare_at_shop,
        told.weight_grams,
        coalesce(told.source_count, 0) as source_count,
        coalesce(told.is_bundle, false) or bundles.product_id is not null as is_bundle,
        gift_cards.product_id is not null as is_gift_card,
        told.product_id is not null as is_listed,
        sold.first_sold_date is not null as has_been_sold,
        sold.first_sold_date,
        sold.last_sold_date,
        told.created_at
    from products
    left join told using (product_id)
    left join {{ ref('int_categories__resolved') }} as resolved
        on regexp_replace(trim(told.category), '\s*>\s*', ' > ', 'g') = resolved.category_told
    left join rates on told.listed.currency = rates.currency_code
    left join bundles using (product_id)
    left join gift_cards using (product_id)
    left join named using (product_id)
    left join sold using (product_id)
    left join priced using (product_id)
    left join ranked using (product_id)
)

select * from final
