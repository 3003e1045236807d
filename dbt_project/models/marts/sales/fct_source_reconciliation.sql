{#- Every received line, by class, on both sides: as it came in, and as the facts hold it. -#}
with

received as (
    select
        case
            when row_class = 'charge' then 'charge_' || line_kind
            else row_class
        end as row_class,
        row_class not in (
            'unclassified', 'test_order', 'deleted_order', 'void_order', 'no_exchange_rate'
        ) as is_in_marts,
        count(*) as row_count,
        sum(quantity) as unit_count,
        sum(if(
            row_class in ('charge', 'credit'),
            line_amount_shop - sign(quantity) * discount_shop,
            line_amount_shop
        )) as amount_shop
    from {{ ref('int_order_lines__classified') }}
    group by all
),

versions as (
    select
        count(*) as row_count,
        coalesce(sum(quantity), 0) as unit_count
    from {{ source('raw', 'order_lines') }}
    where record_ref is not null
),

newest_versions as (
    select
        count(*) as row_count,
        coalesce(sum(quantity), 0) as unit_count
    from {{ ref('stg_order_lines') }}
    where record_ref is not null
),

-- lines that newer versions of their orders took the place of: money that nobody owes
superseded as (
    select
        'superseded_version' as row_class,
        false as is_in_marts,
        versions.row_count - newest_versions.row_count as row_count,
        versions.unit_count - newest_versions.unit_count as unit_count,
        0 as amount_shop
    from versions
    cross join newest_versions
    where versions.row_count > newest_versions.row_count
),

landed as (
    select * from received
    union all
    select * from superseded
),

in_facts as (
    select
        if(is_free_of_charge, 'free_of_charge', 'sale') as row_class,
        count(*) as row_count,
        sum(gross_sales_shop) as amount_shop
    from {{ ref('fct_order_line') }}
    group by all
    union all
    select
        'credit' as row_class,
        count(distinct credit_line_id) as row_count,
        -sum(amount_shop) as amount_shop
    from {{ ref('fct_return') }}
    group by all
    union all
    select
        'charge_' || charge_kind as row_class,
        count(*) as row_count,
        sum(amount_shop) as amount_shop
    from {{ ref('fct_charge') }}
    group by all
    union all
    select
        adjustment_kind as row_class,
        count(*) as row_count,
        0 as amount_shop
    from {{ ref('fct_stock_adjustment') }}
    group by all
),

final as (
    select
        landed.row_class,
        landed.is_in_marts,
        cast(landed.row_count as bigint) as row_count,
        cast(landed.unit_count as bigint) as unit_count,
        cast(coalesce(in_facts.row_count, 0) as bigint) as mart_row_count,
        {{ money('coalesce(landed.amount_shop, 0)') }} as amount_shop,
        {{ money('coalesce(in_facts.amount_shop, 0)') }} as mart_amount_shop
    from landed
    left join in_facts using (row_class)
)

select * from final
