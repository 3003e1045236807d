{#- A model's schema is the one it declares: analysts write marts.fct_order, whoever built it. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
