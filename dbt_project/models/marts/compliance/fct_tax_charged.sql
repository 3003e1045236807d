{#- The tax of whole orders against the rates of their destination: each order belongs to the rate that its tax fits
    best. A marketplace that tells no country sells in its own. -#}
with

build as (
    {{ alert_build() }}
),

tolerances as (
    select cast(tolerance as double) as tolerance
    from {{ ref('compliance_checks') }}
    where check_id = 'tax_rate'
),

-- what is paid with later bears its tax then
vouchers as (
    select
        order_id,
        sum(line_amount - discount_amount) as voucher_amount
    from {{ ref('int_order_lines__classified') }}
    where line_kind = 'gift_voucher' and not is_credit
    group by order_id
),

orders as (
    select
        told.order_id,
        told.source,
        told.channel_id,
        told.currency_code,
        told.occurred_at,
        coalesce(
            countries.country_id,
            nullif(
                replace(upper(regexp_extract(told.channel_id, '^Amazon\.(?:com?\.)?([a-z]{2})$', 1)), 'UK', 'GB'), ''
            ),
            'UNSPECIFIED'
        ) as country_id,
        {{ local_date('told.occurred_at') }} as order_date,
        cast(told.tax_amount as double) as tax_amount,
        countries.country_id is null as is_country_assumed,
        cast(told.total_amount - told.tax_amount - coalesce(vouchers.voucher_amount, 0) as double) as net_amount
    from {{ ref('stg_orders') }} as told
    cross join build
    left join {{ ref('int_countries__named') }} as countries on told.country = countries.country_source_name
    left join vouchers on told.order_id = vouchers.order_id
    where
        not told.is_deleted
        and not coalesce(told.is_test, false)
        and told.total_amount > 0
        and told.tax_amount is not null
        and told.total_amount > told.tax_amount + coalesce(vouchers.voucher_amount, 0)
        and {{ local_date('told.occurred_at') }} > {{ checked_since('tax_rate') }}
        and told.order_id is not null
),

fitted as (
    select
        orders.*,
        rates.rate_kind,
        cast(rates.rate_pct as double) as rate_pct,
        case
            when rates.rate_kind = 'range'
                then greatest(orders.tax_amount - orders.net_amount * cast(rates.rate_pct as double) / 100, 0)
            else abs(orders.tax_amount - orders.net_amount * cast(rates.rate_pct as double) / 100)
        end as off_amount
    from orders
    left join {{ ref('tax_rates') }} as rates
        on
            orders.country_id = rates.country_id
            and orders.order_date >= rates.valid_from
            and orders.order_date <= coalesce(rates.valid_to, date '9999-12-31')
    qualify row_number() over (
        partition by orders.order_id
        order by off_amount asc nulls last, rates.rate_pct desc
    ) = 1
),

highest as (
    select
        country_id,
        max(cast(rate_pct as double)) as highest_pct,
        min(cast(rate_pct as double)) as lowest_pct
    from {{ ref('tax_rates') }}
    where rate_kind in ('standard', 'reduced')
    group by country_id
),

judged as (
    select
        fitted.*,
        case
            when fitted.rate_kind is null then 'unknown'
            -- rounding of lines, and a thousandth where tax was taken out of prices piece by piece
            when
                fitted.off_amount <= tolerances.tolerance * if(fitted.currency_code = 'JPY', 100, 1)
                + fitted.net_amount * 0.001
                then 'fits'
            -- between two rates of the country: goods of both in one order
            when
                fitted.tax_amount > 0
                and fitted.tax_amount <= fitted.net_amount * highest.highest_pct / 100
                and fitted.tax_amount >= fitted.net_amount * highest.lowest_pct / 100
                then 'mixed'
            -- the marketplace knows where it went, we do not
            when fitted.is_country_assumed then 'unknown'
            else 'no_such_rate'
        end as verdict
    from fitted
    cross join tolerances
    left join highest on fitted.country_id = highest.country_id
),

final as (
    select
        source,
        channel_id,
        country_id,
        verdict,
        coalesce(rate_kind, 'none') as rate_kind,
        currency_code,
        {{ money('coalesce(rate_pct, 0)') }} as rate_pct,
        count(*) as order_count,
        {{ money('sum(cast(tax_amount as decimal(18, 4)))') }} as tax_order,
        {{ money('sum(cast(net_amount as decimal(18, 4)))') }} as net_order,
        round(max(off_amount), 4) as largest_off_order,
        arg_max(order_id, (coalesce(off_amount, 0), order_id)) as worst_order_id,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date
    from judged
    group by source, channel_id, country_id, verdict, rate_kind, rate_pct, currency_code
)

select * from final
