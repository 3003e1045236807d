{#- Hours from one moment to another, in ten-thousandths. -#}
{% macro hours_between(earlier, later) -%}
    {{ money("cast(datediff('second', " ~ earlier ~ ", " ~ later ~ ") * 10000 // 3600 as decimal(18, 0)) * 0.0001") }}
{%- endmacro %}

{#- Whether it was in time. While it is open: too late already, or nobody knows. -#}
{% macro within_target(what) -%}
    case
        when aimed.{{ what }}_hours is not null then aimed.{{ what }}_hours <= aimed.{{ what }}_target_hours
        when {{ hours_between('aimed.opened_at', 'aimed.as_of') }} > aimed.{{ what }}_target_hours then false
    end
{%- endmacro %}

{#- The middle value of a group, to four places. -#}
{% macro median_of(expression) -%}
    cast(round(median(cast({{ expression }} as double)), 4) as decimal(18, 4))
{%- endmacro %}
