{#- The orders whose lines must be made again: those that this build touches, and those whose lines a credit of the
    same customer and product may now be matched with differently. -#}
with

changed_pairs as (
    select * from {{ ref('int_changes__pairs') }}
),

lines_of_pairs as (
    select
        source || '/' || order_ref as order_id,
        customer_pseudonym as customer_id,
        upper(trim(product_ref)) as product_id,
        -- one that names its line is matched with nothing else
        quantity < 0 and credits_line_ref is null as is_to_match
    from {{ source('raw', 'order_lines') }}
    where (customer_pseudonym, upper(trim(product_ref))) in (
        select (changed_pairs.customer_id, changed_pairs.product_id) from changed_pairs
    )
),

credited_pairs as (
    select
        customer_id,
        product_id
    from lines_of_pairs
    where is_to_match
    union
    select
        customer_pseudonym as customer_id,
        upper(trim(product_ref)) as product_id
    from {{ source('raw', 'order_lines__removed') }}
    where quantity < 0 and credits_line_ref is null and customer_pseudonym is not null
),

rematched as (
    select lines_of_pairs.order_id
    from lines_of_pairs
    where (lines_of_pairs.customer_id, lines_of_pairs.product_id) in (
        select (credited_pairs.customer_id, credited_pairs.product_id) from credited_pairs
    )
),

final as (
    select order_id from {{ ref('int_changes__touched') }}
    union
    select order_id from rematched
)

select * from final
