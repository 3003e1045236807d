{#- The moving average needs the average before it, receipt by receipt: one step takes the next receipt day of every
    product at once, so there are as many steps as the busiest product has receipt days. -#}
with recursive

layers as (
    select * from {{ ref('int_cost_layers__dated') }}
),

-- what came on one day is averaged in at once; receipts of a day come before its sales
daily as (
    select
        product_id,
        layer_date,
        bool_or(is_opening) as is_opening,
        cast(sum(units) as bigint) as units,
        cast(sum(units * unit_cost_shop) as decimal(28, 4)) as layer_value,
        arg_max(unit_cost_shop, layer_number) as last_unit_cost_shop,
        arg_max(cost_basis, layer_number) as cost_basis,
        row_number() over (partition by product_id order by layer_date) as step,
        lead(layer_date) over (partition by product_id order by layer_date) as next_date
    from layers
    where units > 0 or is_opening
    group by product_id, layer_date
),

-- units that leave while a step's average holds
issued as (
    select
        daily.product_id,
        daily.step,
        cast(coalesce(sum(issues.net_units), 0) as bigint) as issued_units
    from daily
    left join {{ ref('int_units__issued') }} as issues
        on
            daily.product_id = issues.product_id
            and daily.layer_date <= issues.issue_date
            and coalesce(daily.next_date > issues.issue_date, true)
    group by daily.product_id, daily.step
),

steps as (
    select
        daily.*,
        issued.issued_units,
        cast(coalesce(sum(issued.issued_units) over (
            partition by daily.product_id order by daily.step rows between unbounded preceding and 1 preceding
        ), 0) as bigint) as issued_before
    from daily
    inner join issued on daily.product_id = issued.product_id and daily.step = issued.step
),

averaged as (
    select
        product_id,
        step,
        units as units_on_hand,
        last_unit_cost_shop as unit_cost,
        {{ money('units * last_unit_cost_shop') }} as stock_value,
        {{ money('0') }} as revaluation,
        issued_units
    from steps
    where step = 1
    union all
    select
        moved.product_id,
        moved.step,
        moved.units_on_hand,
        moved.unit_cost,
        {{ money('moved.units_on_hand * moved.unit_cost') }} as stock_value,
        {{ money('moved.units_on_hand * moved.unit_cost - moved.value_of_both') }} as revaluation,
        moved.issued_units
    from (
        select
            steps.product_id,
            steps.step,
            steps.issued_units,
            averaged.units_on_hand - averaged.issued_units + steps.units as units_on_hand,
            averaged.stock_value - averaged.issued_units * averaged.unit_cost + steps.layer_value as value_of_both,
            -- nothing was left: the new price alone holds
            {{ average_cost(
                'averaged.units_on_hand - averaged.issued_units',
                'averaged.unit_cost', 'steps.units', 'steps.layer_value'
            ) }} as unit_cost
        from averaged
        inner join steps on averaged.product_id = steps.product_id and averaged.step = steps.step - 1
    ) as moved
),

stocked as (
    select * from layers
    where units > 0
),

-- the first unit to go out next, first in, first out
next_units as (
    select
        steps.product_id,
        steps.step,
        stocked.unit_cost_shop as fifo_unit_cost
    from steps
    asof left join stocked
        on steps.product_id = stocked.product_id and greatest(steps.issued_before, 0) >= stocked.units_before
),

final as (
    select
        steps.product_id,
        steps.cost_basis,
        steps.is_opening,
        steps.units as received_units,
        {{ money('steps.layer_value') }} as received_value_shop,
        {{ money('steps.last_unit_cost_shop') }} as last_unit_cost_shop,
        averaged.unit_cost as moving_average_unit_cost_shop,
        coalesce(next_units.fifo_unit_cost, averaged.unit_cost) as fifo_unit_cost_shop,
        averaged.units_on_hand as book_units,
        averaged.stock_value as book_value_shop,
        averaged.revaluation as revaluation_shop,
        averaged.issued_units,
        steps.layer_date as valid_from_date,
        steps.next_date as valid_to_date
    from steps
    inner join averaged on steps.product_id = averaged.product_id and steps.step = averaged.step
    left join next_units on steps.product_id = next_units.product_id and steps.step = next_units.step
)

select * from final
