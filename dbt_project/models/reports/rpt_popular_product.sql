select
    popular.scope,
    popular.scope_id,
    cast(popular.rank as bigint) as rank,
    popular.product_id,
    products.product_title,
    products.category,
    cast(popular.buyer_count as bigint) as buyer_count
from {{ source('models', 'popular_product') }} as popular
left join {{ ref('dim_product') }} as products on popular.product_id = products.product_id
