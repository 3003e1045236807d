{#- Generic tests of our own. Each returns the rows that break the rule. -#}

{% test unique_together(model, columns) %}
    select {{ columns | join(', ') }}, count(*) as row_count
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}

{% test expression_is_true(model, expression, column_name=none) %}
    select *
    from {{ model }}
    where not coalesce({{ column_name ~ ' ' if column_name else '' }}{{ expression }}, {{ 'true' if column_name else 'false' }})
{% endtest %}

{% test same_row_count(model, other) %}
    select
        (select count(*) from {{ model }}) as here,
        (select count(*) from {{ other }}) as there
    where (select count(*) from {{ model }}) <> (select count(*) from {{ other }})
{% endtest %}

{% test same_total(model, column, other, other_column) %}
    select
        (select coalesce(sum({{ column }}), 0) from {{ model }}) as here,
        (select coalesce(sum({{ other_column }}), 0) from {{ other }}) as there
    where
        (select coalesce(sum({{ column }}), 0) from {{ model }})
        <> (select coalesce(sum({{ other_column }}), 0) from {{ other }})
{% endtest %}

{% test row_count_is(model, rows) %}
    select count(*) as row_count
    from {{ model }}
    having count(*) <> {{ rows }}
{% endtest %}

{#- Of a source whose records have versions, a row without its record's number would be counted again by every load. -#}
{% test every_version_names_its_record(model) %}
    select rows_held.source, rows_held.load_id, rows_held.source_file, rows_held.source_row
    from {{ model }} as rows_held
    inner join {{ source('raw', 'loads') }} as loads
        on rows_held.source = loads.source and rows_held.load_id = loads.load_id
    inner join {{ source('raw', 'sources') }} as sources
        on loads.source = sources.source and loads.stream = sources.stream
    where sources.mode = 'versions' and rows_held.record_ref is null
{% endtest %}

{% test nothing_is_missing(model, columns) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    where {{ columns | join(' is null or ') }} is null
{% endtest %}

{#- An account and an address that were found together are one person's, unless many share either. -#}
{% test every_link_has_one_person(model, links) %}
    select links.account_id, links.email_pseudonym
    from {{ links }} as links
    left join {{ model }} as accounts on links.account_id = accounts.identity
    left join {{ model }} as addresses on links.email_pseudonym = addresses.identity
    where
        accounts.is_shared is null
        or addresses.is_shared is null
        or (
            not accounts.is_shared and not addresses.is_shared
            and accounts.customer_id is distinct from addresses.customer_id
        )
{% endtest %}
