{#- One number of a seed of assumptions: of each domain there is one, and a macro that names it. -#}
{% macro assumption(seed, name) -%}
    (select assumed.value from {{ ref(seed) }} as assumed where assumed.assumption_id = '{{ name }}')
{%- endmacro %}
