with

final as (
    select
        holiday_date,
        upper(trim(country)) as country_code,
        coalesce(nullif(trim(region), ''), 'all') as region,
        name as holiday_name,
        coalesce(name_zh, name) as holiday_name_zh,
        coalesce(name_local, name) as holiday_name_local,
        coalesce(holiday_kind, 'public') as holiday_kind,
        coalesce(is_observed, false) as is_observed,
        known_at
    from {{ ref('stg_holidays') }}
    where country is not null and name is not null
    -- of two sources that tell a day, the one that was learned of last
    qualify row_number() over (
        partition by
            holiday_date, upper(trim(country)), coalesce(nullif(trim(region), ''), 'all'), name,
            coalesce(holiday_kind, 'public')
        order by known_at desc, source asc, record_ref desc, source_row desc
    ) = 1
)

select * from final
