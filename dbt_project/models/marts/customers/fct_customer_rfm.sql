{#- A score is one more than the fifths of the customers who did worse: equals score equally, however many they are. -#}
with

build as (
    select cast(timezone(shop_time_zone, timezone('UTC', as_of)) as date) as as_of_date
    from {{ source('raw', 'build') }}
),

customers as (
    select * from {{ ref('dim_customer') }}
    where order_count > 0
),

ranked as (
    select
        customers.customer_id,
        build.as_of_date - customers.last_order_date as recency_days,
        customers.order_count as frequency,
        customers.net_sales_shop as monetary_shop,
        1 + (rank() over (order by customers.last_order_date) - 1) * 5 // count(*) over () as recency_score,
        1 + (rank() over (order by customers.order_count) - 1) * 5 // count(*) over () as frequency_score,
        1 + (rank() over (order by customers.net_sales_shop) - 1) * 5 // count(*) over () as monetary_score,
        build.as_of_date
    from customers
    cross join build
),

final as (
    select
        customer_id,
        case
            when recency_score >= 4 and frequency_score >= 4 and monetary_score >= 4 then 'champions'
            when recency_score >= 3 and frequency_score >= 4 then 'loyal'
            when recency_score >= 4 and frequency > 1 then 'promising'
            when recency_score >= 4 then 'new'
            when recency_score = 3 then 'cooling'
            when frequency_score >= 4 and monetary_score >= 4 then 'cannot_lose'
            when frequency > 1 then 'at_risk'
            when recency_score = 2 then 'hibernating'
            else 'lost'
        end as segment_id,
        recency_days,
        frequency,
        monetary_shop,
        cast(recency_score as integer) as recency_score,
        cast(frequency_score as integer) as frequency_score,
        cast(monetary_score as integer) as monetary_score,
        as_of_date
    from ranked
)

select * from final
