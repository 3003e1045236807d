{#- How competitors' prices move: a chained matched-basket index of geometric means of relatives (Jevons), by category
    and competitor. Each day is compared with the day before it, by the offers that have a price on both, in their own
    currency: what enters or leaves the basket does not move the index, and neither do exchange rates. -#}
with

products as (
    select
        product_id,
        coalesce(category, 'unfiled') as category
    from {{ ref('dim_product') }}
),

offers as (
    select
        prices.source,
        products.category,
        prices.product_id,
        prices.price_date,
        if(
            lag(prices.price_date) over of_offer = prices.price_date - 1
            and lag(prices.currency_code) over of_offer = prices.currency_code,
            ln(cast(prices.price_amount as double) / lag(prices.price_amount) over of_offer),
            null
        ) as relative_ln
    from {{ ref('rpt_competitor_price') }} as prices
    inner join products using (product_id)
    where not prices.is_stale and prices.has_price and coalesce(prices.condition, 'new') = 'new'
    window of_offer as (
        partition by prices.source, prices.page_url, prices.offer_ref order by prices.price_date
    )
),

links as (
    select
        price_date,
        coalesce(source, 'all') as source,
        coalesce(category, 'all') as category,
        avg(relative_ln) as link_ln,
        count(distinct product_id) filter (where relative_ln is not null) as matched_product_count,
        count(relative_ln) as matched_offer_count
    from offers
    group by grouping sets (
        (price_date, source, category), (price_date, source), (price_date, category), (price_date)
    )
),

-- products at competitors of whom we know whether they have them
stock as (
    select
        competitors.price_date,
        coalesce(competitors.source, 'all') as source,
        coalesce(products.category, 'all') as category,
        count(*) as offered_count,
        count(*) filter (where not competitors.is_in_stock) as out_of_stock_count
    from {{ ref('rpt_competitor_product') }} as competitors
    inner join products using (product_id)
    where competitors.is_known
    group by grouping sets (
        (competitors.price_date, competitors.source, products.category),
        (competitors.price_date, competitors.source),
        (competitors.price_date, products.category),
        (competitors.price_date)
    )
),

final as (
    select
        links.source,
        links.category,
        links.matched_product_count,
        links.matched_offer_count,
        coalesce(stock.offered_count, 0) as offered_count,
        coalesce(stock.out_of_stock_count, 0) as out_of_stock_count,
        cast(round(100 * exp(sum(coalesce(links.link_ln, 0)) over (
            partition by links.source, links.category order by links.price_date
            rows between unbounded preceding and current row
        )), 6) as decimal(18, 6)) as price_index,
        cast(100 * stock.out_of_stock_count / stock.offered_count as double) as out_of_stock_pct,
        links.price_date
    from links
    left join stock
        on
            links.price_date = stock.price_date
            and links.source = stock.source
            and links.category = stock.category
)

select * from final
