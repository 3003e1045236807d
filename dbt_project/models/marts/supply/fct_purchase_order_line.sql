{#- What was ordered, and what of it has come. The newest version of each line counts. -#}
with

rates as (
    {{ rates_by_day() }}
),

arrived as (
    select
        purchase_order_line_id,
        cast(sum(received_units) as bigint) as received_units,
        cast(sum(damaged_units) as bigint) as damaged_units,
        count(*) as receipt_count,
        min(received_at) as first_received_at,
        max(received_at) as last_received_at
    from {{ ref('fct_receipt') }}
    where purchase_order_line_id is not null
    group by purchase_order_line_id
),

lines as (
    select
        told.purchase_order_ref || '/' || told.purchase_order_line_ref as purchase_order_line_id,
        told.purchase_order_ref as purchase_order_id,
        told.product_id,
        told.supplier_ref as supplier_id,
        told.location_ref as location_id,
        told.currency_code,
        told.status as told_status,
        told.quantity,
        told.unit_cost,
        told.occurred_at as ordered_at,
        told.expected_at,
        told.known_at,
        {{ local_date('told.occurred_at') }} as ordered_date,
        {{ local_date('told.expected_at') }} as expected_date,
        {{ counted_date('build.as_of') }} as as_of_date
    from {{ ref('stg_purchase_order_lines') }} as told
    cross join {{ source('raw', 'build') }} as build
    qualify row_number() over (
        partition by told.purchase_order_ref, told.purchase_order_line_ref
        order by told.version_at desc, told.known_at desc, told.source asc, told.source_row desc
    ) = 1
),

judged as (
    select
        lines.*,
        coalesce(arrived.received_units, 0) as received_units,
        coalesce(arrived.damaged_units, 0) as damaged_units,
        coalesce(arrived.receipt_count, 0) as receipt_count,
        arrived.first_received_at,
        arrived.last_received_at,
        case
            when lines.told_status = 'cancelled' then 'cancelled'
            when lines.told_status = 'received' or coalesce(arrived.received_units, 0) >= lines.quantity then 'received'
            when arrived.received_units > 0 then 'partial'
            else 'open'
        end as line_status
    from lines
    left join arrived using (purchase_order_line_id)
),

counted as (
    select
        *,
        if(line_status in ('open', 'partial'), quantity - received_units, 0) as outstanding_units
    from judged
),

final as (
    select
        counted.purchase_order_line_id,
        counted.purchase_order_id,
        counted.product_id,
        counted.supplier_id,
        counted.location_id,
        counted.currency_code,
        counted.line_status,
        counted.quantity as ordered_units,
        counted.received_units,
        counted.damaged_units,
        counted.outstanding_units,
        counted.receipt_count,
        case
            when counted.line_status = 'received'
                then {{ local_date('counted.last_received_at') }} - counted.expected_date
            when counted.line_status <> 'cancelled' and counted.as_of_date > counted.expected_date
                then counted.as_of_date - counted.expected_date
        end as late_days,
        {{ money('counted.unit_cost') }} as unit_cost_order,
        {{ money('counted.unit_cost * counted.quantity') }} as ordered_order,
        {{ money('counted.unit_cost * counted.outstanding_units') }} as outstanding_order,
        {{ at_rate('counted.unit_cost', 'counted') }} as unit_cost_shop,
        {{ at_rate('counted.unit_cost * counted.quantity', 'counted') }} as ordered_shop,
        {{ at_rate('counted.unit_cost * counted.outstanding_units', 'counted') }} as outstanding_shop,
        coalesce(
            counted.line_status in ('open', 'partial') and counted.as_of_date > counted.expected_date, false
        ) as is_overdue,
        counted.ordered_at,
        counted.expected_at,
        counted.first_received_at,
        counted.last_received_at,
        counted.known_at,
        counted.ordered_date,
        counted.expected_date
    from counted
    cross join {{ source('raw', 'build') }} as build
    asof left join rates
        on counted.currency_code = rates.currency_code and counted.ordered_date >= rates.rate_date
)

select * from final
