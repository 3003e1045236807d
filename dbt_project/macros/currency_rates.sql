{#- Before the rates are made anew, keeps those that the build before this one converted with: an order whose rate
    is another one now is made again. -#}
{% macro keep_rates_of_before() -%}
    {%- set before = load_relation(this) if execute else none -%}
    create or replace table raw.currency_rates__before as
    {% if before -%}
        select currency_code, rate_date, rate_to_shop from {{ before }}
    {%- else -%}
        select
            cast(null as varchar) as currency_code,
            cast(null as date) as rate_date,
            cast(null as decimal(18, 10)) as rate_to_shop
        where false
    {%- endif %}
{%- endmacro %}

{#- A rate in whole hundred-millionths. -#}
{% macro whole_rate(rate) -%}
    cast(cast({{ rate }} as decimal(28, 8)) * 100000000 as hugeint)
{%- endmacro %}
