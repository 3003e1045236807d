{#- The measures of a period, from rpt_daily_sales: defined once for week and month. -#}
{% macro period_measures() -%}
    {{ money('sum(gross_sales_shop)') }} as gross_sales_shop,
    {{ money('sum(discounts_shop)') }} as discounts_shop,
    {{ money('sum(cancellations_shop)') }} as cancellations_shop,
    {{ money('sum(returns_shop)') }} as returns_shop,
    {{ money('sum(net_sales_shop)') }} as net_sales_shop,
    cast(sum(order_count) as bigint) as order_count,
    cast(sum(unit_count) as bigint) as unit_count,
    cast(count(*) filter (where is_trading_day) as bigint) as trading_day_count
{%- endmacro %}

{#- One number of what the marts on demand and seasons take for granted. -#}
{% macro sales_assumption(name) -%}
    {{ assumption('sales_assumptions', name) }}
{%- endmacro %}

{#- The same, a whole number. -#}
{% macro sales_number(name) -%}
    cast({{ sales_assumption(name) }} as integer)
{%- endmacro %}

{#- The sample's standard deviation of whole numbers, from exact sums: stddev_samp() depends on the order of the rows,
    and the same records would differ in a last digit from one build to the next. -#}
{% macro sd_of_counts(column, condition) -%}
    sqrt(
        (
            count(*) filter (where {{ condition }}) * sum({{ column }} * {{ column }}) filter (where {{ condition }})
            - sum({{ column }}) filter (where {{ condition }}) * sum({{ column }}) filter (where {{ condition }})
        )
        / nullif(count(*) filter (where {{ condition }}) * (count(*) filter (where {{ condition }}) - 1), 0)
    )
{%- endmacro %}
