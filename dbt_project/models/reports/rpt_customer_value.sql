select
    value.customer_id,
    customers.country_id,
    rfm.segment_id,
    cast(value.repeat_count as bigint) as repeat_count,
    cast(value.recency_days as bigint) as recency_days,
    cast(value.age_days as bigint) as age_days,
    {{ money('value.sales_shop') }} as sales_shop,
    cast(value.p_alive as double) as p_alive,
    cast(value.expected_order_count as double) as expected_order_count,
    {{ money('value.expected_order_value_shop') }} as expected_order_value_shop,
    {{ money('value.value_shop') }} as value_shop,
    {{ money('value.value_margin_shop') }} as value_margin_shop,
    cast(value.value_rank as bigint) as value_rank,
    value.status
from {{ source('models', 'customer_value') }} as value
left join {{ ref('dim_customer') }} as customers on value.customer_id = customers.customer_id
left join {{ ref('fct_customer_rfm') }} as rfm on value.customer_id = rfm.customer_id
