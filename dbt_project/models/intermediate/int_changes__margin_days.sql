{#- The days whose margins must be made again: those of which anything is told that was not, or otherwise; and those on
    which something was charged for an order whose products share it otherwise now. -#}
with

final as (
    select day from {{ ref('int_changes__margin_marks') }}
    where is_changed
    union
    select sales_date as day from {{ ref('int_order_costs__daily') }}
    where order_id in (select changed.order_id from {{ ref('int_changes__orders') }} as changed)
)

select * from final
