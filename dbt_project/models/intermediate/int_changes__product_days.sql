{#- The products and days whose lines this build changes: where lines of its changed orders lay, and where they lie. -#}
with

before_lines as (
    select
        day,
        product_id
    from {{ source('raw', 'line_days__before') }}
),

now_lines as (
    select
        occurred_date as day,
        product_id
    from {{ ref('int_order_lines__classified') }}
    where order_id in (select changed.order_id from {{ ref('int_changes__orders') }} as changed)
),

final as (
    select * from before_lines
    union
    select * from now_lines
)

select * from final
