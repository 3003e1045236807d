{#- The orders whose lines must be made again: those with a line that this build adds or removes, and
    those whose lines a credit of the same customer and product may now be matched with differently. -#}
with

delta as (
    select
        source,
        load_id
    from {{ source('raw', 'delta') }}
    where stream = 'order_lines' and change = 'added'
),

changed_pairs as (
    select * from {{ ref('int_changes__pairs') }}
),

touched as (
    select source || '/' || order_ref as order_id
    from {{ source('raw', 'order_lines') }}
    where (source, load_id) in (select (delta.source, delta.load_id) from delta)
    union
    select source || '/' || order_ref as order_id
    from {{ source('raw', 'order_lines__removed') }}
),

lines_of_pairs as (
    select
        order_lines.order_id,
        order_lines.customer_id,
        order_lines.product_id,
        order_lines.quantity
    from {{ ref('stg_files__order_lines') }} as order_lines
    where (order_lines.customer_id, order_lines.product_id) in (
        select (changed_pairs.customer_id, changed_pairs.product_id) from changed_pairs
    )
),

credited_pairs as (
    select
        customer_id,
        product_id
    from lines_of_pairs
    where quantity < 0
    union
    select
        customer_pseudonym as customer_id,
        upper(trim(product_ref)) as product_id
    from {{ source('raw', 'order_lines__removed') }}
    where quantity < 0 and customer_pseudonym is not null
),

rematched as (
    select lines_of_pairs.order_id
    from lines_of_pairs
    where (lines_of_pairs.customer_id, lines_of_pairs.product_id) in (
        select (credited_pairs.customer_id, credited_pairs.product_id) from credited_pairs
    )
),

final as (
    select order_id from touched
    union
    select order_id from rematched
)

select * from final
