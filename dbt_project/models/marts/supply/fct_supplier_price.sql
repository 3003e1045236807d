{#- What a supplier asks for a product, and since when: as it states its prices, and as orders were placed. -#}
with

told as (
    select
        costs.product_id,
        costs.supplier_ref as supplier_id,
        costs.currency_code,
        costs.unit_cost,
        {{ local_date('costs.occurred_at') }} as valid_from_date,
        0 as is_ordered
    from {{ ref('stg_product_costs') }} as costs
    cross join {{ source('raw', 'build') }} as build
    where costs.supplier_ref is not null
    qualify
        row_number() over (
            partition by costs.product_id, costs.supplier_ref, valid_from_date
            order by
                costs.occurred_at desc,
                costs.version_at desc,
                costs.known_at desc,
                costs.source asc,
                costs.source_row desc
        ) = 1
    union all
    select
        product_id,
        supplier_id,
        currency_code,
        unit_cost_order as unit_cost,
        ordered_date as valid_from_date,
        1 as is_ordered
    from {{ ref('fct_purchase_order_line') }}
    where unit_cost_order is not null and line_status <> 'cancelled'
    qualify row_number() over (
        partition by product_id, supplier_id, ordered_date order by ordered_at desc, purchase_order_line_id desc
    ) = 1
),

-- of one day the price that an order was placed at
daily as (
    select
        product_id,
        supplier_id,
        valid_from_date,
        max_by(unit_cost, is_ordered) as unit_cost,
        max_by(currency_code, is_ordered) as currency_code
    from told
    group by all
),

changes as (
    select
        *,
        lag(unit_cost) over pair_days as previous_cost,
        lag(currency_code) over pair_days as previous_currency
    from daily
    window pair_days as (partition by product_id, supplier_id order by valid_from_date)
),

intervals as (
    select
        product_id,
        supplier_id,
        currency_code,
        unit_cost,
        if(currency_code = previous_currency, previous_cost, null) as previous_cost,
        valid_from_date,
        lead(valid_from_date) over (partition by product_id, supplier_id order by valid_from_date) - 1 as valid_to_date
    from changes
    where previous_cost is null or unit_cost <> previous_cost or currency_code <> previous_currency
),

-- each day's price of the last days before the build weighs the same
weighed as (
    select
        intervals.product_id,
        intervals.supplier_id,
        cast(greatest(
            least(
                coalesce(intervals.valid_to_date, {{ counted_date('build.as_of') }}), {{ counted_date('build.as_of') }}
            )
            - greatest(
                intervals.valid_from_date,
                {{ counted_date('build.as_of') }} - cast({{ supply_assumption('price_days') }} as integer) + 1
            ) + 1, 0
        ) as bigint) as held_days,
        cast(intervals.unit_cost * 10000 as hugeint) as cost_units
    from intervals
    cross join {{ source('raw', 'build') }} as build
),

volatility as (
    select
        product_id,
        supplier_id,
        cast(
            100 * sqrt(greatest(
                sum(held_days) * sum(held_days * cost_units * cost_units)
                - sum(held_days * cost_units) * sum(held_days * cost_units), 0
            )) / nullif(cast(sum(held_days * cost_units) as double), 0) as decimal(18, 4)
        ) as volatility_pct
    from weighed
    group by product_id, supplier_id
),

rates as (
    {{ rates_by_day() }}
),

final as (
    select
        intervals.product_id,
        intervals.supplier_id,
        intervals.currency_code,
        {{ money('intervals.unit_cost') }} as unit_cost_order,
        {{ money('intervals.previous_cost') }} as previous_cost_order,
        {{ at_rate('intervals.unit_cost', 'intervals') }} as unit_cost_shop,
        {{ pct('(intervals.unit_cost - intervals.previous_cost)', 'intervals.previous_cost') }} as change_pct,
        volatility.volatility_pct,
        intervals.valid_to_date is null as is_current,
        intervals.valid_from_date,
        intervals.valid_to_date
    from intervals
    cross join {{ source('raw', 'build') }} as build
    left join volatility using (product_id, supplier_id)
    asof left join rates
        on intervals.currency_code = rates.currency_code and intervals.valid_from_date >= rates.rate_date
)

select * from final
