{#- Every month of every cohort up to the build's, also those in which nobody came back. A return counts in its own
    month; one from before the first order that is known, in the first. -#}
with

build as (
    select cast(date_trunc('month', {{ local_date('build.as_of') }}) as date) as build_month
    from {{ source('raw', 'build') }} as build
),

orders as (
    select * from {{ ref('fct_customer_order') }}
),

cohorts as (
    select
        cohort_month,
        count(*) as cohort_size
    from orders
    where is_new
    group by cohort_month
),

months as (
    select
        cohorts.cohort_month,
        cohorts.cohort_size,
        unnest(generate_series(0, date_diff('month', cohorts.cohort_month, build.build_month))) as months_since
    from cohorts
    cross join build
),

bought as (
    select
        cohort_month,
        date_diff('month', cohort_month, cast(date_trunc('month', order_date) as date)) as months_since,
        count(distinct customer_id) as customer_count,
        count(*) as order_count,
        sum(sales_shop) as sales_shop
    from orders
    group by all
),

returned as (
    select
        firsts.cohort_month,
        greatest(
            date_diff('month', firsts.cohort_month, cast(date_trunc('month', returns.return_date) as date)), 0
        ) as months_since,
        sum(returns.amount_shop) as returns_shop
    from {{ ref('fct_return') }} as returns
    inner join orders as firsts on returns.customer_id = firsts.customer_id and firsts.is_new
    where returns.return_kind <> 'cancellation'
    group by all
),

final as (
    select
        months.cohort_month,
        cast(months.months_since as integer) as months_since,
        cast(months.cohort_month + to_months(cast(months.months_since as integer)) as date) as month_start_date,
        months.cohort_size,
        coalesce(bought.customer_count, 0) as customer_count,
        coalesce(bought.order_count, 0) as order_count,
        {{ money('coalesce(bought.sales_shop, 0)') }} as sales_shop,
        {{ money('coalesce(returned.returns_shop, 0)') }} as returns_shop,
        {{ money('coalesce(bought.sales_shop, 0) - coalesce(returned.returns_shop, 0)') }} as net_sales_shop,
        {{ money('''sum(coalesce(bought.sales_shop, 0) - coalesce(returned.returns_shop, 0)) over (
            partition by months.cohort_month
            order by months.months_since
            rows between unbounded preceding and current row
        )''') }} as net_sales_so_far_shop,
        round(100.0 * coalesce(bought.customer_count, 0) / months.cohort_size, 2) as retention_pct
    from months
    left join bought on months.cohort_month = bought.cohort_month and months.months_since = bought.months_since
    left join returned on months.cohort_month = returned.cohort_month and months.months_since = returned.months_since
)

select * from final
