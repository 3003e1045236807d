{#- What tells two versions of a record apart, and which is the newer: when the source changed it, then when we
    learned of it. A snapshot that names no time of change is as new as it is known. -#}
{% macro version_of(rows) -%}
    {
        'version_at': coalesce({{ rows }}.version_at, timestamp '1970-01-01'),
        'known_at': {{ rows }}.known_at,
        'load_id': {{ rows }}.load_id
    }
{%- endmacro %}

{#- The rows of a raw table that count now: facts as they are, and of each record the rows of its newest version.
    A record's rows may all be gone in its newest version: that shows in the tables of its parents, which the same
    loads hold. Of one version on two pages of one load the later page counts. A query on its own. -#}
{% macro newest_versions(stream, parents=[]) -%}
    {%- set table = source('raw', stream) %}
    select facts.*
    from {{ table }} as facts
    where facts.record_ref is null
    union all
    select versions.*
    from {{ table }} as versions
    inner join (
        select
            held.source,
            held.record_ref,
            max({'version': {{ version_of('held') }}, 'source_file': held.source_file}) as place
        from {{ table }} as held
        where held.record_ref is not null
        group by held.source, held.record_ref
    ) as newest
        on
            versions.source = newest.source
            and versions.record_ref = newest.record_ref
            and {{ version_of('versions') }} = newest.place.version
            and versions.source_file = newest.place.source_file
    {% for parent in parents -%}
    left join (
        select
            held.source,
            held.record_ref,
            max({{ version_of('held') }}) as version
        from {{ source('raw', parent) }} as held
        inner join {{ source('raw', 'loads') }} as loads on held.source = loads.source and held.load_id = loads.load_id
        inner join {{ source('raw', 'sources') }} as sources on loads.source = sources.source and loads.stream = sources.stream
        where
            held.record_ref is not null
            and split_part(sources.tables, ', ', 1) = '{{ parent }}'
            and list_contains(string_split(sources.tables, ', '), '{{ stream }}')
        group by held.source, held.record_ref
    ) as {{ parent }}
        on versions.source = {{ parent }}.source and versions.record_ref = {{ parent }}.record_ref
    {% endfor -%}
    where
        versions.record_ref is not null
        {% for parent in parents -%}
        and coalesce({{ parent }}.version <= newest.place.version, true)
        {% endfor %}
{%- endmacro %}

{#- Since when the source has had each record of a stream no more. A query on its own. -#}
{% macro deletions_of(stream) -%}
    select
        source,
        record_ref,
        max(occurred_at) as deleted_at
    from {{ source('raw', 'deletions') }}
    where entity = '{{ stream }}'
    group by source, record_ref
{%- endmacro %}

{#- The shop's calendar day of a moment; needs raw.build in the query. -#}
{% macro local_date(moment) -%}
    cast(timezone(build.shop_time_zone, timezone('UTC', {{ moment }})) as date)
{%- endmacro %}
