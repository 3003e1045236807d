with

final as (
    select distinct visit_date from {{ ref('int_changes__visitor_days') }}
)

select * from final
