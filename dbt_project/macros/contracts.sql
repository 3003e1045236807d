{#- Whether a model's query has the columns of its contract is looked at once for a project: when the warehouse is built from
    nothing, which it is whenever the project changes, and when its first report tables are made. After that it makes
    the very same columns: the table that it writes to has their types and is told of each by name. To ask again took a
    third of the time of a small table. -#}
{% macro duckdb__get_assert_columns_equivalent(sql) -%}
    {%- if env_var('ECOMOPS_DBT_CONTRACTS', '') != 'known' -%}
        {{ default__get_assert_columns_equivalent(sql) }}
    {%- endif -%}
{%- endmacro %}
