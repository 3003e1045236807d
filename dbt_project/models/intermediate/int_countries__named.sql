{#- Every country name that a source writes, with our name for it; an unknown one keeps its own. -#}
with

written as (
    select distinct country_source_name from {{ ref('int_order_lines__classified') }}
),

known as (
    select * from {{ ref('country_names') }}
),

final as (
    select
        written.country_source_name,
        coalesce(known.country_id, upper(written.country_source_name)) as country_id,
        coalesce(known.country_name, written.country_source_name) as country_name,
        coalesce(known.country_name_zh, written.country_source_name) as country_name_zh,
        known.country_id is not null as is_recognised
    from written
    left join known using (country_source_name)
)

select * from final
