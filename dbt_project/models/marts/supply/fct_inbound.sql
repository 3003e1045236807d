{#- What is ordered and has not come yet, with when it is due and when, as this supplier delivers, it will be there. -#}
with

final as (
    select
        lines.purchase_order_line_id,
        lines.product_id,
        lines.supplier_id,
        lines.location_id,
        lines.currency_code,
        lines.outstanding_units,
        if(lines.is_overdue, lines.late_days, 0) as overdue_days,
        lines.outstanding_order,
        lines.outstanding_shop,
        lines.is_overdue,
        lines.ordered_date,
        lines.expected_date,
        greatest(
            {{ counted_date('build.as_of') }} + 1,
            coalesce(
                lines.ordered_date + cast(ceil(lead_times.lead_time_p80_days) as integer), lines.expected_date
            )
        ) as likely_date
    from {{ ref('fct_purchase_order_line') }} as lines
    cross join {{ source('raw', 'build') }} as build
    left join {{ ref('fct_supplier_lead_time') }} as lead_times using (supplier_id, location_id)
    where lines.outstanding_units > 0
)

select * from final
