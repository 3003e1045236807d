{#- A customer's usual interval is the median of the own ones from three orders on, and before that the declared one:
    the intervals of those who came back say nothing of those who did not yet. -#}
with

build as (
    select cast(timezone(shop_time_zone, timezone('UTC', as_of)) as date) as as_of_date
    from {{ source('raw', 'build') }}
),

assumed as (
    select
        {{ customer_number('default_interval_days') }} as default_interval_days,
        {{ customer_number('shortest_interval_days') }} as shortest_interval_days,
        {{ customer_number('churned_days') }} as churned_days,
        {{ customer_assumption('at_risk_factor') }} as at_risk_factor,
        {{ customer_assumption('lapsed_factor') }} as lapsed_factor
),

own as (
    select
        customer_id,
        count(*) as order_count,
        quantile_disc(days_since_previous, 0.5) as interval_days,
        max(order_date) as last_order_date
    from {{ ref('fct_customer_order') }}
    group by customer_id
),

usual as (
    select
        own.customer_id,
        own.order_count,
        own.last_order_date,
        if(own.order_count >= 3, 'own', 'declared') as interval_kind,
        greatest(
            if(own.order_count >= 3, own.interval_days, assumed.default_interval_days), assumed.shortest_interval_days
        ) as interval_days
    from own
    cross join assumed
),

final as (
    select
        usual.customer_id,
        case
            when build.as_of_date - usual.last_order_date > assumed.churned_days then 'churned'
            when build.as_of_date - usual.last_order_date > usual.interval_days * assumed.lapsed_factor then 'lapsed'
            when build.as_of_date - usual.last_order_date > usual.interval_days * assumed.at_risk_factor then 'at_risk'
            else 'active'
        end as status,
        usual.interval_kind,
        usual.order_count,
        cast(usual.interval_days as bigint) as interval_days,
        build.as_of_date - usual.last_order_date as days_since_last,
        usual.last_order_date,
        cast(usual.last_order_date + cast(usual.interval_days as integer) as date) as expected_next_date,
        build.as_of_date
    from usual
    cross join assumed
    cross join build
)

select * from final
