{#- Signs of fraud, each named for what it is: none of them is a proof. -#}
{{ config(schema='intermediate', contract={'enforced': false}) }}
with

build as (
    {{ alert_build() }}
),

longest as (
    select cast(max(window_days) as integer) as days
    from {{ ref('alert_rules') }}
    where rule_id like 'fraud%'
),

orders as (
    select
        orders.order_id,
        orders.order_number,
        orders.customer_id,
        orders.channel_id,
        orders.country_id,
        orders.is_fully_cancelled,
        orders.ordered_at,
        orders.order_date,
        orders.gross_sales_shop - orders.discounts_shop as value_shop,
        build.last_date
    from {{ ref('fct_order') }} as orders
    cross join build
),

recent as (
    select orders.*
    from orders
    cross join longest
    where orders.order_date > orders.last_date - longest.days - 60
),

taken_back as (
    select
        settled.order_id,
        settled.currency_code,
        -sum(settled.amount) as taken_amount,
        count(*) as line_count,
        min({{ local_date('settled.occurred_at') }}) as first_date
    from {{ ref('stg_settlement_lines') }} as settled
    cross join build
    where
        settled.line_kind = 'adjustment'
        and settled.order_id is not null
        and settled.occurred_at > build.as_of - to_days({{ alert_days('fraud_chargeback') }})
    group by settled.order_id, settled.currency_code
    having sum(settled.amount) < 0
),

totals as (
    select
        told.order_id,
        told.order_number,
        told.currency_code,
        told.total_amount
    from {{ ref('stg_orders') }} as told
    where told.order_id in (select taken_back.order_id from taken_back) and told.total_amount > 0
),

rates as (
    select
        currency_code,
        arg_max(rate_to_shop, rate_date) as rate_to_shop
    from {{ ref('dim_currency_rate') }}
    group by currency_code
),

chargebacks as (
    select
        taken_back.order_id,
        totals.order_number,
        taken_back.taken_amount,
        taken_back.currency_code,
        taken_back.first_date,
        totals.total_amount,
        least(100.0 * cast(taken_back.taken_amount as double) / cast(totals.total_amount as double), 100) as share_pct,
        taken_back.taken_amount
        * if(taken_back.currency_code = build.shop_currency, 1, rates.rate_to_shop) as taken_shop,
        build.last_date
    from taken_back
    cross join build
    inner join totals
        on taken_back.order_id = totals.order_id and taken_back.currency_code = totals.currency_code
    left join rates on taken_back.currency_code = rates.currency_code
),

countries as (
    select
        customer_id,
        count(distinct country_id) as country_count,
        string_agg(distinct country_id, ', ' order by country_id) as country_ids,
        count(*) as order_count,
        sum(value_shop) as value_shop,
        max(order_date) as last_order_date,
        any_value(last_date) as last_date
    from recent
    where
        customer_id is not null
        and country_id <> 'UNSPECIFIED'
        and order_date > last_date - {{ alert_days('fraud_countries') }}
    group by customer_id
),

-- the day of the order that made it so many: the first order to the last of the countries
country_firsts as (
    select
        customer_id,
        country_id,
        min(order_date) as first_date
    from recent
    where
        customer_id in (
            select countries.customer_id from countries
            where countries.country_count > 1
        )
        and country_id <> 'UNSPECIFIED'
        and order_date > last_date - {{ alert_days('fraud_countries') }}
    group by customer_id, country_id
    qualify
        row_number() over (partition by customer_id order by min(order_date), country_id)
        = {{ alert_number('fraud_countries') }}
),

failures as (
    select
        payments.order_id,
        count(*) as failed_count,
        max({{ local_date('payments.occurred_at') }}) as last_failed_date,
        string_agg(distinct payments.gateway, ', ' order by payments.gateway) as gateways
    from {{ ref('stg_payments') }} as payments
    cross join build
    where
        payments.payment_status = 'failure'
        and payments.occurred_at > build.as_of - to_days({{ alert_days('fraud_failed_payments') }})
    group by payments.order_id
    having count(*) >= {{ alert_number('fraud_failed_payments') }}
),

medians as (
    select
        channel_id,
        median(cast(value_shop as double)) as median_shop
    from recent
    where value_shop > 0
    group by channel_id
),

firsts as (
    select
        customer_id,
        arg_min(order_id, (ordered_at, order_id)) as order_id
    from orders
    where customer_id is not null
    group by customer_id
),

large as (
    select
        recent.*,
        medians.median_shop,
        cast(recent.value_shop as double) / medians.median_shop as times_median
    from recent
    inner join medians on recent.channel_id = medians.channel_id
    inner join firsts on recent.customer_id = firsts.customer_id and recent.order_id = firsts.order_id
    where
        recent.order_date > recent.last_date - {{ alert_days('fraud_large_first_order') }}
        and not recent.is_fully_cancelled
        and recent.value_shop >= {{ alert_number('fraud_large_first_order', 'minimum') }}
        and medians.median_shop > 0
),

final as (
    select
        'fraud_chargeback' as rule_id,
        order_id as subject_id,
        coalesce(order_number, order_id) as subject_title,
        share_pct as metric_value,
        {{ money('taken_shop') }} as value_at_stake_shop,
        first_date as first_seen_date,
        last_date as last_seen_date,
        json_object(
            'taken_back_amount', taken_amount,
            'order_total_amount', total_amount,
            'currency_code', currency_code,
            'settled_date', first_date
        ) as evidence
    from chargebacks
    where share_pct >= {{ alert_number('fraud_chargeback') }}
    union all
    select
        'fraud_countries' as rule_id,
        countries.customer_id as subject_id,
        countries.country_ids as subject_title,
        cast(countries.country_count as double) as metric_value,
        {{ money('countries.value_shop') }} as value_at_stake_shop,
        country_firsts.first_date as first_seen_date,
        countries.last_date as last_seen_date,
        json_object(
            'country_ids', countries.country_ids,
            'order_count', countries.order_count,
            'last_order_date', countries.last_order_date
        ) as evidence
    from countries
    inner join country_firsts on countries.customer_id = country_firsts.customer_id
    where countries.country_count >= {{ alert_number('fraud_countries') }}
    union all
    select
        'fraud_failed_payments' as rule_id,
        failures.order_id as subject_id,
        coalesce(recent.order_number, failures.order_id) as subject_title,
        cast(failures.failed_count as double) as metric_value,
        {{ money('recent.value_shop') }} as value_at_stake_shop,
        failures.last_failed_date as first_seen_date,
        build.last_date as last_seen_date,
        json_object(
            'failed_payment_count', failures.failed_count,
            'gateways', failures.gateways,
            'order_date', recent.order_date
        ) as evidence
    from failures
    cross join build
    inner join recent on failures.order_id = recent.order_id
    where not recent.is_fully_cancelled
    union all
    select
        'fraud_large_first_order' as rule_id,
        order_id as subject_id,
        coalesce(order_number, order_id) as subject_title,
        times_median as metric_value,
        {{ money('value_shop') }} as value_at_stake_shop,
        order_date as first_seen_date,
        last_date as last_seen_date,
        json_object(
            'value_shop', value_shop,
            'channel_median_shop', round(median_shop, 2),
            'channel_id', channel_id,
            'country_id', country_id
        ) as evidence
    from large
    where times_median >= {{ alert_number('fraud_large_first_order') }}
)

select * from final
