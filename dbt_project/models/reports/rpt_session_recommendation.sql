select
    recommended.session_id,
    cast(recommended.rank as bigint) as rank,
    recommended.product_id,
    products.product_title,
    cast(recommended.score as double) as score,
    recommended.method
from {{ source('models', 'session_recommendation') }} as recommended
left join {{ ref('dim_product') }} as products on recommended.product_id = products.product_id
