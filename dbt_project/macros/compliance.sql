{#- Since which day a check looks; 0 days: ever. -#}
{% macro checked_since(check_id) -%}
    (
        select if(checks.checked_days = 0, date '1900-01-01', build.last_date - cast(checks.checked_days as integer))
        from {{ ref('compliance_checks') }} as checks
        where checks.check_id = '{{ check_id }}'
    )
{%- endmacro %}

{#- A row for each country of a list of codes: a code, EU for its member states, * for every country. -#}
{% macro is_in_countries(country_id, country_ids) -%}
    ({{ country_ids }} = '*' or {{ country_ids }} = {{ country_id }} or ({{ country_ids }} = 'EU' and {{ is_in_eu(country_id) }}))
{%- endmacro %}

{% macro is_in_eu(country_id) -%}
    {{ country_id }} in (
        'AT', 'BE', 'BG', 'CY', 'CZ', 'DE', 'DK', 'EE', 'ES', 'FI', 'FR', 'GR', 'HR', 'HU', 'IE', 'IT', 'LT', 'LU', 'LV', 'MT',
        'NL', 'PL', 'PT', 'RO', 'SE', 'SI', 'SK'
    )
{%- endmacro %}
