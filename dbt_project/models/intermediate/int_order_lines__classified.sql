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

numbered as (
    select
        order_lines.*,
        row_number() over (
            partition by order_lines.order_id
            order by order_lines.occurred_at, order_lines.source_file, order_lines.source_row
        ) as line_number
    from order_lines
),

kinds as (
    select
        numbered.*,
        coalesce(
            case
                when product_rules.rule_number is null then order_rules.line_kind
                when order_rules.rule_number is null then product_rules.line_kind
                when product_rules.rule_number <= order_rules.rule_number then product_rules.line_kind
                else order_rules.line_kind
            end,
            'product'
        ) as line_kind,
        (
            coalesce(regexp_full_match(numbered.order_number, sources.cancellation_order_ref), false)
            and numbered.quantity < 0
        )
        or (numbered.quantity < 0 and numbered.unit_price <> 0) as is_credit
    from numbered
    left join sources on numbered.source = sources.source
    left join rules as product_rules
        on
            product_rules.matched_on = 'product_ref'
            and numbered.source = product_rules.source
            and numbered.product_id = product_rules.matched_value
    left join rules as order_rules
        on
            order_rules.matched_on = 'order_ref'
            and numbered.source = order_rules.source
            and numbered.order_number = order_rules.matched_value
),

final as (
    select
        coalesce(
            order_id || '#' || order_line_ref,
            order_id || '-' || lpad(line_number::varchar, 4, '0')
        ) as order_line_id,
        *,
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
