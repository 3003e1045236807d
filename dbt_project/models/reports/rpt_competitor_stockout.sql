{#- When a competitor did not have one of our products: days in a row on which it was seen and could not be bought. -#}
with

daily as (
    select
        product_id,
        source,
        is_in_stock,
        price_date,
        max(price_date) over () as last_date,
        lead(price_date) over of_product as next_date,
        lead(is_in_stock) over of_product as is_in_stock_next
    from {{ ref('rpt_competitor_product') }}
    where is_known
    window of_product as (partition by product_id, source order by price_date)
),

-- days in a row have the same distance between date and number
missing as (
    select
        *,
        price_date - cast(row_number() over (
            partition by product_id, source order by price_date
        ) as integer) as stretch
    from daily
    where not is_in_stock
),

stretches as (
    select
        product_id,
        source,
        count(*) as day_count,
        min(price_date) as started_date,
        max(price_date) as last_missing_date,
        max(price_date) = max(last_date) as is_current,
        -- whatever comes behind a stretch on the very next day is that it is there again
        bool_or(next_date = price_date + 1 and is_in_stock_next) as is_back
    from missing
    group by product_id, source, stretch
),

final as (
    select
        stretches.product_id,
        stretches.source,
        coalesce(products.category, 'unfiled') as category,
        stretches.is_current,
        stretches.day_count,
        stock.on_hand_units as own_on_hand_units,
        stretches.started_date,
        if(coalesce(stretches.is_back, false), stretches.last_missing_date + 1, null) as back_date,
        stretches.last_missing_date
    from stretches
    left join {{ ref('dim_product') }} as products on stretches.product_id = products.product_id
    left join {{ ref('fct_stock_on_hand') }} as stock on stretches.product_id = stock.product_id
)

select * from final
