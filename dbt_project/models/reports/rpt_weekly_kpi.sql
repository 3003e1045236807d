{#- Nine figures a week, each with the figures it is compared with. What each means stands in models/metrics. -#}
{%- set kpis = [
    'net_sales', 'orders', 'average_order_value', 'units', 'active_customers', 'new_customers', 'returns_rate',
    'cancelled_sales', 'products_sold'
] -%}
with

weeks as (
    select
        week_start_date,
        is_partial,
        {{ metric('net_sales') }} as net_sales,
        {{ metric('orders') }} as orders,
        {{ metric('average_order_value') }} as average_order_value,
        {{ metric('units') }} as units,
        {{ metric('returns_rate') }} as returns_rate,
        {{ metric('cancelled_sales') }} as cancelled_sales
    from {{ ref('rpt_weekly_sales') }}
    group by week_start_date, is_partial
),

orders as (
    select
        cast(date_trunc('week', order_date) as date) as week_start_date,
        {{ metric('active_customers') }} as active_customers
    from {{ ref('fct_order') }}
    group by all
),

newcomers as (
    select
        cast(date_trunc('week', first_order_date) as date) as week_start_date,
        {{ metric('new_customers') }} as new_customers
    from {{ ref('dim_customer') }}
    where first_order_date is not null
    group by all
),

products as (
    select
        cast(date_trunc('week', sales_date) as date) as week_start_date,
        {{ metric('products_sold') }} as products_sold
    from {{ ref('fct_daily_product_sales') }}
    group by all
),

figures as (
    select
        weeks.*,
        coalesce(orders.active_customers, 0) as active_customers,
        coalesce(newcomers.new_customers, 0) as new_customers,
        coalesce(products.products_sold, 0) as products_sold
    from weeks
    left join orders using (week_start_date)
    left join newcomers using (week_start_date)
    left join products using (week_start_date)
),

definitions as (
    select
        kpi_id,
        kpi_order,
        case kpi_id
            {%- for name in kpis %}
            when '{{ name }}' then '{{ metric_unit(name) }}'
            {%- endfor %}
        end as unit,
        case kpi_id
            {%- for name in kpis %}
            when '{{ name }}' then '{{ metric_direction(name) }}'
            {%- endfor %}
        end as good_direction
    from {{ ref('kpis') }}
),

kpis as (
    select
        figures.week_start_date,
        figures.is_partial,
        definitions.kpi_id,
        definitions.kpi_order,
        definitions.unit,
        definitions.good_direction,
        case definitions.kpi_id
            {%- for name in kpis %}
            when '{{ name }}' then cast(figures.{{ name }} as double)
            {%- endfor %}
        end as value
    from figures
    cross join definitions
),

final as (
    select
        this_week.week_start_date,
        this_week.kpi_order,
        this_week.kpi_id,
        this_week.unit,
        this_week.good_direction,
        this_week.value,
        last_week.value as previous_value,
        last_year.value as last_year_value,
        avg(reference.value) as reference_value,
        this_week.is_partial,
        coalesce(last_year.is_partial, false) as last_year_is_partial
    from kpis as this_week
    left join kpis as last_week
        on this_week.kpi_id = last_week.kpi_id and last_week.week_start_date = this_week.week_start_date - 7
    -- 364 days: the same weekdays
    left join kpis as last_year
        on this_week.kpi_id = last_year.kpi_id and last_year.week_start_date = this_week.week_start_date - 364
    left join kpis as reference
        on
            this_week.kpi_id = reference.kpi_id
            and reference.week_start_date between this_week.week_start_date - 84 and this_week.week_start_date - 7
            and not reference.is_partial
    group by all
)

select * from final
