{#- Every received line, by class, on both sides: as it came in, and as the facts hold it. -#}
with

received as (
    select
        case
            when row_class = 'charge' then 'charge_' || line_kind
            else row_class
        end as row_class,
        row_class <> 'unclassified' as is_in_marts,
        count(*) as row_count,
        sum(quantity) as unit_count,
        sum(line_amount) as amount_shop
    from {{ ref('int_order_lines__classified') }}
    group by all
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
        received.row_class,
        received.is_in_marts,
        received.row_count,
        cast(received.unit_count as bigint) as unit_count,
        cast(coalesce(in_facts.row_count, 0) as bigint) as mart_row_count,
        {{ money('received.amount_shop') }} as amount_shop,
        {{ money('coalesce(in_facts.amount_shop, 0)') }} as mart_amount_shop
    from received
    left join in_facts using (row_class)
)

select * from final
