{#- One number of an alert rule. -#}
{% macro alert_number(rule_id, number='threshold') -%}
    (select cast(rules.{{ number }} as double) from {{ ref('alert_rules') }} as rules where rules.rule_id = '{{ rule_id }}')
{%- endmacro %}

{#- The same, a whole number of days. -#}
{% macro alert_days(rule_id) -%}
    (select cast(rules.window_days as integer) from {{ ref('alert_rules') }} as rules where rules.rule_id = '{{ rule_id }}')
{%- endmacro %}

{#- The build's moment and the last day that it knows whole. -#}
{% macro alert_build() -%}
    select
        build.as_of,
        build.shop_time_zone,
        build.shop_currency,
        {{ local_date('build.as_of - interval 1 microsecond') }} as last_date
    from {{ source('raw', 'build') }} as build
{%- endmacro %}

{#- Each product's stock at the end of each day as it was counted: product_id, stock_date, on_hand_units. A query on its
    own. -#}
{% macro alert_stock_levels() -%}
    select
        counts.product_id,
        counts.stock_date,
        sum(counts.on_hand_units) as on_hand_units
    from (
        select
            counted.product_id,
            counted.location_ref,
            counted.source,
            {{ local_date('counted.occurred_at') }} as stock_date,
            arg_max(counted.on_hand_units, (counted.occurred_at, counted.known_at, counted.load_id)) as on_hand_units
        from {{ ref('stg_stock_on_hand') }} as counted
        cross join build
        where counted.occurred_at > build.as_of - interval 400 day
        group by all
    ) as counts
    group by counts.product_id, counts.stock_date
{%- endmacro %}
