{#- What a unit costs at the end of each month, or at the build: as the back office states it; where it says nothing of
    a product, as its shop does. -#}
with

rates as (
    {{ rates_by_day() }}
),

stated as (
    select
        costs.product_id,
        costs.currency_code,
        costs.unit_cost,
        {{ local_date('costs.occurred_at') }} as valid_from_date
    from {{ ref('stg_product_costs') }} as costs
    cross join {{ source('raw', 'build') }} as build
    qualify
        (costs.supplier_ref is not null) = bool_or(costs.supplier_ref is not null) over (partition by costs.product_id)
        and row_number() over (
            partition by costs.product_id, costs.supplier_ref is not null, {{ local_date('costs.occurred_at') }}
            order by
                costs.occurred_at desc, costs.version_at desc, costs.known_at desc, costs.source asc,
                costs.source_row desc
        ) = 1
),

-- before the first price, the first one
prices as (
    select * from stated
    union all
    select
        product_id,
        arg_min(currency_code, valid_from_date) as currency_code,
        arg_min(unit_cost, valid_from_date) as unit_cost,
        date '0001-01-01' as valid_from_date
    from stated
    group by product_id
),

spans as (
    select
        levels.product_id,
        min(levels.valid_from_date) as first_date,
        any_value({{ counted_date('build.as_of') }}) as last_date
    from {{ ref('fct_stock_level') }} as levels
    cross join {{ source('raw', 'build') }} as build
    group by levels.product_id
),

months as (
    select
        product_id,
        last_date,
        cast(unnest(generate_series(date_trunc('month', first_date), last_date, interval 1 month)) as date)
            as month_start_date
    from spans
),

ended as (
    select
        product_id,
        month_start_date,
        least(last_day(month_start_date), last_date) as priced_date
    from months
),

priced as (
    select
        ended.product_id,
        ended.month_start_date,
        ended.priced_date,
        prices.currency_code,
        prices.unit_cost
    from ended
    asof left join prices on ended.product_id = prices.product_id and ended.priced_date >= prices.valid_from_date
),

final as (
    select
        priced.product_id,
        {{ at_rate('priced.unit_cost', 'priced') }} as unit_cost_shop,
        priced.month_start_date,
        priced.month_start_date = max(priced.month_start_date) over (partition by priced.product_id) as is_latest
    from priced
    cross join {{ source('raw', 'build') }} as build
    asof left join rates on priced.currency_code = rates.currency_code and priced.priced_date >= rates.rate_date
)

select * from final
