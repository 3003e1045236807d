{#- What tells two versions of a record apart, and which is the newer: when the source changed it, then when we
    learned of it. A snapshot that names no time of change is as new as it is known. -#}
{% macro version_of(rows) -%}
    {
        'version_at': coalesce({{ rows }}.version_at, timestamp '1970-01-01'),
        'known_at': {{ rows }}.known_at,
        'load_id': {{ rows }}.load_id
    }
{%- endmacro %}

{#- The rows of a raw table that count now: facts as they are, and of each record the rows of its newest version, as
    the loader has marked them (lakehouse/warehouse/newest.py). A query on its own. -#}
{% macro newest_versions(stream) -%}
    select * from {{ source('raw', stream) }}
    where is_newest
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
