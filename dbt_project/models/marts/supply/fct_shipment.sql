{#- Parcels: what shops sent, with what carriers charged for it. An invoice belongs to the parcel of its order and
    carrier that left at the time nearest to it, no more than three days off; what finds no counterpart stays, marked.
-#}
with

rates as (
    {{ rates_by_day() }}
),

parcels as (
    select
        source || '/' || fulfilment_ref as parcel_id,
        order_id,
        split_part(order_id, '/', 2) as order_ref,
        location_ref as location_id,
        status,
        carrier,
        quantity,
        occurred_at as created_at,
        shipped_at,
        delivered_at,
        known_at
    from {{ ref('stg_fulfilments') }}
    where not is_deleted
    qualify row_number() over (
        partition by source, fulfilment_ref order by version_at desc, known_at desc, source_row desc
    ) = 1
),

invoices as (
    select
        'invoice/' || source || '/' || coalesce(record_ref, load_id || '#' || source_row) as invoice_id,
        split_part(order_id, '/', 2) as order_ref,
        shipment_ref,
        carrier,
        service,
        destination_country,
        amount,
        currency_code,
        occurred_at as shipped_at,
        delivered_at,
        known_at
    from {{ ref('stg_shipping_costs') }}
),

near as (
    select
        parcels.parcel_id,
        invoices.invoice_id,
        abs(date_diff('second', parcels.shipped_at, invoices.shipped_at)) as apart_seconds
    from parcels
    inner join invoices
        on parcels.order_ref = invoices.order_ref and lower(parcels.carrier) = lower(invoices.carrier)
),

matched as (
    select
        parcel_id,
        invoice_id
    from near
    where apart_seconds <= 3 * 86400
    qualify
        row_number() over (partition by parcel_id order by apart_seconds, invoice_id) = 1
        and row_number() over (partition by invoice_id order by apart_seconds, parcel_id) = 1
),

-- an invoice that names an order of one shop only is of that order
orders as (
    select
        split_part(order_id, '/', 2) as order_ref,
        min(order_id) as order_id
    from {{ ref('stg_orders') }}
    where not is_deleted
    group by order_ref
    having count(*) = 1
),

joined as (
    select
        coalesce(parcels.parcel_id, invoices.invoice_id) as shipment_id,
        coalesce(parcels.order_id, orders.order_id) as order_id,
        parcels.location_id,
        invoices.shipment_ref,
        coalesce(parcels.carrier, invoices.carrier) as carrier,
        invoices.service,
        invoices.destination_country,
        invoices.currency_code,
        case
            when parcels.parcel_id is null then 'invoice_only'
            when invoices.invoice_id is null then 'not_invoiced'
            else 'invoiced'
        end as invoice_state,
        parcels.quantity,
        invoices.amount,
        coalesce(parcels.shipped_at, invoices.shipped_at) as shipped_at,
        coalesce(parcels.delivered_at, invoices.delivered_at) as delivered_at,
        greatest(parcels.known_at, invoices.known_at) as known_at
    from parcels
    left join matched on parcels.parcel_id = matched.parcel_id
    full join invoices on matched.invoice_id = invoices.invoice_id
    left join orders on invoices.order_ref = orders.order_ref
),

final as (
    select
        joined.shipment_id,
        joined.order_id,
        told_orders.channel_id,
        joined.location_id,
        joined.shipment_ref,
        joined.carrier,
        joined.service,
        coalesce(joined.destination_country, countries.country_id) as destination_country,
        joined.currency_code,
        joined.invoice_state,
        joined.quantity as unit_count,
        cast(
            date_diff('second', told_orders.occurred_at, joined.shipped_at) / 3600.0 as decimal(12, 2)
        ) as handling_hours,
        cast(date_diff('second', joined.shipped_at, joined.delivered_at) / 86400.0 as decimal(9, 2)) as transit_days,
        {{ money('joined.amount') }} as cost_order,
        {{ at_rate('joined.amount', 'joined') }} as cost_shop,
        {{ money('cast(' ~ at_rate('joined.amount', 'joined') ~ ' as double) / nullif(joined.quantity, 0)') }}
            as cost_per_unit_shop,
        joined.shipped_at is not null and joined.delivered_at is null
        and build.as_of - joined.shipped_at
        > to_days(cast({{ supply_assumption('shipment_late_days') }} as integer)) as is_overdue,
        told_orders.occurred_at as ordered_at,
        joined.shipped_at,
        joined.delivered_at,
        joined.known_at,
        {{ local_date('joined.shipped_at') }} as shipped_date
    from joined
    cross join {{ source('raw', 'build') }} as build
    left join {{ ref('stg_orders') }} as told_orders on joined.order_id = told_orders.order_id
    left join {{ ref('country_names') }} as countries on told_orders.country = countries.country_source_name
    asof left join rates
        on joined.currency_code = rates.currency_code and {{ local_date('joined.shipped_at') }} >= rates.rate_date
)

select * from final
