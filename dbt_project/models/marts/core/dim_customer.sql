with

orders as (
    select * from {{ ref('fct_order') }}
    where customer_id is not null and not is_fully_cancelled
),

documents as (
    select
        customer_id,
        country_id,
        ordered_at as happened_at,
        order_id as document_id
    from {{ ref('fct_order') }}
    where customer_id is not null
    union all
    select
        customer_id,
        country_id,
        returned_at as happened_at,
        return_line_id as document_id
    from {{ ref('fct_return') }}
    where customer_id is not null
    union all
    select
        customer_id,
        country_id,
        charged_at as happened_at,
        charge_id as document_id
    from {{ ref('fct_charge') }}
    where customer_id is not null
),

known as (
    select
        customer_id,
        arg_max(country_id, (happened_at, document_id)) as country_id
    from documents
    group by customer_id
),

bought as (
    select
        customer_id,
        count(*) as order_count,
        sum(gross_sales_shop - discounts_shop - cancelled_sales_shop) as gross_sales_shop,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date
    from orders
    group by customer_id
),

returned as (
    select
        customer_id,
        sum(amount_shop) as returns_shop
    from {{ ref('fct_return') }}
    where customer_id is not null and return_kind <> 'cancellation'
    group by customer_id
),

final as (
    select
        known.customer_id,
        known.country_id,
        coalesce(bought.order_count, 0) as order_count,
        {{ money('coalesce(bought.gross_sales_shop, 0)') }} as sales_shop,
        {{ money('coalesce(returned.returns_shop, 0)') }} as returns_shop,
        bought.first_order_date,
        bought.last_order_date
    from known
    left join bought using (customer_id)
    left join returned using (customer_id)
)

select * from final
