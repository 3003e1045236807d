with

final as (
    select
        carrier,
        coalesce(service, 'not told') as service,
        coalesce(destination_country, 'not told') as destination_country,
        count(*) as shipment_count,
        count(delivered_at) as delivered_count,
        count(*) filter (where is_overdue) as overdue_count,
        count(*) filter (where invoice_state = 'not_invoiced' and delivered_at is not null) as uninvoiced_count,
        cast(quantile_cont(handling_hours, 0.5) as decimal(12, 2)) as handling_p50_hours,
        cast(quantile_cont(transit_days, 0.5) as decimal(9, 2)) as transit_p50_days,
        cast(quantile_cont(transit_days, 0.95) as decimal(9, 2)) as transit_p95_days,
        cast(sum(transit_days) / nullif(cast(count(transit_days) as double), 0) as decimal(9, 2)) as transit_mean_days,
        {{ money('coalesce(sum(cost_shop), 0)') }} as cost_shop,
        {{ money('cast(sum(cost_shop) as double) / nullif(count(cost_shop), 0)') }} as cost_per_shipment_shop,
        cast(date_trunc('month', shipped_date) as date) as month_start_date
    from {{ ref('fct_shipment') }}
    where shipped_date is not null and carrier is not null
    group by all
)

select * from final
