{#- One number of what figures of behaviour take for granted. -#}
{% macro behaviour_number(name) -%}
    (
        select cast(assumed.value as integer)
        from {{ ref('behaviour_assumptions') }} as assumed
        where assumed.assumption_id = '{{ name }}'
    )
{%- endmacro %}

{#- Who visited: the tool's browser or device in one shop. Without one the account; without that nobody whom another
    event could be of. -#}
{% macro visitor_of(source, channel, visitor, account, event_ref) -%}
    {{ source }} || '/' || coalesce({{ channel }}, {{ source }}) || '/'
    || coalesce({{ visitor }}, {{ account }}, 'event-' || {{ event_ref }})
{%- endmacro %}

{#- A share in percent; null of nothing. -#}
{% macro percent_of(part, whole) -%}
    cast(100.0 * ({{ part }}) / nullif({{ whole }}, 0) as double)
{%- endmacro %}
