{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_changed('int_changes__orders', 'order_id') }}"
) }}

with

order_lines as (
    select * from {{ ref('stg_files__order_lines') }}
    where {{ only_changed('int_changes__orders', 'order_id') }}
),

rules as (
    select * from {{ ref('int_order_lines__rules') }}
),

sources as (
    select
        source,
        cancellation_order_ref
    from {{ source('raw', 'sources') }}
    where stream = 'order_lines'
),

-- what is true of a whole order is found once per order
orders as (
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

kinds as (
    select
        order_lines.*,
        coalesce(
            case
                when product_rules.rule_number is null then order_rules.line_kind
                when order_rules.rule_number is null then product_rules.line_kind
                when product_rules.rule_number <= order_rules.rule_number then product_rules.line_kind
                else order_rules.line_kind
            end,
            'product'
        ) as line_kind,
        order_lines.quantity < 0 and (orders.is_credit_note or order_lines.unit_price <> 0) as is_credit,
        orders.is_spread
    from order_lines
    inner join orders on order_lines.order_id = orders.order_id
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
),

final as (
    select
        case
            when order_line_ref is not null then order_id || '#' || order_line_ref
            -- a load without its number among those of its window, which tells in what order they were landed
            when is_spread
                then
                    order_id || '-' || source_row
                    || '@' || regexp_replace(load_id, '-[0-9]+-', '-') || '/' || source_file
            else order_id || '-' || source_row
        end as order_line_id,
        * exclude (is_spread),
        case
            when line_kind <> 'product' then 'charge'
            when is_credit then 'credit'
            when quantity < 0 then 'write_off'
            when unit_price = 0 and customer_id is null then 'stock_found'
            when unit_price = 0 then 'free_of_charge'
            when quantity > 0 and unit_price > 0 then 'sale'
            else 'unclassified'
        end as row_class
    from kinds
)

select * from final
