with

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
        count(distinct channel_id) as channel_count,
        sum(sales_shop) as gross_sales_shop,
        arg_min(channel_id, order_sequence) as first_channel_id,
        arg_max(channel_id, order_sequence) as last_channel_id,
        arg_min(main_product_id, order_sequence) as first_product_id,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date
    from {{ ref('fct_customer_order') }}
    group by customer_id
),

returned as (
    select
        customer_id,
        count(distinct return_id) as return_count,
        sum(amount_shop) as returns_shop
    from {{ ref('fct_return') }}
    where customer_id is not null and return_kind <> 'cancellation'
    group by customer_id
),

-- the shops where a person is known, with an account or by an order
shops as (
    select
        customer_id,
        count(distinct source) as shop_count
    from (
        select
            customer_id,
            source
        from {{ ref('dim_customer_account') }}
        union all
        select
            orders.customer_id,
            channels.source
        from {{ ref('fct_order') }} as orders
        inner join {{ ref('dim_channel') }} as channels on orders.channel_id = channels.channel_id
        where orders.customer_id is not null
    ) as places
    group by customer_id
),

-- who said no anywhere is not written to; where nobody asked, nobody knows
accounts as (
    select
        customer_id,
        count(*) as account_count,
        bool_and(accepts_marketing) filter (where not is_deleted) as accepts_marketing
    from {{ ref('dim_customer_account') }}
    group by customer_id
),

final as (
    select
        known.customer_id,
        known.country_id,
        bought.first_channel_id,
        bought.last_channel_id,
        bought.first_product_id,
        coalesce(bought.order_count, 0) as order_count,
        {{ money('coalesce(bought.gross_sales_shop, 0)') }} as sales_shop,
        {{ money('coalesce(returned.returns_shop, 0)') }} as returns_shop,
        {{ money('coalesce(bought.gross_sales_shop, 0) - coalesce(returned.returns_shop, 0)') }} as net_sales_shop,
        coalesce(returned.return_count, 0) as return_count,
        coalesce(bought.channel_count, 0) as channel_count,
        coalesce(shops.shop_count, 0) as shop_count,
        coalesce(accounts.account_count, 0) as account_count,
        accounts.customer_id is null as is_guest_only,
        accounts.accepts_marketing,
        bought.first_order_date,
        bought.last_order_date
    from known
    left join bought using (customer_id)
    left join returned using (customer_id)
    left join shops using (customer_id)
    left join accounts using (customer_id)
)

select * from final
