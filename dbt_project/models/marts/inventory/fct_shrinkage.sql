{#- What went without a customer, a supplier or another place to name: corrections, differences of counts, damage. -#}
with

moved as (
    select
        product_id,
        location_id,
        cast(date_trunc('month', movement_date) as date) as month_start_date,
        cast(coalesce(sum(quantity) filter (where movement_kind = 'adjustment'), 0) as bigint) as adjustment_units,
        cast(coalesce(sum(quantity) filter (where movement_kind = 'count'), 0) as bigint) as count_units,
        cast(coalesce(sum(quantity) filter (where movement_kind = 'damage'), 0) as bigint) as damage_units,
        cast(coalesce(sum(abs(quantity)) filter (where movement_kind in ('adjustment', 'count')), 0) as bigint)
            as unexplained_units,
        cast(sum(abs(quantity)) as bigint) as moved_units
    from {{ ref('fct_stock_movement') }}
    where movement_kind <> 'opening'
    group by all
),

final as (
    select
        moved.product_id,
        moved.location_id,
        moved.adjustment_units,
        moved.count_units,
        moved.damage_units,
        moved.unexplained_units,
        moved.moved_units,
        {{ pct('moved.unexplained_units', 'moved.moved_units') }} as unexplained_pct,
        {{ money('(moved.adjustment_units + moved.count_units) * costs.unit_cost_shop') }} as unexplained_shop,
        {{ money('moved.damage_units * costs.unit_cost_shop') }} as damage_shop,
        moved.month_start_date
    from moved
    left join {{ ref('int_stock_costs__monthly') }} as costs using (product_id, month_start_date)
    where moved.unexplained_units > 0 or moved.damage_units <> 0
)

select * from final
