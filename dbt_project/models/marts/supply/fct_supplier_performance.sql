{#- Of the lines that were due in a month: what came in time, what came in full, and what did both. -#}
with

lines as (
    select
        supplier_id,
        cast(date_trunc('month', expected_date) as date) as month_start_date,
        ordered_units,
        received_units,
        damaged_units,
        ordered_shop,
        coalesce(
            received_units > 0 and line_status = 'received'
            and late_days <= {{ supply_assumption('on_time_tolerance_days') }},
            false
        ) as is_on_time,
        (received_units - damaged_units) * 100
        >= ordered_units * (100 - {{ supply_assumption('in_full_tolerance_pct') }}) as is_in_full,
        late_days
    from {{ ref('fct_purchase_order_line') }}
    where line_status <> 'cancelled' and expected_at <= (select build.as_of from {{ source('raw', 'build') }} as build)
),

final as (
    select
        supplier_id,
        count(*) as due_line_count,
        count(*) filter (where is_on_time) as on_time_line_count,
        count(*) filter (where is_in_full) as in_full_line_count,
        count(*) filter (where is_on_time and is_in_full) as otif_line_count,
        cast(sum(ordered_units) as bigint) as ordered_units,
        cast(sum(received_units) as bigint) as received_units,
        cast(sum(damaged_units) as bigint) as damaged_units,
        {{ pct('count(*) filter (where is_on_time)', 'count(*)') }} as on_time_pct,
        {{ pct('count(*) filter (where is_in_full)', 'count(*)') }} as in_full_pct,
        {{ pct('count(*) filter (where is_on_time and is_in_full)', 'count(*)') }} as otif_pct,
        {{ pct('sum(least(received_units - damaged_units, ordered_units))', 'sum(ordered_units)') }} as fill_rate_pct,
        {{ pct('sum(damaged_units)', 'sum(received_units)') }} as damage_pct,
        cast(
            sum(greatest(late_days, 0)) / nullif(cast(count(late_days) as double), 0) as decimal(9, 2)
        ) as late_mean_days,
        {{ money('sum(ordered_shop)') }} as ordered_shop,
        month_start_date
    from lines
    group by supplier_id, month_start_date
)

select * from final
