{#- Money is DECIMAL(18, 4). A sum of DECIMALs is wider in DuckDB: bring it back, loudly on overflow. -#}
{% macro money(expression) -%}
    cast({{ expression }} as decimal(18, 4))
{%- endmacro %}
