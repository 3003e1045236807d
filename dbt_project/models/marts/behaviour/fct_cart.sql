{#- Carts of the shops that tell of them. Whether one is abandoned depends on the build's moment; a cart is small, and
    the shops keep those of a few months: made anew by each build. -#}
with

build as (
    select * from {{ source('raw', 'build') }}
),

persons as (
    select * from {{ ref('int_customers__identified') }}
),

told as (
    select
        carts.source || '/' || carts.cart_ref as cart_id,
        case
            when accounts.is_shared then coalesce(addresses.customer_id, accounts.customer_id)
            else coalesce(accounts.customer_id, addresses.customer_id)
        end as customer_id,
        coalesce(event_channels.channel_id, carts.channel_id) as channel_id,
        carts.country as country_id,
        carts.currency_code,
        carts.source,
        carts.total_amount as total_order,
        carts.total_amount * if(carts.currency_code = build.shop_currency, 1, rates.rate_to_shop) as total_shop,
        carts.occurred_at as begun_at,
        coalesce(carts.version_at, carts.occurred_at) as changed_at,
        carts.completed_at,
        build.as_of,
        {{ local_date('carts.occurred_at') }} as cart_date
    from {{ ref('stg_carts') }} as carts
    cross join build
    left join persons as accounts on carts.customer_id = accounts.identity
    left join persons as addresses on carts.email_pseudonym = addresses.identity
    left join {{ ref('event_channels') }} as event_channels on carts.channel_id = event_channels.event_channel
    left join {{ ref('dim_currency_rate') }} as rates
        on carts.currency_code = rates.currency_code and {{ local_date('carts.occurred_at') }} = rates.rate_date
),

-- an order recovers the person's last cart before it, not every one
recovered as (
    select
        told.cart_id,
        orders.order_id,
        orders.ordered_at
    from told
    inner join {{ ref('fct_order') }} as orders
        on
            told.customer_id = orders.customer_id
            and told.begun_at <= orders.ordered_at
            and told.begun_at > orders.ordered_at - to_days({{ behaviour_number('cart_recovered_days') }})
    where told.completed_at is null
    qualify
        row_number() over (partition by orders.order_id order by told.begun_at desc, told.cart_id asc) = 1
),

first_recovery as (
    select
        cart_id,
        arg_min(order_id, (ordered_at, order_id)) as recovered_order_id,
        min(ordered_at) as recovered_at
    from recovered
    group by cart_id
),

lines as (
    select
        source || '/' || cart_ref as cart_id,
        count(*) as line_count,
        cast(sum(quantity) as bigint) as unit_count
    from {{ ref('stg_cart_lines') }}
    group by all
),

final as (
    select
        told.cart_id,
        told.customer_id,
        told.channel_id,
        told.country_id,
        first_recovery.recovered_order_id,
        told.currency_code,
        told.source,
        case
            when told.completed_at is not null then 'completed'
            when first_recovery.cart_id is not null then 'recovered'
            when told.as_of < told.changed_at + to_hours({{ behaviour_number('cart_abandoned_hours') }}) then 'open'
            else 'abandoned'
        end as cart_state,
        coalesce(lines.line_count, 0) as line_count,
        coalesce(lines.unit_count, 0) as unit_count,
        {{ money('told.total_order') }} as total_order,
        {{ money('told.total_shop') }} as total_shop,
        told.begun_at,
        told.changed_at,
        told.completed_at,
        first_recovery.recovered_at,
        told.cart_date
    from told
    left join first_recovery on told.cart_id = first_recovery.cart_id
    left join lines on told.cart_id = lines.cart_id
)

select * from final
