{#- Rules about stock: what will be missing before more comes, and what will not be sold. Since when a condition has
    held is told by the daily stock: the unbroken run of days up to the last one on which the stock was as short, or as
    much too high, at today's expected demand. -#}
{{ config(schema='intermediate', contract={'enforced': false}) }}
with

build as (
    {{ alert_build() }}
),

policies as (
    select * from {{ source('models', 'inventory_policy') }}
),

products as (
    select * from {{ ref('dim_product') }}
),

received as (
    select
        purchase_order_ref,
        product_id,
        sum(quantity) as received_units
    from {{ ref('stg_receipts') }}
    group by purchase_order_ref, product_id
),

ordered as (
    select
        purchase_order_ref,
        product_id,
        sum(quantity) as ordered_units,
        max(expected_at) as expected_at
    from {{ ref('stg_purchase_order_lines') }}
    where status in ('open', 'partial')
    group by purchase_order_ref, product_id
),

inbound as (
    select
        ordered.product_id,
        min({{ local_date('ordered.expected_at') }}) as receipt_date,
        cast(sum(ordered.ordered_units - coalesce(received.received_units, 0)) as bigint) as inbound_units
    from ordered
    cross join build
    left join received
        on ordered.purchase_order_ref = received.purchase_order_ref and ordered.product_id = received.product_id
    -- what is overdue has no date: nobody knows when it comes
    where
        {{ local_date('ordered.expected_at') }} > build.last_date
        and ordered.ordered_units > coalesce(received.received_units, 0)
    group by ordered.product_id
),

-- how far today's stock reaches into the daily forecast
reached as (
    select
        forecasts.product_id,
        forecasts.forecast_date,
        sum(forecasts.demand_units) over (
            partition by forecasts.product_id
            order by forecasts.forecast_date rows between unbounded preceding and current row
        ) as demand_so_far
    from {{ source('models', 'product_forecast') }} as forecasts
),

empty as (
    select
        reached.product_id,
        min(reached.forecast_date) as runout_date
    from reached
    inner join policies on reached.product_id = policies.product_id
    where reached.demand_so_far > policies.on_hand_units
    group by reached.product_id
),

measured as (
    select
        policies.product_id,
        coalesce(products.product_title, policies.product_id) as product_title,
        policies.supplier_name,
        greatest(policies.on_hand_units, 0) as on_hand_units,
        policies.daily_demand_units,
        policies.unit_cost_shop,
        policies.lead_time_days,
        policies.cover_days,
        coalesce(products.current_price_shop, policies.unit_cost_shop) as price_shop,
        inbound.receipt_date,
        inbound.inbound_units,
        coalesce(
            empty.runout_date,
            build.last_date + 1 + cast(least(coalesce(policies.cover_days, 36500), 36500) as integer)
        ) as runout_date,
        build.last_date,
        least(
            coalesce(inbound.receipt_date, date '9999-12-31'), build.last_date + 1 + policies.lead_time_days
        ) as supply_date
    from policies
    cross join build
    left join products on policies.product_id = products.product_id
    left join inbound on policies.product_id = inbound.product_id
    left join empty on policies.product_id = empty.product_id
    where policies.on_hand_source = 'supplied'
),

short as (
    select
        *,
        cast(supply_date - runout_date as double) as days_short,
        daily_demand_units * cast(supply_date - last_date as double) as enough_units
    from measured
    where
        supply_date - runout_date >= {{ alert_number('stock_out_before_receipt') }}
        and daily_demand_units >= {{ alert_number('stock_out_before_receipt', 'minimum') }}
),

over as (
    select
        *,
        greatest(
            on_hand_units - daily_demand_units * {{ alert_number('overstock', 'window_days') }}, 0
        ) as excess_units,
        daily_demand_units * {{ alert_number('overstock') }} as too_many_units
    from measured
    where cover_days >= {{ alert_number('overstock') }}
),

levels as (
    {{ alert_stock_levels() }}
),

short_since as (
    select
        short.product_id,
        max(levels.stock_date) filter (where levels.on_hand_units >= short.enough_units) as last_day_enough,
        min(levels.stock_date) as first_day_known
    from short
    inner join levels on short.product_id = levels.product_id
    group by short.product_id
),

over_since as (
    select
        over.product_id,
        max(levels.stock_date) filter (where levels.on_hand_units < over.too_many_units) as last_day_not_over,
        min(levels.stock_date) as first_day_known
    from over
    inner join levels on over.product_id = levels.product_id
    group by over.product_id
),

final as (
    select
        'stock_out_before_receipt' as rule_id,
        short.product_id as subject_id,
        short.product_title as subject_title,
        short.days_short as metric_value,
        {{ money(
            'least(short.days_short, ' ~ alert_number('stock_out_before_receipt', 'window_days') ~ ')'
            ~ ' * short.daily_demand_units * cast(short.price_shop as double)'
        ) }} as value_at_stake_shop,
        least(
            coalesce(short_since.last_day_enough + 1, short_since.first_day_known, short.last_date), short.last_date
        ) as first_seen_date,
        short.last_date as last_seen_date,
        json_object(
            'on_hand_units', short.on_hand_units,
            'daily_demand_units', round(short.daily_demand_units, 3),
            'runout_date', short.runout_date,
            'next_receipt_date', short.receipt_date,
            'inbound_units', short.inbound_units,
            'lead_time_days', short.lead_time_days,
            'supplier_name', short.supplier_name
        ) as evidence
    from short
    left join short_since on short.product_id = short_since.product_id
    union all
    select
        'overstock' as rule_id,
        over.product_id as subject_id,
        over.product_title as subject_title,
        over.cover_days as metric_value,
        {{ money('over.excess_units * cast(over.unit_cost_shop as double)') }} as value_at_stake_shop,
        least(
            coalesce(over_since.last_day_not_over + 1, over_since.first_day_known, over.last_date), over.last_date
        ) as first_seen_date,
        over.last_date as last_seen_date,
        json_object(
            'on_hand_units', over.on_hand_units,
            'daily_demand_units', round(over.daily_demand_units, 3),
            'excess_units', round(over.excess_units, 0),
            'unit_cost_shop', over.unit_cost_shop,
            'supplier_name', over.supplier_name
        ) as evidence
    from over
    left join over_since on over.product_id = over_since.product_id
    where over.excess_units * cast(over.unit_cost_shop as double) >= {{ alert_number('overstock', 'minimum') }}
)

select * from final
