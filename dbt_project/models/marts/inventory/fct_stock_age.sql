{#- How old what lies there is: what came first went first, so that the youngest arrivals are what is left. Goods that
    come from another place begin anew there; of the opening it is only known that it is at least as old as the ledger.
-#}
with

levels as (
    select
        product_id,
        location_id,
        on_hand_units
    from {{ ref('fct_stock_level') }}
    where valid_to_date is null and on_hand_units > 0
),

arrivals as (
    select
        movements.product_id,
        movements.location_id,
        movements.movement_kind,
        movements.quantity,
        movements.movement_date,
        levels.on_hand_units,
        sum(movements.quantity) over (
            partition by movements.product_id, movements.location_id
            order by movements.moved_at desc, movements.place_in_moment desc, movements.movement_id desc
            rows between unbounded preceding and current row
        ) - movements.quantity as younger_units
    from {{ ref('fct_stock_movement') }} as movements
    inner join levels using (product_id, location_id)
    where movements.quantity > 0
),

layers as (
    select
        arrivals.*,
        least(arrivals.quantity, arrivals.on_hand_units - arrivals.younger_units) as units,
        {{ counted_date('build.as_of') }} - arrivals.movement_date as age_days
    from arrivals
    cross join {{ source('raw', 'build') }} as build
    where arrivals.on_hand_units > arrivals.younger_units
),

final as (
    select
        layers.product_id,
        layers.location_id,
        bands.age_band,
        cast(sum(layers.units) as bigint) as unit_count,
        cast(coalesce(sum(layers.units) filter (where layers.movement_kind = 'opening'), 0) as bigint)
            as at_least_as_old_units,
        max(layers.age_days) as oldest_days,
        {{ money('sum(layers.units) * any_value(costs.unit_cost_shop)') }} as value_shop,
        min(layers.movement_date) as oldest_date
    from layers
    inner join {{ ref('stock_age_bands') }} as bands
        on layers.age_days between bands.from_days and bands.to_days
    left join {{ ref('int_stock_costs__monthly') }} as costs
        on layers.product_id = costs.product_id and costs.is_latest
    group by layers.product_id, layers.location_id, bands.age_band
)

select * from final
