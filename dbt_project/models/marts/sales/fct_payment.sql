{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('int_changes__orders', 'order_id') }}"
) }}

with

told as (
    select * from {{ ref('stg_payments') }}
    where not is_deleted and {{ only_changed('int_changes__orders', 'order_id') }}
    -- the same movement may come with several records
    qualify row_number() over (
        partition by order_id, payment_ref
        order by version_at desc, known_at desc, load_id desc, source_file desc, source_row desc
    ) = 1
),

payments as (
    select
        told.*,
        {{ local_date('told.occurred_at') }} as payment_date,
        build.shop_currency
    from told
    cross join {{ source('raw', 'build') }} as build
),

orders as (
    select
        order_id,
        channel_id,
        is_test
    from {{ ref('stg_orders') }}
    where {{ only_changed('int_changes__orders', 'order_id') }}
),

rates as (
    select * from {{ ref('dim_currency_rate') }}
),

signed as (
    select
        payments.*,
        orders.channel_id,
        if(payments.currency_code = payments.shop_currency, 1, rates.rate_to_shop) as rate_to_shop,
        case
            when payments.payment_status <> 'success' then 0
            when payments.payment_kind in ('sale', 'capture') then 1
            when payments.payment_kind = 'refund' then -1
            else 0
        end as direction
    from payments
    left join orders on payments.order_id = orders.order_id
    left join rates
        on payments.currency_code = rates.currency_code and payments.payment_date = rates.rate_date
    where not coalesce(orders.is_test, false)
),

final as (
    select
        order_id || '#' || payment_ref as payment_id,
        order_id,
        coalesce(channel_id, source) as channel_id,
        currency_code,
        payment_kind,
        payment_status,
        gateway,
        amount as amount_order,
        {{ money('direction * amount') }} as moved_order,
        fee_amount as fee_order,
        {{ money('amount * rate_to_shop') }} as amount_shop,
        {{ money('direction * cast(amount * rate_to_shop as decimal(18, 4))') }} as moved_shop,
        {{ money('fee_amount * rate_to_shop') }} as fee_shop,
        occurred_at as paid_at,
        known_at,
        payment_date
    from signed
)

select * from final
