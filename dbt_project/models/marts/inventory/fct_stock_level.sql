{#- How much lies where, since when: one row for each day on which something moved, until the next. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook=["{{ delete_changed_stock('valid_from_date') }}", "{{ reopen_stock_levels() }}"],
    post_hook="{{ close_stock_levels() }}"
) }}

with

movements as (
    select movements.*
    from {{ ref('fct_stock_movement') }} as movements
    {% if is_incremental() -%}
    inner join {{ ref('int_changes__stock') }} as changed
        on
            movements.product_id = changed.product_id
            and movements.location_id = changed.location_id
            and movements.movement_date >= changed.from_date
    {%- endif %}
),

daily as (
    select
        product_id,
        location_id,
        movement_date,
        {% for kind in ['receipt', 'sale', 'return', 'adjustment', 'damage', 'transfer', 'count', 'other'] -%}
        coalesce(sum(quantity) filter (where movement_kind = '{{ kind }}'), 0) as {{ kind }}_units,
        {% endfor -%}
        count(*) filter (where movement_kind <> 'opening') as movement_count,
        max_by(balance_units, (moved_at, place_in_moment, movement_id)) as on_hand_units
    from movements
    group by all
),

final as (
    select
        product_id,
        location_id,
        cast(
            on_hand_units - receipt_units - sale_units - return_units - adjustment_units - damage_units
            - transfer_units - count_units - other_units as bigint
        ) as opening_units,
        cast(receipt_units as bigint) as receipt_units,
        cast(sale_units as bigint) as sale_units,
        cast(return_units as bigint) as return_units,
        cast(adjustment_units as bigint) as adjustment_units,
        cast(damage_units as bigint) as damage_units,
        cast(transfer_units as bigint) as transfer_units,
        cast(count_units as bigint) as count_units,
        cast(other_units as bigint) as other_units,
        movement_count,
        on_hand_units,
        movement_date as valid_from_date,
        lead(movement_date) over (partition by product_id, location_id order by movement_date) - 1 as valid_to_date
    from daily
)

select * from final
