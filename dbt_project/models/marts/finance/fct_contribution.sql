{#- What is left of each product's sales, by channel and day. Costs of an order are shared among its products, those of
    an advertised channel among what it sold that day, by sales after discounts; whatever nothing carries is in the row
    of the product (unallocated), so that every column adds up to its source. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__margin_days', 'day', column='sales_date') }}"
) }}

with

sold_days as (
    select * from {{ ref('int_sales__daily') }}
    where {{ only_changed('int_changes__margin_days', 'day', column='sales_date') }}
),

weights as (
    select * from {{ ref('int_order_products__weighted') }}
),

sales as (
    select
        product_id,
        channel_id,
        sales_date,
        measure,
        amount,
        units
    from (
        select
            product_id,
            channel_id,
            sales_date,
            unnest(['gross', 'discount', 'return']) as measure,
            unnest([gross_sales_shop, discounts_shop, returns_shop]) as amount,
            unnest([sold_units, 0, returned_units]) as units
        from sold_days
    ) as measures
),

goods as (
    select
        product_id,
        channel_id,
        cost_date as sales_date,
        measure,
        amount,
        uncosted_units as units
    from (
        select
            *,
            unnest(['cost_fifo', 'cost_average']) as measure,
            unnest([cost_fifo_shop, cost_moving_average_shop]) as amount
        from {{ ref('fct_cost_of_goods') }}
        where
            issue_kind = 'sale'
            and {{ only_changed('int_changes__margin_days', 'day', column='cost_date') }}
    ) as costs
),

order_sums as (
    select * from {{ ref('int_order_costs__daily') }}
    where {{ only_changed('int_changes__margin_days', 'day', column='sales_date') }}
),

order_shares as (
    select
        coalesce(costs.product_id, weights.product_id, '(unallocated)') as product_id,
        costs.channel_id,
        costs.sales_date,
        costs.measure,
        if(
            costs.product_id is not null or weights.order_id is null,
            costs.amount,
            {{ share_of('costs.amount', 'weights.weight_so_far', 'weights.weight', 'weights.order_weight') }}
        ) as amount,
        0 as units
    from order_sums as costs
    left join weights on costs.order_id = weights.order_id and costs.product_id is null
),

ad_spend as (
    select
        product_id,
        platform,
        currency_code,
        spend_date,
        {{ money('sum(cost_shop)') }} as amount
    from {{ ref('int_ad_spend__converted') }}
    where
        cost_shop is not null
        and {{ only_changed('int_changes__margin_days', 'day', column='spend_date') }}
    group by all
),

ad_channels as (
    select * from {{ ref('ad_platform_channels') }}
),

ad_weights as (
    select
        ad_channels.platform,
        ad_channels.currency_code,
        sold.channel_id,
        sold.product_id,
        sold.sales_date,
        sold.weight,
        {{ money('sum(sold.weight) over in_turn') }} as weight_so_far,
        {{ money('sum(sold.weight) over in_day') }} as day_weight
    from (
        select
            channel_id,
            product_id,
            sales_date,
            {{ money('gross_sales_shop - discounts_shop') }} as weight
        from sold_days
        where gross_sales_shop > discounts_shop
    ) as sold
    inner join ad_channels on sold.channel_id = ad_channels.channel_id
    window
        in_turn as (
            partition by ad_channels.platform, ad_channels.currency_code, sold.sales_date
            order by sold.channel_id asc, sold.product_id asc
            rows between unbounded preceding and current row
        ),
        in_day as (partition by ad_channels.platform, ad_channels.currency_code, sold.sales_date)
),

-- of a channel without sales that day, and of products that are advertised: one channel has to stand for the account
ad_accounts as (
    select
        platform,
        currency_code,
        min(channel_id) as channel_id
    from ad_channels
    group by all
),

ad_shares as (
    select
        coalesce(ad_spend.product_id, ad_weights.product_id, '(unallocated)') as product_id,
        coalesce(ad_weights.channel_id, ad_accounts.channel_id, '(unallocated)') as channel_id,
        ad_spend.spend_date as sales_date,
        'advertising' as measure,
        if(
            ad_spend.product_id is not null or ad_weights.platform is null,
            ad_spend.amount,
            {{ share_of('ad_spend.amount', 'ad_weights.weight_so_far', 'ad_weights.weight', 'ad_weights.day_weight') }}
        ) as amount,
        0 as units
    from ad_spend
    left join ad_weights
        on
            ad_spend.product_id is null
            and ad_spend.platform = ad_weights.platform
            and ad_spend.currency_code = ad_weights.currency_code
            and ad_spend.spend_date = ad_weights.sales_date
    left join ad_accounts
        on ad_spend.platform = ad_accounts.platform and ad_spend.currency_code = ad_accounts.currency_code
),

movements as (
    select * from sales
    union all
    select * from goods
    union all
    select * from order_shares
    union all
    select * from ad_shares
),

measured as (
    select
        product_id,
        coalesce(channel_id, '(unallocated)') as channel_id,
        sales_date,
        cast(coalesce(sum(units) filter (where measure = 'gross'), 0) as bigint) as ordered_units,
        cast(coalesce(sum(units) filter (where measure = 'return'), 0) as bigint) as returned_units,
        cast(coalesce(sum(units) filter (where measure = 'cost_fifo'), 0) as bigint) as uncosted_units,
        {% for measure, column in [
            ('gross', 'gross_sales_shop'), ('discount', 'discounts_shop'), ('return', 'returns_shop'),
            ('cost_fifo', 'cost_of_goods_shop'), ('cost_average', 'cost_of_goods_average_shop'),
            ('marketplace_fee', 'marketplace_fees_shop'), ('payment_fee', 'payment_fees_shop'),
            ('shipping_paid', 'shipping_paid_shop'), ('shipping_charged', 'shipping_charged_shop'),
            ('advertising', 'advertising_shop')
        ] -%}
        {{ money("coalesce(sum(amount) filter (where measure = '" ~ measure ~ "'), 0)") }} as {{ column }}
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from movements
    group by all
),

netted as (
    select
        *,
        {{ money('gross_sales_shop - discounts_shop - returns_shop') }} as net_sales_shop
    from measured
),

final as (
    select
        product_id,
        channel_id,
        ordered_units,
        returned_units,
        uncosted_units,
        gross_sales_shop,
        discounts_shop,
        returns_shop,
        net_sales_shop,
        cost_of_goods_shop,
        cost_of_goods_average_shop,
        marketplace_fees_shop,
        payment_fees_shop,
        shipping_paid_shop,
        shipping_charged_shop,
        advertising_shop,
        {{ money('net_sales_shop - cost_of_goods_shop') }} as gross_margin_shop,
        {{ money(
            'net_sales_shop - cost_of_goods_shop - marketplace_fees_shop - payment_fees_shop'
            ~ ' - shipping_paid_shop + shipping_charged_shop - advertising_shop'
        ) }} as contribution_margin_shop,
        -- of nothing sold there is no share
        if(
            net_sales_shop > 0,
            {{ pct_of(
                'net_sales_shop - cost_of_goods_shop - marketplace_fees_shop - payment_fees_shop'
                ~ ' - shipping_paid_shop + shipping_charged_shop - advertising_shop', 'net_sales_shop'
            ) }},
            null
        ) as contribution_margin_pct,
        sales_date
    from netted
)

select * from final
