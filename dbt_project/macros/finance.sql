{#- One number of what finance takes for granted. -#}
{% macro finance_assumption(name) -%}
    {{ assumption('finance_assumptions', name) }}
{%- endmacro %}

{#- A part of an amount on the whole of its keys: what the parts up to it have, less what those before it have, so
    that the parts add up to the amount. In whole ten-thousandths: a quotient of decimals would be a float. -#}
{% macro share_of(amount, key_so_far, key, key_total) -%}
    {%- set whole = 'cast(cast(' ~ amount ~ ' as decimal(28, 4)) * 10000 as hugeint)' -%}
    {%- set so_far = 'cast(cast(' ~ key_so_far ~ ' as decimal(28, 4)) * 10000 as hugeint)' -%}
    {%- set own = 'cast(cast(' ~ key ~ ' as decimal(28, 4)) * 10000 as hugeint)' -%}
    {%- set total = 'cast(cast(' ~ key_total ~ ' as decimal(28, 4)) * 10000 as hugeint)' -%}
    {{ money(
        'cast(' ~ whole ~ ' * ' ~ so_far ~ ' // ' ~ total
        ~ ' - ' ~ whole ~ ' * (' ~ so_far ~ ' - ' ~ own ~ ') // ' ~ total ~ ' as decimal(18, 0)) * 0.0001'
    ) }}
{%- endmacro %}

{#- The average of what lay there and what came, in whole ten-thousandths rounded half up; of what came alone where
    nothing lay there. -#}
{% macro average_cost(units, unit_cost, new_units, new_value) -%}
    {%- set held = 'greatest(' ~ units ~ ', 0)' -%}
    {%- set total = '(' ~ held ~ ' + ' ~ new_units ~ ')' -%}
    {{ money(
        'cast((2 * cast((' ~ held ~ ' * ' ~ unit_cost ~ ' + ' ~ new_value ~ ') * 10000 as hugeint) + ' ~ total
        ~ ') // (2 * greatest(' ~ total ~ ', 1)) as decimal(18, 0)) * 0.0001'
    ) }}
{%- endmacro %}

{#- A share in percent, 0 to 100 and beyond; of nothing there is none. -#}
{% macro pct_of(part, whole) -%}
    cast(round(100 * cast({{ part }} as double) / nullif(cast({{ whole }} as double), 0), 4) as decimal(18, 4))
{%- endmacro %}
