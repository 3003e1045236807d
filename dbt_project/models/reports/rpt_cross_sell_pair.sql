select
    cast(pairs.rank as bigint) as rank,
    pairs.product_id,
    products.product_title,
    pairs.offered_product_id,
    offered.product_title as offered_product_title,
    cast(pairs.together_count as bigint) as together_count,
    cast(pairs.confidence as double) as confidence,
    cast(pairs.lift as double) as lift,
    cast(pairs.q_value as double) as q_value,
    cast(pairs.chances_per_year as double) as chances_per_year,
    cast(pairs.extra_units_per_year as double) as extra_units_per_year,
    {{ money('pairs.unit_price_shop') }} as unit_price_shop,
    {{ money('pairs.unit_margin_shop') }} as unit_margin_shop,
    {{ money('pairs.extra_sales_per_year_shop') }} as extra_sales_per_year_shop,
    {{ money('pairs.extra_margin_per_year_shop') }} as extra_margin_per_year_shop
from {{ source('models', 'cross_sell_pair') }} as pairs
left join {{ ref('dim_product') }} as products on pairs.product_id = products.product_id
left join {{ ref('dim_product') }} as offered on pairs.offered_product_id = offered.product_id
