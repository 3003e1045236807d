{#- The place whose stock a count or a movement is about. Amazon counts by marketplace and moves by centre. -#}
{% macro stock_location(ref) -%}
    coalesce(nullif(regexp_extract({{ ref }}, '^FBA/[^/]+'), ''), {{ ref }}, 'unplaced')
{%- endmacro %}

{#- The day that a count closes: one made at midnight belongs to the day that ends then. -#}
{% macro counted_date(moment) -%}
    {{ local_date(moment ~ ' - interval 1 microsecond') }}
{%- endmacro %}

{#- Whether a row says where; what says nothing counts only where nothing does. -#}
{% macro is_placed_alike(rows) -%}
    ({{ rows }}.location_ref is not null or not (
        exists(select 1 from {{ source('raw', 'inventory_movements') }} as placed where placed.location_ref is not null)
        or exists(select 1 from {{ source('raw', 'stock_on_hand') }} as placed where placed.location_ref is not null)
    ))
{%- endmacro %}

{#- Before the ledger is made, keeps since when it was kept at each place: where that changes, all of the place does. -#}
{% macro keep_ledger_starts_of_before() -%}
    {%- set before = adapter.get_relation(this.database, 'marts', 'fct_stock_movement') if execute else none -%}
    create or replace table raw.ledger_starts__before as
    {% if before -%}
        select distinct
            product_id,
            location_id,
            ledger_start_date
        from {{ before }}
    {%- else -%}
        select
            cast(null as varchar) as product_id,
            cast(null as varchar) as location_id,
            cast(null as date) as ledger_start_date
        where false
    {%- endif %}
{%- endmacro %}

{#- Before an incremental run, takes out what each product has at each place from the first changed day on. -#}
{% macro delete_changed_stock(date_column) -%}
    {%- set changed = ref('int_changes__stock') -%}
    {% if is_incremental() %}
        delete from {{ this }} as held
        using {{ changed }} as changed
        where
            held.product_id = changed.product_id
            and held.location_id = changed.location_id
            and held.{{ date_column }} >= changed.from_date
    {% else %}
        select 1
    {% endif %}
{%- endmacro %}

{#- An interval that ended because of what is taken out is open again. -#}
{% macro reopen_stock_levels() -%}
    {%- set changed = ref('int_changes__stock') -%}
    {% if is_incremental() %}
        update {{ this }} as held
        set valid_to_date = null
        from {{ changed }} as changed
        where
            held.product_id = changed.product_id
            and held.location_id = changed.location_id
            and held.valid_to_date >= changed.from_date - 1
    {% else %}
        select 1
    {% endif %}
{%- endmacro %}

{#- And ends where the first interval made anew begins. -#}
{% macro close_stock_levels() -%}
    {%- set changed = ref('int_changes__stock') -%}
    {% if is_incremental() %}
        update {{ this }} as held
        set valid_to_date = made.valid_from_date - 1
        from (
            select
                levels.product_id,
                levels.location_id,
                min(levels.valid_from_date) as valid_from_date
            from {{ this }} as levels
            inner join {{ changed }} as changed
                on
                    levels.product_id = changed.product_id
                    and levels.location_id = changed.location_id
                    and levels.valid_from_date >= changed.from_date
            group by all
        ) as made
        where
            held.product_id = made.product_id
            and held.location_id = made.location_id
            and held.valid_from_date < made.valid_from_date
            and held.valid_to_date is null
    {% else %}
        select 1
    {% endif %}
{%- endmacro %}

{#- One number of what is taken for granted about stock and suppliers. -#}
{% macro supply_assumption(name) -%}
    {{ assumption('supply_assumptions', name) }}
{%- endmacro %}

{#- An amount of a day in shop currency; of a day before the first rate, at the first. Needs `rates` (of
    `rates_by_day()`) and raw.build in the query. -#}
{% macro at_rate(amount, rows) -%}
    {{ money(amount ~ ' * if(' ~ rows ~ '.currency_code = build.shop_currency, 1, rates.rate_to_shop)') }}
{%- endmacro %}

{#- Rates with one that stands for every day before the first. A query on its own. -#}
{% macro rates_by_day() -%}
    select
        currency_code,
        rate_date,
        rate_to_shop
    from {{ ref('dim_currency_rate') }}
    union all
    select
        currency_code,
        date '0001-01-01' as rate_date,
        arg_min(rate_to_shop, rate_date) as rate_to_shop
    from {{ ref('dim_currency_rate') }}
    group by currency_code
{%- endmacro %}

{#- A share of two whole numbers in percent; null of nothing. -#}
{% macro pct(part, whole) -%}
    cast(100 * {{ part }} / nullif({{ whole }}, 0) as decimal(18, 4))
{%- endmacro %}
