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
