select
    recommended.product_id,
    recommended.kind,
    cast(recommended.rank as bigint) as rank,
    recommended.recommended_product_id,
    products.product_title as recommended_product_title,
    products.category as recommended_category,
    cast(recommended.score as double) as score,
    cast(recommended.together_count as bigint) as together_count
from {{ source('models', 'product_recommendation') }} as recommended
left join {{ ref('dim_product') }} as products on recommended.recommended_product_id = products.product_id
