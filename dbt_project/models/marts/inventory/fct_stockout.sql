{#- Since when, and until when, there was nothing of a product at a place that had had some. -#}
with

levels as (
    select
        *,
        on_hand_units <= 0 as is_out,
        lag(on_hand_units) over (partition by product_id, location_id order by valid_from_date) as before_units
    from {{ ref('fct_stock_level') }}
),

-- an interval of nothing that follows one of nothing goes on
islands as (
    select
        *,
        count(*) filter (where not is_out or coalesce(before_units, 1) > 0) over (
            partition by product_id, location_id order by valid_from_date
            rows between unbounded preceding and current row
        ) as island
    from levels
),

merged as (
    select
        product_id,
        location_id,
        min(valid_from_date) as from_date,
        if(bool_or(valid_to_date is null), null, max(valid_to_date)) as to_date,
        -arg_min(sale_units, valid_from_date) as last_sale_units,
        arg_min(before_units, valid_from_date) as before_units
    from islands
    where is_out
    group by product_id, location_id, island
),

orders as (
    select
        merged.product_id,
        merged.location_id,
        merged.from_date,
        count(*) as open_line_count,
        count(*) filter (where lines.expected_date <= merged.from_date) as late_line_count
    from merged
    inner join {{ ref('fct_purchase_order_line') }} as lines
        on
            merged.product_id = lines.product_id
            and merged.location_id = lines.location_id
            and merged.from_date >= lines.ordered_date
            and lines.line_status <> 'cancelled'
            and (
                lines.last_received_at is null
                or cast(lines.last_received_at as date) > merged.from_date
                or lines.outstanding_units > 0
            )
    group by all
),

-- whether suppliers deliver there at all, or another place of ours
supplied as (
    select distinct location_id from {{ ref('fct_purchase_order_line') }}
),

final as (
    select
        merged.product_id,
        merged.location_id,
        case
            when supplied.location_id is null then 'not_replenished'
            when orders.late_line_count > 0 then 'supplier_late'
            when orders.open_line_count > 0 then 'ordered_too_late'
            else 'not_ordered'
        end as cause,
        coalesce(merged.to_date, {{ counted_date('build.as_of') }}) - merged.from_date + 1 as day_count,
        merged.before_units,
        cast(merged.last_sale_units as bigint) as last_sale_units,
        coalesce(orders.open_line_count, 0) as open_line_count,
        coalesce(orders.late_line_count, 0) as late_line_count,
        merged.to_date is null as is_ongoing,
        merged.from_date,
        merged.to_date
    from merged
    cross join {{ source('raw', 'build') }} as build
    left join orders using (product_id, location_id, from_date)
    left join supplied using (location_id)
    where merged.before_units > 0
)

select * from final
