{#- Each product's units go out in turn: by day, sales before losses, channels by name. What a stretch of units cost is
    what the units up to its end cost, less what those up to its beginning cost: units that come back on the shelf
    undo those that went out last. -#}
with

layers as (
    select
        product_id,
        units_before,
        units,
        value_before,
        unit_cost_shop,
        cost_basis
    from {{ ref('int_cost_layers__dated') }}
    where units > 0
),

-- beyond the last layer, and for a product that never had one, the last known cost goes on
tails as (
    select
        product_id,
        cast(sum(units) as bigint) as units_before,
        cast(sum(units * unit_cost_shop) as decimal(28, 4)) as value_before,
        arg_max(unit_cost_shop, layer_number) as unit_cost_shop,
        arg_max(cost_basis, layer_number) as cost_basis,
        arg_min(unit_cost_shop, layer_number) as first_unit_cost_shop
    from {{ ref('int_cost_layers__dated') }}
    group by product_id
),

steps as (
    select
        product_id,
        units_before,
        value_before,
        unit_cost_shop,
        cost_basis
    from layers
    union all
    select
        product_id,
        units_before,
        value_before,
        unit_cost_shop,
        cost_basis
    from tails
),

issues as (
    select
        *,
        cast(sum(net_units) over in_turn as bigint) as units_after,
        cast(sum(net_units) over in_turn as bigint) - net_units as units_so_far
    from {{ ref('int_units__issued') }}
    window in_turn as (
        partition by product_id order by issue_date asc, issue_kind desc, channel_id asc
        rows between unbounded preceding and current row
    )
),

points as (
    select
        product_id,
        units_after as point
    from issues
    union
    select
        product_id,
        units_so_far as point
    from issues
),

-- before the first unit: what was sold before the books begin came back
valued as (
    select
        points.product_id,
        points.point,
        steps.cost_basis,
        cast(
            steps.value_before + (greatest(points.point, 0) - steps.units_before) * steps.unit_cost_shop
            + least(points.point, 0) * tails.first_unit_cost_shop
            as decimal(28, 4)
        ) as value_to
    from points
    inner join tails on points.product_id = tails.product_id
    asof left join steps
        on points.product_id = steps.product_id and greatest(points.point, 0) >= steps.units_before
),

averages as (
    select
        product_id,
        valid_from_date,
        moving_average_unit_cost_shop
    from {{ ref('fct_unit_cost') }}
),

costed as (
    select
        issues.*,
        after.value_to - before.value_to as cost_fifo,
        coalesce(averages.moving_average_unit_cost_shop, 0) as average_unit_cost,
        after.cost_basis
    from issues
    inner join valued as after
        on issues.product_id = after.product_id and issues.units_after = after.point
    inner join valued as before
        on issues.product_id = before.product_id and issues.units_so_far = before.point
    asof left join averages
        on issues.product_id = averages.product_id and issues.issue_date >= averages.valid_from_date
),

final as (
    select
        product_id,
        channel_id,
        issue_kind,
        cost_basis,
        out_units,
        restocked_units,
        net_units,
        if(cost_basis = 'unknown', net_units, 0) as uncosted_units,
        {{ money('cost_fifo') }} as cost_fifo_shop,
        {{ money('net_units * average_unit_cost') }} as cost_moving_average_shop,
        issue_date as cost_date
    from costed
)

select * from final
