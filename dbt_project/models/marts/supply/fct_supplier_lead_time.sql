{#- How long each supplier took from order to the last piece of a line, on its way to each place. -#}
with

lines as (
    select
        lines.supplier_id,
        suppliers.country_code as supplier_country,
        lines.location_id,
        date_diff('second', lines.ordered_at, lines.last_received_at) as taken_seconds,
        date_diff('second', lines.ordered_at, lines.expected_at) as promised_seconds,
        suppliers.lead_time_days as stated_days
    from {{ ref('fct_purchase_order_line') }} as lines
    cross join {{ source('raw', 'build') }} as build
    left join {{ ref('dim_supplier') }} as suppliers using (supplier_id)
    where
        lines.line_status = 'received'
        and lines.last_received_at
        >= build.as_of - to_days(cast({{ supply_assumption('lead_time_days') }} as integer))
),

final as (
    select
        supplier_id,
        location_id,
        any_value(supplier_country) as supplier_country,
        count(*) as line_count,
        cast(sum(taken_seconds) / 86400.0 / count(*) as decimal(9, 2)) as lead_time_mean_days,
        cast(
            sqrt(greatest(
                count(*) * sum(cast(taken_seconds as hugeint) * taken_seconds)
                - cast(sum(taken_seconds) as hugeint) * cast(sum(taken_seconds) as hugeint), 0
            ) / nullif(count(*) * (count(*) - 1), 0)) / 86400.0 as decimal(9, 2)
        ) as lead_time_sd_days,
        cast(quantile_cont(taken_seconds, 0.5) / 86400.0 as decimal(9, 2)) as lead_time_p50_days,
        cast(quantile_cont(taken_seconds, 0.8) / 86400.0 as decimal(9, 2)) as lead_time_p80_days,
        cast(quantile_cont(taken_seconds, 0.95) / 86400.0 as decimal(9, 2)) as lead_time_p95_days,
        cast(sum(promised_seconds) / 86400.0 / count(promised_seconds) as decimal(9, 2)) as promised_mean_days,
        max(stated_days) as stated_days
    from lines
    group by supplier_id, location_id
)

select * from final
