{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__orders', 'order_id') }}"
) }}

with

told as (
    select * from {{ ref('stg_refunds') }}
    where not is_deleted and {{ only_changed('int_changes__orders', 'order_id') }}
),

orders as (
    select
        order_id,
        channel_id,
        is_test,
        status = 'cancelled' and coalesce(payment_status, 'voided') in ('voided', 'pending') as is_void
    from {{ ref('stg_orders') }}
    where {{ only_changed('int_changes__orders', 'order_id') }}
),

countries as (
    select * from {{ ref('int_countries__named') }}
),


build as (
    select * from {{ source('raw', 'build') }}
),

refund_lines as (
    select * from {{ ref('int_refund_lines__named') }}
    where {{ only_changed('int_changes__orders', 'order_id') }}
),

pieces as (
    select
        refund_lines.refund_id,
        order_lines.*,
        countries.country_id,
        sign(order_lines.quantity) * order_lines.discount_amount - order_lines.line_amount as back_order,
        sign(order_lines.quantity) * order_lines.discount_shop - order_lines.line_amount_shop as back_shop
    from refund_lines
    inner join {{ ref('int_order_lines__classified') }} as order_lines
        on refund_lines.order_line_id = order_lines.order_line_id
    inner join countries on order_lines.country_source_name = countries.country_source_name
    where order_lines.row_class not in ('test_order', 'deleted_order')
),

parts as (
    select
        refund_id,
        arg_min(order_id, order_line_id) as order_id,
        arg_min(customer_id, order_line_id) as customer_id,
        arg_min(channel_id, order_line_id) as channel_id,
        arg_min(country_id, order_line_id) as country_id,
        arg_min(currency_code, order_line_id) as currency_code,
        cast(coalesce(sum(-quantity) filter (where line_kind = 'product'), 0) as bigint) as unit_count,
        coalesce(sum(back_order) filter (where line_kind = 'product'), 0) as goods_order,
        coalesce(sum(back_order) filter (where line_kind = 'shipping'), 0) as shipping_order,
        coalesce(sum(back_order) filter (where line_kind not in ('product', 'shipping')), 0) as other_order,
        sum(-tax_amount) as tax_order,
        coalesce(sum(back_shop) filter (where line_kind = 'product'), 0) as goods_shop,
        coalesce(sum(back_shop) filter (where line_kind = 'shipping'), 0) as shipping_shop,
        coalesce(sum(back_shop) filter (where line_kind not in ('product', 'shipping')), 0) as other_shop,
        coalesce(sum(-tax_shop), 0) as tax_shop,
        bool_and(row_class in ('credit', 'charge')) as is_in_sales,
        min(occurred_at) as refunded_at,
        max(known_at) as known_at
    from pieces
    group by refund_id
),

headers as (
    select
        told.order_id || '#' || told.refund_ref as refund_id,
        told.order_id,
        told.currency_code,
        told.reason,
        told.is_restocked,
        told.amount,
        told.occurred_at,
        told.known_at
    from told
    -- one refund may come on two records
    qualify row_number() over (
        partition by told.order_id, told.refund_ref
        order by
            told.version_at desc, told.known_at desc, told.load_id desc, told.source_file desc, told.source_row desc
    ) = 1
),

joined as (
    select
        coalesce(headers.refund_id, parts.refund_id) as refund_id,
        coalesce(headers.order_id, parts.order_id) as order_id,
        coalesce(headers.currency_code, parts.currency_code) as currency_code,
        coalesce(headers.occurred_at, parts.refunded_at) as refunded_at,
        coalesce(headers.known_at, parts.known_at) as known_at,
        coalesce(parts.unit_count, 0) as unit_count,
        coalesce(parts.goods_order, 0) as goods_order,
        coalesce(parts.shipping_order, 0) as shipping_order,
        coalesce(parts.other_order, 0) as other_order,
        coalesce(parts.tax_order, 0) as tax_order,
        coalesce(parts.goods_shop, 0) as goods_shop,
        coalesce(parts.shipping_shop, 0) as shipping_shop,
        coalesce(parts.other_shop, 0) as other_shop,
        coalesce(parts.tax_shop, 0) as tax_shop,
        coalesce(
            headers.amount, parts.goods_order + parts.shipping_order + parts.other_order + parts.tax_order
        ) as amount_order,
        headers.refund_id is not null as is_told,
        headers.reason,
        headers.is_restocked,
        parts.customer_id,
        parts.channel_id,
        parts.country_id,
        parts.is_in_sales
    from headers
    full join parts on headers.refund_id = parts.refund_id
),

final as (
    select
        joined.refund_id,
        joined.order_id,
        joined.customer_id,
        coalesce(joined.channel_id, orders.channel_id, split_part(joined.order_id, '/', 1)) as channel_id,
        joined.country_id,
        joined.currency_code,
        joined.reason,
        joined.unit_count,
        {{ money('joined.goods_order') }} as goods_order,
        {{ money('joined.shipping_order') }} as shipping_order,
        {{ money('joined.other_order') }} as other_order,
        {{ money('joined.tax_order') }} as tax_order,
        {{ money('joined.amount_order') }} as amount_order,
        {{ money('joined.goods_shop') }} as goods_shop,
        {{ money('joined.shipping_shop') }} as shipping_shop,
        {{ money('joined.other_shop') }} as other_shop,
        {{ money('joined.tax_shop') }} as tax_shop,
        {{ money('joined.goods_shop + joined.shipping_shop + joined.other_shop + joined.tax_shop') }} as amount_shop,
        {{ money(
            'joined.amount_order - joined.goods_order - joined.shipping_order - joined.other_order - joined.tax_order'
        ) }} as unexplained_order,
        joined.is_restocked,
        joined.is_told,
        coalesce(joined.is_in_sales, not coalesce(orders.is_void, false)) as is_in_sales,
        joined.refunded_at,
        joined.known_at,
        {{ local_date('joined.refunded_at') }} as refund_date
    from joined
    cross join build
    left join orders on joined.order_id = orders.order_id
    where not coalesce(orders.is_test, false)
)

select * from final
