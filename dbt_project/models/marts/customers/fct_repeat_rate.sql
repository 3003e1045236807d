{#- Only customers whose first order is longer ago than the horizon are counted: of the others nobody knows yet. -#}
with

build as (
    select cast(timezone(shop_time_zone, timezone('UTC', as_of)) as date) as as_of_date
    from {{ source('raw', 'build') }}
),

horizons as (
    select unnest([30, 60, 90, 180, 365]) as horizon_days
),

customers as (
    select
        customer_id,
        cohort_month,
        first_order_date,
        min(days_since_first) filter (where order_sequence = 2) as days_to_second
    from {{ ref('fct_customer_order') }}
    group by customer_id, cohort_month, first_order_date
),

counted as (
    select
        customers.cohort_month,
        horizons.horizon_days,
        count(*) as cohort_size,
        count(*) filter (where customers.first_order_date + horizons.horizon_days < build.as_of_date) as customer_count,
        count(*) filter (
            where
            customers.first_order_date + horizons.horizon_days < build.as_of_date
            and customers.days_to_second <= horizons.horizon_days
        ) as repeat_customer_count
    from customers
    cross join horizons
    cross join build
    group by customers.cohort_month, horizons.horizon_days
),

final as (
    select
        cohort_month,
        horizon_days,
        cohort_size,
        customer_count,
        repeat_customer_count,
        round(100.0 * repeat_customer_count / nullif(customer_count, 0), 2) as repeat_pct,
        customer_count = cohort_size as is_complete
    from counted
)

select * from final
