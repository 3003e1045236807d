{#- Nine figures a week, each with the figures it is compared with. Defined here once. -#}
with

weeks as (
    select * from {{ ref('rpt_weekly_sales') }}
),

orders as (
    select
        cast(date_trunc('week', order_date) as date) as week_start_date,
        count(distinct customer_id) filter (where not is_fully_cancelled) as active_customers
    from {{ ref('fct_order') }}
    group by all
),

newcomers as (
    select
        cast(date_trunc('week', first_order_date) as date) as week_start_date,
        count(*) as new_customers
    from {{ ref('dim_customer') }}
    where first_order_date is not null
    group by all
),

products as (
    select
        cast(date_trunc('week', sales_date) as date) as week_start_date,
        count(distinct product_id) as products_sold
    from {{ ref('fct_daily_product_sales') }}
    where demand_units > 0
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

kpis as (
    select week_start_date, is_partial, 1 as kpi_order, 'net_sales' as kpi_id, 'money' as unit, 'up' as good_direction,
        cast(net_sales_shop as double) as value
    from figures
    union all
    select week_start_date, is_partial, 2, 'orders', 'count', 'up', cast(order_count as double) from figures
    union all
    select week_start_date, is_partial, 3, 'average_order_value', 'money', 'up',
        cast(gross_sales_shop - discounts_shop - cancellations_shop as double) / nullif(order_count, 0)
    from figures
    union all
    select week_start_date, is_partial, 4, 'units', 'count', 'up', cast(unit_count as double) from figures
    union all
    select week_start_date, is_partial, 5, 'active_customers', 'count', 'up', cast(active_customers as double)
    from figures
    union all
    select week_start_date, is_partial, 6, 'new_customers', 'count', 'up', cast(new_customers as double) from figures
    union all
    select week_start_date, is_partial, 7, 'returns_rate', 'rate', 'down',
        cast(returns_shop as double) / nullif(cast(gross_sales_shop - cancellations_shop as double), 0)
    from figures
    union all
    select week_start_date, is_partial, 8, 'cancelled_sales', 'money', 'down', cast(cancellations_shop as double)
    from figures
    union all
    select week_start_date, is_partial, 9, 'products_sold', 'count', 'none', cast(products_sold as double)
    from figures
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
