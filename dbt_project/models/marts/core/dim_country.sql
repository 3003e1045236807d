with

final as (
    select
        country_id,
        min(country_name) as country_name,
        min(country_name_zh) as country_name_zh,
        bool_and(is_recognised) as is_recognised
    from {{ ref('int_countries__named') }}
    group by country_id
)

select * from final
