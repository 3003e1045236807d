{#- The definitions of models/metrics as a table, so that a published file says what its measures mean. -#}
with

definitions as (
    {%- for one in metric_definitions() %}
    select
        {{ loop.index }} as metric_order,
        '{{ one.metric_id }}' as metric_id,
        '{{ one.domain }}' as domain,
        '{{ one.unit }}' as unit,
        '{{ one.direction }}' as direction,
        '{{ one.label_en | replace("'", "''") }}' as label_en,
        '{{ one.label_zh | replace("'", "''") }}' as label_zh,
        '{{ one.description_en | replace("'", "''") }}' as description_en,
        '{{ one.description_zh | replace("'", "''") }}' as description_zh,
        '{{ one.mart }}' as mart,
        '{{ one.time_column }}' as time_column,
        '{{ one.expression | replace("'", "''") }}' as expression,
        '{{ one.owner }}' as owner
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        metric_id,
        cast(metric_order as bigint) as metric_order,
        domain,
        unit,
        direction,
        label_en,
        label_zh,
        description_en,
        description_zh,
        mart,
        time_column,
        expression,
        owner
    from definitions
)

select * from final
