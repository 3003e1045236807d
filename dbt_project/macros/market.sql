{#- One number of what comparisons with competitors take for granted. -#}
{% macro market_assumption(name) -%}
    {{ assumption('market_assumptions', name) }}
{%- endmacro %}

{#- The same, a whole number of days. -#}
{% macro market_days(name) -%}
    cast({{ market_assumption(name) }} as integer)
{%- endmacro %}

{#- Whether a competitor's customer can buy it now. A shop that says nothing sells it; nothing can be had of what is
    announced or must be ordered first. -#}
{% macro can_be_bought(availability) -%}
    coalesce({{ availability }}, 'in_stock') in ('in_stock', 'limited')
{%- endmacro %}
