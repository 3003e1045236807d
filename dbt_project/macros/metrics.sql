{#- A measure's expression over the columns of its mart, from its one definition in models/metrics: aggregate by any
    group of rows. `select channel_id, metric('active_customers') from ref('fct_order') group by 1`. -#}
{% macro metric(name) -%}
    {{- _definition(name).expression -}}
{%- endmacro %}

{#- money, count, rate and so on. -#}
{% macro metric_unit(name) -%}
    {{- _definition(name).unit -}}
{%- endmacro %}

{#- Its good direction in the words of rpt_weekly_kpi. -#}
{% macro metric_direction(name) -%}
    {{- {'up_is_good': 'up', 'down_is_good': 'down', 'neutral': 'none'}[_definition(name).direction] -}}
{%- endmacro %}

{% macro _definition(name) -%}
    {%- set found = metric_definitions() | selectattr('metric_id', 'equalto', name) | list -%}
    {%- if not found -%}
        {{- exceptions.raise_compiler_error("No metric is called " ~ name ~ ": see models/metrics.") -}}
    {%- endif -%}
    {{- return(found[0]) -}}
{%- endmacro %}
