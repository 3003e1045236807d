{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook=["{{ keep_days_of_before() }}", "{{ delete_changed('int_changes__orders', 'order_id') }}"]
) }}

with

-- read twice rather than held: all of a large history at once would be more than fits in memory
order_lines as not materialized (
    select * from {{ ref('stg_order_lines') }}
    where {{ only_changed('int_changes__orders', 'order_id') }}
),

states as (
    select
        order_id,
        customer_id as account_id,
        email_pseudonym,
        is_test,
        -- one that was paid is undone by its refund, on the refund's day
        status = 'cancelled' and coalesce(payment_status, 'voided') in ('voided', 'pending') as is_void
    from {{ ref('stg_orders') }}
),

rules as (
    select * from {{ ref('int_order_lines__rules') }}
),

rates as (
    select * from {{ ref('dim_currency_rate') }}
),

persons as (
    select * from {{ ref('int_customers__identified') }}
),

build as (
    select * from {{ source('raw', 'build') }}
),

-- a source may have several resources
sources as (
    select
        source,
        min(cancellation_order_ref) as cancellation_order_ref
    from {{ source('raw', 'sources') }}
    where list_contains(string_split(tables, ', '), 'order_lines')
    group by source
),

-- what is true of a whole order is found once per order
grouped as (
    select
        order_lines.order_id,
        coalesce(
            regexp_full_match(min(order_lines.order_number), min(sources.cancellation_order_ref)), false
        ) as is_credit_note,
        -- its lines came in several files: then the row in the file does not tell them apart
        min(order_lines.load_id) <> max(order_lines.load_id)
        or min(order_lines.source_file) <> max(order_lines.source_file) as is_spread
    from order_lines
    left join sources on order_lines.source = sources.source
    group by order_lines.order_id
),

orders as (
    select
        grouped.*,
        states.order_id is not null as has_state,
        states.account_id,
        states.email_pseudonym,
        coalesce(states.is_test, false) as is_test,
        coalesce(states.is_void, false) as is_void
    from grouped
    left join states on grouped.order_id = states.order_id
),

-- lines of one record have its number in common, and may have no numbers of their own
numbered as not materialized (
    select
        *,
        cast(null as bigint) as place_in_record
    from order_lines
    where record_ref is null or order_line_ref is not null
    union all
    select
        *,
        row_number() over (
            partition by order_id, record_ref
            order by
                source_line_kind, product_id, occurred_at, quantity, unit_price, discount_amount, tax_amount,
                product_title
        ) as place_in_record
    from order_lines
    where record_ref is not null and order_line_ref is null
),

kinds as (
    select
        order_lines.*,
        coalesce(
            order_lines.source_line_kind,
            case
                when product_rules.rule_number is null then order_rules.line_kind
                when order_rules.rule_number is null then product_rules.line_kind
                when product_rules.rule_number <= order_rules.rule_number then product_rules.line_kind
                else order_rules.line_kind
            end,
            'product'
        ) as line_kind,
        order_lines.quantity < 0 and (
            orders.is_credit_note
            or order_lines.unit_price <> 0
            or order_lines.credits_line_ref is not null
            or orders.has_state
        ) as is_credit,
        orders.is_spread,
        orders.has_state,
        orders.is_test,
        orders.is_void,
        -- an account that many share tells less than the address on the order
        case
            when accounts.is_shared then coalesce(addresses.customer_id, accounts.customer_id)
            else coalesce(accounts.customer_id, addresses.customer_id)
        end as person_id,
        -- null where nobody tells what the currency is worth
        if(order_lines.currency_code = build.shop_currency, 1, rates.rate_to_shop) as rate_to_shop
    from numbered as order_lines
    cross join build
    inner join orders on order_lines.order_id = orders.order_id
    left join persons as accounts on coalesce(order_lines.customer_id, orders.account_id) = accounts.identity
    left join persons as addresses on orders.email_pseudonym = addresses.identity
    left join rules as product_rules
        on
            product_rules.matched_on = 'product_ref'
            and order_lines.source = product_rules.source
            and order_lines.product_id = product_rules.matched_value
    left join rules as order_rules
        on
            order_rules.matched_on = 'order_ref'
            and order_lines.source = order_rules.source
            and order_lines.order_number = order_rules.matched_value
    left join rates
        on order_lines.currency_code = rates.currency_code and order_lines.occurred_date = rates.rate_date
),

final as (
    select
        case
            when order_line_ref is not null then order_id || '#' || order_line_ref
            when place_in_record is not null then order_id || '-' || record_ref || '.' || place_in_record
            -- a load without its number among those of its window, which tells in what order they were landed
            when is_spread
                then
                    order_id || '-' || source_row
                    || '@' || regexp_replace(load_id, '-[0-9]+-', '-') || '/' || source_file
            else order_id || '-' || source_row
        end as order_line_id,
        * exclude (
            source_line_kind, version_at, is_deleted, is_spread, has_state, is_test, is_void,
            place_in_record
        ),
        -- what is converted is the price of a unit: so that units times price stay what they add up to
        cast(unit_price * rate_to_shop as decimal(18, 4)) as unit_price_shop,
        cast(quantity * cast(unit_price * rate_to_shop as decimal(18, 4)) as decimal(18, 4)) as line_amount_shop,
        cast(discount_amount * rate_to_shop as decimal(18, 4)) as discount_shop,
        cast(tax_amount * rate_to_shop as decimal(18, 4)) as tax_shop,
        case
            when is_test then 'test_order'
            when is_deleted then 'deleted_order'
            when is_void then 'void_order'
            when rate_to_shop is null then 'no_exchange_rate'
            when line_kind <> 'product' then 'charge'
            when is_credit then 'credit'
            when quantity < 0 then 'write_off'
            when unit_price = 0 and customer_id is null and not has_state then 'stock_found'
            when unit_price = 0 then 'free_of_charge'
            when quantity > 0 and unit_price > 0 then 'sale'
            else 'unclassified'
        end as row_class
    from kinds
)

select * from final
