{#- Money is DECIMAL(18, 4). A sum of DECIMALs is wider in DuckDB: bring it back, loudly on overflow. -#}
{% macro money(expression) -%}
    cast({{ expression }} as decimal(18, 4))
{%- endmacro %}

{#- A piece's part of an amount on the whole credit, by units: what the pieces up to it have, less what those before
    it have, so that the parts add up to the whole. In whole ten-thousandths: a quotient of decimals would be a float. -#}
{% macro share_of_units(amount) -%}
    {%- set whole = 'cast(cast(' ~ amount ~ ' as decimal(28, 4)) * 10000 as hugeint)' -%}
    {%- set total = 'abs(credits.quantity)' -%}
    {{ money(
        'cast(' ~ whole ~ ' * numbered.units_so_far // ' ~ total
        ~ ' - ' ~ whole ~ ' * (numbered.units_so_far - numbered.units) // ' ~ total ~ ' as decimal(18, 0)) * 0.0001'
    ) }}
{%- endmacro %}
