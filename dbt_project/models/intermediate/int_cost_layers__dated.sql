{#- The layers of each product's stock in the order in which they are used up: what lay there before the first known
    movement, then each receipt at what its purchase order says, at the rate of the day it came. What lay there at
    first is what must have, for the newest count to be what it is; where nobody counted, the least that never leaves
    less than nothing. -#}
with

build as (
    select
        *,
        {{ local_date('build.as_of') }} as as_of_date
    from {{ source('raw', 'build') }} as build
),

rates as (
    select
        currency_code,
        rate_date,
        rate_to_shop
    from {{ ref('dim_currency_rate') }}
),

bought as (
    select
        product_id,
        purchase_order_ref,
        coalesce(purchase_order_line_ref, '') as purchase_order_line_ref,
        arg_max(unit_cost, (occurred_at, known_at, source, source_row)) as unit_cost,
        arg_max(currency_code, (occurred_at, known_at, source, source_row)) as currency_code,
        arg_max(supplier_ref, (occurred_at, known_at, source, source_row)) as supplier_ref
    from {{ ref('stg_purchase_order_lines') }}
    where unit_cost is not null
    group by all
),

arrived as (
    select
        receipts.product_id,
        receipts.receipt_ref,
        receipts.source,
        coalesce(receipts.purchase_order_line_ref, '') as line_ref,
        bought.unit_cost,
        bought.currency_code,
        bought.supplier_ref,
        receipts.quantity,
        coalesce(receipts.damaged_quantity, 0) as damaged_units,
        {{ local_date('receipts.occurred_at') }} as layer_date
    from {{ ref('stg_receipts') }} as receipts
    cross join build
    left join bought
        on
            receipts.product_id = bought.product_id
            and receipts.purchase_order_ref = bought.purchase_order_ref
            and coalesce(receipts.purchase_order_line_ref, '') = bought.purchase_order_line_ref
),

first_days as (
    select
        product_id,
        min(day) - 1 as opening_date
    from (
        select
            product_id,
            issue_date as day
        from {{ ref('int_units__issued') }}
        union all
        select
            product_id,
            layer_date as day
        from arrived
    ) as moved
    group by product_id
),

-- what a supplier asks, then what the shop's catalogue says, then the terms of supply; the price of the day, if any
stated as (
    select
        product_id,
        'supplier_price' as cost_basis,
        1 + cast(supplier_ref is null as integer) as preference,
        unit_cost,
        currency_code,
        cast(occurred_at as date) as stated_date,
        source
    from {{ ref('stg_product_costs') }}
    where unit_cost is not null
    union all
    select
        product_id,
        'catalogue_cost' as cost_basis,
        3 as preference,
        cost_amount as unit_cost,
        currency_code,
        cast(occurred_at as date) as stated_date,
        source
    from {{ ref('stg_products') }}
    where cost_amount is not null and not is_deleted
    union all
    select
        product_id,
        'terms_of_supply' as cost_basis,
        4 as preference,
        unit_cost,
        currency_code,
        cast(occurred_at as date) as stated_date,
        source
    from {{ ref('stg_product_supply') }}
    where unit_cost is not null
),

converted as (
    select
        stated.*,
        first_days.opening_date,
        {{ money(
            'stated.unit_cost * if(stated.currency_code = build.shop_currency, 1, rates.rate_to_shop)'
        ) }} as unit_cost_shop
    from first_days
    inner join stated on first_days.product_id = stated.product_id
    cross join build
    asof left join rates
        on stated.currency_code = rates.currency_code and first_days.opening_date >= rates.rate_date
),

opening_costs as (
    select
        product_id,
        cost_basis,
        unit_cost_shop
    from converted
    where unit_cost_shop is not null
    qualify row_number() over (
        partition by product_id
        order by
            preference asc, stated_date <= opening_date desc,
            if(stated_date <= opening_date, stated_date - opening_date, opening_date - stated_date) desc,
            unit_cost_shop asc, source asc
    ) = 1
),

receipts as (
    select
        arrived.product_id,
        arrived.supplier_ref,
        arrived.source || '/' || arrived.receipt_ref || '/' || arrived.line_ref as layer_ref,
        arrived.layer_date,
        arrived.quantity - arrived.damaged_units as units,
        arrived.damaged_units,
        {{ money(
            'coalesce(arrived.unit_cost * if(arrived.currency_code = build.shop_currency, 1, rates.rate_to_shop),'
            ~ ' opening_costs.unit_cost_shop, 0)'
        ) }} as unit_cost_shop,
        case
            when
                arrived.unit_cost is not null
                and (arrived.currency_code = build.shop_currency or rates.rate_to_shop is not null) then 'receipt'
            else coalesce(opening_costs.cost_basis, 'unknown')
        end as cost_basis
    from arrived
    cross join build
    left join opening_costs on arrived.product_id = opening_costs.product_id
    asof left join rates on arrived.currency_code = rates.currency_code and arrived.layer_date >= rates.rate_date
),

-- a shop's number without a place is no further stock, as in fct_stock_on_hand
places as (
    select
        product_id,
        coalesce(location_ref, '') as location_ref,
        arg_max(
            on_hand_units - coalesce(reserved_units, 0), (occurred_at, known_at, source, source_row)
        ) as free_units
    from {{ ref('stg_stock_on_hand') }}
    where on_hand_units is not null
    group by all
),

counted as (
    select
        product_id,
        greatest(
            coalesce(sum(free_units) filter (where location_ref <> ''), 0),
            coalesce(sum(free_units) filter (where location_ref = ''), 0)
        ) as free_units
    from places
    group by product_id
),

flows as (
    select
        product_id,
        issue_date as day,
        -net_units as units
    from {{ ref('int_units__issued') }}
    union all
    select
        product_id,
        layer_date as day,
        units
    from receipts
),

levels as (
    select
        product_id,
        sum(sum(units)) over (partition by product_id order by day) as level,
        row_number() over (partition by product_id order by day desc) as recency
    from flows
    group by product_id, day
),

needed as (
    select
        product_id,
        -least(min(level), 0) as least_opening,
        arg_min(level, recency) as net_flow
    from levels
    group by product_id
),

openings as (
    select
        first_days.product_id,
        cast(null as varchar) as supplier_ref,
        '' as layer_ref,
        first_days.opening_date as layer_date,
        cast(if(
            counted.product_id is null,
            needed.least_opening,
            greatest(counted.free_units - needed.net_flow, 0)
        ) as bigint) as units,
        cast(0 as bigint) as damaged_units,
        {{ money('coalesce(opening_costs.unit_cost_shop, 0)') }} as unit_cost_shop,
        coalesce(opening_costs.cost_basis, 'unknown') as cost_basis
    from first_days
    inner join needed on first_days.product_id = needed.product_id
    left join counted on first_days.product_id = counted.product_id
    left join opening_costs on first_days.product_id = opening_costs.product_id
),

layers as (
    select
        product_id,
        supplier_ref,
        layer_ref,
        layer_date,
        true as is_opening,
        units,
        damaged_units,
        unit_cost_shop,
        cost_basis
    from openings
    union all
    select
        product_id,
        supplier_ref,
        layer_ref,
        layer_date,
        false as is_opening,
        units,
        damaged_units,
        unit_cost_shop,
        cost_basis
    from receipts
),

final as (
    select
        *,
        row_number() over in_turn as layer_number,
        cast(sum(units) over in_turn as bigint) - units as units_before,
        cast(sum(units * unit_cost_shop) over in_turn as decimal(28, 4)) - units * unit_cost_shop as value_before
    from layers
    window in_turn as (
        partition by product_id order by is_opening desc, layer_date asc, layer_ref asc
        rows between unbounded preceding and current row
    )
)

select * from final
