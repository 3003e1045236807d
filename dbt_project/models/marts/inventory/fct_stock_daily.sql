{#- The intervals of fct_stock_level, day by day up to the last day that the build knows. -#}
{{ config(materialized='view') }}

with

levels as (
    select
        levels.*,
        unnest(generate_series(
            levels.valid_from_date,
            coalesce(levels.valid_to_date, {{ counted_date('build.as_of') }}),
            interval 1 day
        )) as stock_moment
    from {{ ref('fct_stock_level') }} as levels
    cross join {{ source('raw', 'build') }} as build
),

dated as (
    select
        *,
        cast(stock_moment as date) as stock_date,
        cast(stock_moment as date) = valid_from_date as is_moved
    from levels
),

final as (
    select
        product_id,
        location_id,
        if(is_moved, opening_units, on_hand_units) as opening_units,
        {% for kind in ['receipt', 'sale', 'return', 'adjustment', 'damage', 'transfer', 'count', 'other'] -%}
        if(is_moved, {{ kind }}_units, 0) as {{ kind }}_units,
        {% endfor -%}
        on_hand_units as closing_units,
        stock_date
    from dated
)

select * from final
