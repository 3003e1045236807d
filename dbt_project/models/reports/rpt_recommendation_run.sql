select
    customer_method,
    session_method,
    cast(customer_count as bigint) as customer_count,
    cast(opted_out_customer_count as bigint) as opted_out_customer_count,
    cast(listed_customer_count as bigint) as listed_customer_count,
    cast(product_count as bigint) as product_count,
    cast(for_sale_product_count as bigint) as for_sale_product_count,
    cast(open_session_count as bigint) as open_session_count
from {{ source('models', 'recommendation_run') }}
