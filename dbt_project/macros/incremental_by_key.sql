{#- Before an incremental run, takes out the rows of every key that the build changes. The model then
    appends those keys anew. dbt's own delete+insert would leave the rows of a key that is gone.
    The ref stands outside the condition: dbt learns what depends on what from a run that is not incremental. -#}
{% macro delete_changed(changed_model, key, column=none) -%}
    {%- set changed = ref(changed_model) -%}
    {% if is_incremental() %}
        delete from {{ this }} where {{ column or key }} in (select {{ key }} from {{ changed }})
    {% else %}
        select 1
    {% endif %}
{%- endmacro %}

{#- Restricts a query to the keys that the build changes; to nothing in particular on a full build. -#}
{% macro only_changed(changed_model, key, column=none) -%}
    {%- set changed = ref(changed_model) -%}
    {% if is_incremental() %}{{ column or key }} in (select {{ key }} from {{ changed }}){% else %}true{% endif %}
{%- endmacro %}

{#- The same by product and day, for what is told by both. The days stand by themselves too: a column of dates that was
    written in their order lets the database pass over all other stretches of the table. -#}
{% macro delete_changed_product_days(date_column) -%}
    {%- set changed = ref('int_changes__product_days') -%}
    {% if is_incremental() %}
        delete from {{ this }}
        where
            {{ date_column }} in (select day from {{ changed }})
            and ({{ date_column }}, product_id) in (select (day, product_id) from {{ changed }})
    {% else %}
        select 1
    {% endif %}
{%- endmacro %}

{#- Restricts a query to the products and days that the build changes. -#}
{% macro only_changed_product_days(date_column) -%}
    {%- set changed = ref('int_changes__product_days') -%}
    {% if is_incremental() -%}
        {{ date_column }} in (select day from {{ changed }})
        and ({{ date_column }}, product_id) in (select (day, product_id) from {{ changed }})
    {%- else -%}true{%- endif %}
{%- endmacro %}

{#- Of the rules that were matched, takes out those of product codes, which are matched anew, and of the orders that the
    build looks at. -#}
{% macro delete_rules_of_touched() -%}
    {%- set changed = ref('int_changes__touched') -%}
    {% if is_incremental() %}
        delete from {{ this }}
        where
            matched_on = 'product_ref'
            or (source, matched_value) in (select (source, order_ref) from {{ changed }})
    {% else %}
        select 1
    {% endif %}
{%- endmacro %}

{#- Before lines of the orders that change are taken out, keeps on which days they lay, and of which products they
    were: a day that loses its last line has to be counted anew too. -#}
{% macro keep_days_of_before() -%}
    {%- set changed = ref('int_changes__orders') -%}
    create or replace table raw.line_days__before as
    {% if is_incremental() -%}
        select distinct occurred_date as day, product_id from {{ this }}
        where order_id in (select order_id from {{ changed }})
    {%- else -%}
        select cast(null as date) as day, cast(null as varchar) as product_id where false
    {%- endif %}
{%- endmacro %}
