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
