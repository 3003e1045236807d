{#- What left the stock for good, by product, day and channel: sold, less what came back to be sold again; and what was
    written off. Cancelled before it left: it comes back on the day of the cancellation. -#}
with

sold as (
    select
        product_id,
        channel_id,
        sales_date as issue_date,
        'sale' as issue_kind,
        sold_units,
        cast(0 as bigint) as restocked_units
    from {{ ref('int_sales__daily') }}
    where sold_units <> 0
),

refunds as (
    select
        order_id,
        occurred_at,
        bool_or(is_restocked) as is_restocked
    from {{ ref('stg_refunds') }}
    where is_restocked is not null
    group by all
),

-- what a warehouse saw of what came back
inspected as (
    select
        order_id,
        product_id,
        cast(coalesce(sum(quantity) filter (where disposition = 'sellable'), 0) as bigint) as sellable_units
    from {{ ref('stg_customer_returns') }}
    where not is_deleted
    group by all
),

inspecting as (
    select distinct source from {{ ref('stg_customer_returns') }}
),

returned as (
    select
        *,
        split_part(return_id, '/', 1) in (select inspecting.source from inspecting) as is_inspected,
        coalesce(sum(quantity) over (
            partition by return_id, product_id
            order by returned_at, return_line_id
            rows between unbounded preceding and 1 preceding
        ), 0) as units_before
    from {{ ref('fct_return') }}
),

judged as (
    select
        returned.product_id,
        returned.channel_id,
        returned.return_date as issue_date,
        'sale' as issue_kind,
        cast(0 as bigint) as sold_units,
        cast(case
            when returned.return_kind = 'cancellation' then returned.quantity
            when refunds.is_restocked is not null then if(refunds.is_restocked, returned.quantity, 0)
            when returned.is_inspected
                then greatest(
                    least(returned.quantity, coalesce(inspected.sellable_units, 0) - returned.units_before), 0
                )
            else if({{ finance_assumption('restock_untold_returns') }} >= 1, returned.quantity, 0)
        end as bigint) as restocked_units
    from returned
    left join refunds
        on returned.return_id = refunds.order_id and returned.returned_at = refunds.occurred_at
    left join inspected
        on returned.return_id = inspected.order_id and returned.product_id = inspected.product_id
),

corrected as (
    select
        movements.product_id,
        cast(null as varchar) as channel_id,
        {{ local_date('movements.occurred_at') }} as issue_date,
        'loss' as issue_kind,
        -movements.quantity as sold_units,
        cast(0 as bigint) as restocked_units
    from {{ ref('stg_inventory_movements') }} as movements
    cross join {{ source('raw', 'build') }} as build
    where
        movements.movement_kind in ('damage', 'adjustment', 'disposal', 'write_off', 'shrinkage')
        and coalesce(movements.disposition, 'sellable') = 'sellable'
    union all
    select
        product_id,
        cast(null as varchar) as channel_id,
        adjustment_date as issue_date,
        'loss' as issue_kind,
        -quantity as sold_units,
        cast(0 as bigint) as restocked_units
    from {{ ref('fct_stock_adjustment') }}
),

movements as (
    select * from sold
    union all
    select * from judged
    union all
    select * from corrected
),

final as (
    select
        product_id,
        coalesce(channel_id, '') as channel_id,
        issue_date,
        issue_kind,
        cast(sum(sold_units) as bigint) as out_units,
        cast(sum(restocked_units) as bigint) as restocked_units,
        cast(sum(sold_units - restocked_units) as bigint) as net_units
    from movements
    where product_id is not null
    group by all
)

select * from final
