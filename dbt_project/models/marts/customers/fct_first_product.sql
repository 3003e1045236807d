{#- A first order of three products counts for each of them. The repeat rate is that of the customers who were seen for
    long enough. -#}
{%- set horizon = 90 %}
with

build as (
    select cast(timezone(shop_time_zone, timezone('UTC', as_of)) as date) as as_of_date
    from {{ source('raw', 'build') }}
),

customers as (
    select
        customer_id,
        arg_min(order_id, order_sequence) as first_order_id,
        min(first_order_date) as first_order_date,
        min(days_since_first) filter (where order_sequence = 2) as days_to_second,
        count(*) - 1 as later_order_count,
        coalesce(sum(sales_shop) filter (where not is_new), 0) as later_sales_shop
    from {{ ref('fct_customer_order') }}
    group by customer_id
),

bought as (
    select
        order_lines.product_id,
        order_lines.order_id,
        sum(order_lines.quantity - order_lines.cancelled_quantity) as units,
        sum(order_lines.gross_sales_shop - order_lines.discount_shop) as sales_shop
    from {{ ref('fct_order_line') }} as order_lines
    inner join customers on order_lines.order_id = customers.first_order_id
    group by order_lines.product_id, order_lines.order_id
),

final as (
    select
        bought.product_id,
        count(*) as first_customer_count,
        cast(sum(bought.units) as bigint) as unit_count,
        {{ money('sum(bought.sales_shop)') }} as sales_shop,
        count(customers.days_to_second) as returning_customer_count,
        count(*) filter (where customers.first_order_date + {{ horizon }} < build.as_of_date)
            as observed_customer_count,
        count(*) filter (
            where
            customers.first_order_date + {{ horizon }} < build.as_of_date
            and customers.days_to_second <= {{ horizon }}
        ) as repeat_customer_count,
        round(
            100.0 * count(*) filter (
                where
                customers.first_order_date + {{ horizon }} < build.as_of_date
                and customers.days_to_second <= {{ horizon }}
            ) / nullif(count(*) filter (where customers.first_order_date + {{ horizon }} < build.as_of_date), 0),
            2
        ) as repeat_pct,
        cast(sum(customers.later_order_count) as bigint) as later_order_count,
        {{ money('sum(customers.later_sales_shop)') }} as later_sales_shop
    from bought
    inner join customers on bought.order_id = customers.first_order_id
    cross join build
    group by bought.product_id
)

select * from final
