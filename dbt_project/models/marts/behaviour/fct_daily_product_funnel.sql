{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__visit_days', 'visit_date') }}"
) }}

with

events as (
    select
        session_id,
        product_id,
        channel_id,
        event_kind,
        quantity,
        event_number,
        visit_date
    from {{ ref('fct_event') }}
    where {{ only_changed('int_changes__visit_days', 'visit_date') }}
),

-- a checkout and a purchase are of the whole cart: they name no product
ends as (
    select
        session_id,
        max(event_number) filter (where event_kind = 'checkout') as checkout_number,
        max(event_number) filter (where event_kind = 'purchase') as purchase_number
    from events
    where event_kind in ('checkout', 'purchase')
    group by session_id
),

products as (
    select
        session_id,
        product_id,
        visit_date,
        channel_id,
        count(*) filter (where event_kind = 'product_view') as view_count,
        count(*) filter (where event_kind = 'favourite') as favourite_count,
        count(*) filter (where event_kind = 'add_to_cart') as add_to_cart_count,
        cast(sum(if(event_kind = 'add_to_cart', coalesce(quantity, 1), 0)) as bigint) as carted_units,
        min(event_number) filter (where event_kind = 'product_view') as view_number,
        min(event_number) filter (where event_kind = 'add_to_cart') as cart_number,
        max(event_number) filter (where event_kind = 'add_to_cart') as last_cart_number
    from events
    where product_id is not null
    group by session_id, product_id, visit_date, channel_id
),

counted as (
    select
        products.product_id,
        products.channel_id,
        count(*) as session_count,
        cast(sum(products.view_count) as bigint) as view_count,
        cast(sum(products.favourite_count) as bigint) as favourite_count,
        cast(sum(products.add_to_cart_count) as bigint) as add_to_cart_count,
        cast(sum(products.carted_units) as bigint) as carted_units,
        count(*) filter (where products.view_count > 0) as view_session_count,
        count(*) filter (where products.favourite_count > 0) as favourite_session_count,
        count(*) filter (where products.cart_number is not null) as cart_session_count,
        count(*) filter (where products.last_cart_number > products.view_number) as ordered_cart_session_count,
        count(*) filter (where products.cart_number < ends.checkout_number) as checkout_session_count,
        count(*) filter (where products.cart_number < ends.purchase_number) as purchase_session_count,
        products.visit_date
    from products
    left join ends on products.session_id = ends.session_id
    group by products.product_id, products.channel_id, products.visit_date
),

final as (
    select
        * exclude (visit_date),
        {{ percent_of('ordered_cart_session_count', 'view_session_count') }} as view_to_cart_pct,
        {{ percent_of('purchase_session_count', 'cart_session_count') }} as cart_to_purchase_pct,
        visit_date
    from counted
)

select * from final
