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

definitions as (
    select * from {{ ref('kpis') }}
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
            when 'net_sales' then cast(figures.net_sales_shop as double)
            when 'orders' then figures.order_count
            when 'average_order_value'
                then
                    cast(figures.gross_sales_shop - figures.discounts_shop - figures.cancellations_shop as double)
                    / nullif(figures.order_count, 0)
            when 'units' then figures.unit_count
            when 'active_customers' then figures.active_customers
            when 'new_customers' then figures.new_customers
            when 'returns_rate'
                then
                    cast(figures.returns_shop as double)
                    / nullif(cast(figures.gross_sales_shop - figures.cancellations_shop as double), 0)
            when 'cancelled_sales' then cast(figures.cancellations_shop as double)
            when 'products_sold' then figures.products_sold
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
