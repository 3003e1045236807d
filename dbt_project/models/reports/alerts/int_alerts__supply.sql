{#- Rules about suppliers: open lines of purchase orders that are past the date on which they were expected. -#}
{{ config(schema='intermediate', contract={'enforced': false}) }}
with

build as (
    {{ alert_build() }}
),

received as (
    select
        purchase_order_ref,
        product_id,
        sum(quantity) as received_units
    from {{ ref('stg_receipts') }}
    group by purchase_order_ref, product_id
),

ordered as (
    select
        purchase_order_ref,
        product_id,
        any_value(supplier_ref order by supplier_ref) as supplier_ref,
        any_value(currency_code order by currency_code) as currency_code,
        max(unit_cost) as unit_cost,
        sum(quantity) as ordered_units,
        max(expected_at) as expected_at
    from {{ ref('stg_purchase_order_lines') }}
    where status in ('open', 'partial')
    group by purchase_order_ref, product_id
),

rates as (
    select
        currency_code,
        arg_max(rate_to_shop, rate_date) as rate_to_shop
    from {{ ref('dim_currency_rate') }}
    group by currency_code
),

late as (
    select
        ordered.supplier_ref,
        ordered.purchase_order_ref,
        {{ local_date('ordered.expected_at') }} as expected_date,
        build.last_date,
        ordered.ordered_units - coalesce(received.received_units, 0) as open_units,
        (ordered.ordered_units - coalesce(received.received_units, 0)) * ordered.unit_cost
        * if(ordered.currency_code = build.shop_currency, 1, rates.rate_to_shop) as open_value_shop
    from ordered
    cross join build
    left join received
        on ordered.purchase_order_ref = received.purchase_order_ref and ordered.product_id = received.product_id
    left join rates on ordered.currency_code = rates.currency_code
    where
        ordered.ordered_units > coalesce(received.received_units, 0)
        and build.last_date - {{ local_date('ordered.expected_at') }} >= {{ alert_number('supplier_slip') }}
),

names as (
    select
        supplier_ref,
        min(supplier_name) as supplier_name
    from {{ ref('stg_suppliers') }}
    group by supplier_ref
),

final as (
    select
        'supplier_slip' as rule_id,
        coalesce(late.supplier_ref, 'unknown') as subject_id,
        coalesce(any_value(names.supplier_name), late.supplier_ref, 'unknown') as subject_title,
        cast(max(late.last_date - late.expected_date) as double) as metric_value,
        {{ money('sum(late.open_value_shop)') }} as value_at_stake_shop,
        min(late.expected_date) + cast({{ alert_number('supplier_slip') }} as integer) as first_seen_date,
        any_value(late.last_date) as last_seen_date,
        json_object(
            'late_line_count', count(*),
            'late_order_count', count(distinct late.purchase_order_ref),
            'open_units', sum(late.open_units),
            'oldest_expected_date', min(late.expected_date),
            'oldest_purchase_order_ref', arg_min(late.purchase_order_ref, (late.expected_date, late.purchase_order_ref))
        ) as evidence
    from late
    left join names on late.supplier_ref = names.supplier_ref
    group by late.supplier_ref
    having count(*) >= {{ alert_number('supplier_slip', 'minimum') }}
)

select * from final
