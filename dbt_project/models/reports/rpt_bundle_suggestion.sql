with

parts as (
    select
        bundle_product_ids,
        unnest(string_split(bundle_product_ids, '+')) as product_id
    from {{ source('models', 'bundle_suggestion') }}
),

titles as (
    select
        parts.bundle_product_ids,
        string_agg(products.product_title, ' + ' order by parts.product_id) as product_titles
    from parts
    left join {{ ref('dim_product') }} as products on parts.product_id = products.product_id
    group by parts.bundle_product_ids
),

final as (
    select
        cast(bundles.rank as bigint) as rank,
        bundles.bundle_product_ids,
        titles.product_titles,
        cast(bundles.item_count as bigint) as item_count,
        cast(bundles.together_count as bigint) as together_count,
        cast(bundles.all_confidence as double) as all_confidence,
        cast(bundles.lift as double) as lift,
        {{ money('bundles.price_shop') }} as price_shop,
        {{ money('bundles.margin_shop') }} as margin_shop,
        cast(bundles.break_even_discount_pct as double) as break_even_discount_pct
    from {{ source('models', 'bundle_suggestion') }} as bundles
    left join titles on bundles.bundle_product_ids = titles.bundle_product_ids
)

select * from final
