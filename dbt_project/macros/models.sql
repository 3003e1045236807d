{#- The model whose result a table is: a table that no model is declared to write is `unknown`, which a test refuses. -#}
{% macro model_of(table_name, models) -%}
    case
        {% for model, tables in models.items() -%}
        when {{ table_name }} in ('{{ tables | join("', '") }}') then '{{ model }}'
        {% endfor -%}
        else 'unknown'
    end
{%- endmacro %}
