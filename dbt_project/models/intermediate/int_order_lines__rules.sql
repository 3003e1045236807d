{#- Rules are matched once per distinct code and order number, not once per line. Of the codes, which are few, all; of
    the orders those that the build looks at by themselves.
-#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_rules_of_touched() }}"
) }}

with

codes as (
    select distinct
        source,
        product_ref
    from {{ source('raw', 'order_lines') }}
),

products as (
    select distinct
        source,
        upper(trim(product_ref)) as product_id
    from codes
),

orders as (
    select distinct
        source,
        order_ref as order_number
    from {{ source('raw', 'order_lines') }}
    where {{ only_changed('int_changes__touched', '(source, order_ref)') }}
),

rules as (
    select * from {{ source('raw', 'line_rules') }}
),

product_matches as (
    select
        'product_ref' as matched_on,
        products.source,
        products.product_id as matched_value,
        min_by(rules.line_kind, rules.rule_number) as line_kind,
        min(rules.rule_number) as rule_number
    from products
    inner join rules
        on
            products.source = rules.source
            and rules.product_ref is not null
            and regexp_full_match(products.product_id, rules.product_ref, 'i')
    group by all
),

order_matches as (
    select
        'order_ref' as matched_on,
        orders.source,
        orders.order_number as matched_value,
        min_by(rules.line_kind, rules.rule_number) as line_kind,
        min(rules.rule_number) as rule_number
    from orders
    inner join rules
        on
            orders.source = rules.source
            and rules.order_ref is not null
            and regexp_full_match(orders.order_number, rules.order_ref)
    group by all
),

final as (
    select * from product_matches
    union all
    select * from order_matches
)

select * from final
