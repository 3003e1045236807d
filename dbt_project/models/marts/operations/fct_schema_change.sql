{#- Versions of a source's interface as its loads name them. A column that comes or goes is no change of this kind: it
    fails the contract before anything lands. -#}
with

ordered as (
    select
        source,
        stream,
        load_id,
        coalesce(api_version, '') as api_version,
        lag(coalesce(api_version, '')) over (
            partition by source, stream
            order by window_start, known_at, load_id
        ) as version_before,
        window_start,
        known_at
    from {{ source('raw', 'loads') }}
),

final as (
    select
        load_id as first_load_id,
        source,
        stream,
        version_before,
        api_version as version_after,
        window_start as window_start_at,
        known_at
    from ordered
    where version_before is not null and version_before <> api_version
)

select * from final
