{#- The ledger: what each place's books say came and went, and what is left after it. Where a count finds another number
    than the books, the difference is a row of its own: nothing is put right in silence.

    The opening is told by the first count, less what the books moved before it; a place whose movements are known
    since a day is known as a whole since then. Without any count the ledger begins at nothing.
-#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed_stock('movement_date') }}"
) }}

with

told as (
    select
        movements.product_id,
        {{ stock_location('movements.location_ref') }} as location_id,
        nullif(regexp_extract(movements.location_ref, '^FBA/[^/]+/(.+)$', 1), '') as centre_ref,
        if(
            movements.movement_kind in ('sale', 'return', 'receipt', 'adjustment', 'transfer', 'damage'),
            movements.movement_kind,
            'other'
        ) as movement_kind,
        movements.quantity,
        movements.disposition,
        movements.reference,
        movements.reason,
        movements.occurred_at as moved_at,
        movements.known_at,
        {{ local_date('movements.occurred_at') }} as movement_date,
        movements.source,
        movements.source || '/' || coalesce(
            movements.record_ref, movements.load_id || '/' || movements.source_file || '#' || movements.source_row
        ) as movement_id,
        movements.source_file,
        movements.source_row
    from {{ ref('stg_inventory_movements') }} as movements
    cross join {{ source('raw', 'build') }} as build
    where {{ is_placed_alike('movements') }}
),

starts as (
    select
        location_id,
        min(movement_date) as ledger_start_date
    from told
    group by location_id
),

movements as (
    select told.*
    from told
    {% if is_incremental() -%}
    inner join {{ ref('int_changes__stock') }} as changed using (product_id, location_id)
    where told.movement_date >= changed.from_date
    {%- endif %}
),

-- of several counts on a day the last
counts as (
    select
        told_counts.product_id,
        {{ stock_location('told_counts.location_ref') }} as location_id,
        {{ counted_date('told_counts.occurred_at') }} as counted_date,
        max_by(
            {
                'units': told_counts.on_hand_units
                + coalesce(told_counts.reserved_units, 0) + coalesce(told_counts.unsellable_units, 0),
                'at': told_counts.occurred_at,
                'known_at': told_counts.known_at,
                'source': told_counts.source,
                'source_file': told_counts.source_file,
                'source_row': told_counts.source_row
            },
            (
                told_counts.occurred_at, told_counts.known_at, told_counts.source, told_counts.source_file,
                told_counts.source_row
            )
        ) as counted
    from {{ ref('stg_stock_on_hand') }} as told_counts
    cross join {{ source('raw', 'build') }} as build
    {% if is_incremental() -%}
    inner join {{ ref('int_changes__stock') }} as changed
        on
            told_counts.product_id = changed.product_id
            and {{ stock_location('told_counts.location_ref') }} = changed.location_id
    where
        {{ counted_date('told_counts.occurred_at') }} >= changed.from_date
        and {{ is_placed_alike('told_counts') }}
    {%- else -%}
    where {{ is_placed_alike('told_counts') }}
    {%- endif %}
    group by all
),

entries as (
    select
        product_id,
        location_id,
        moved_at as entered_at,
        2 as place_in_moment,
        movement_id as entry_id,
        movement_date as entry_date,
        quantity,
        cast(null as bigint) as counted_units
    from movements
    union all
    select
        product_id,
        location_id,
        counted.at as entered_at,
        1 as place_in_moment,
        'count/' || counted.source || '/' || product_id || '@' || location_id || '/' || counted_date as entry_id,
        counted_date as entry_date,
        0 as quantity,
        counted.units as counted_units
    from counts
),

running as (
    select
        *,
        cast(sum(quantity) over (
            partition by product_id, location_id
            order by entered_at, place_in_moment, entry_id
            rows between unbounded preceding and current row
        ) as bigint) as moved_so_far
    from entries
),

-- what is left by the movements that stay
held as (
    {% if is_incremental() -%}
    select
        rows_held.product_id,
        rows_held.location_id,
        max_by(
            rows_held.balance_units,
            (rows_held.moved_at, rows_held.place_in_moment, rows_held.movement_id)
        ) as balance_units
    from {{ this }} as rows_held
    inner join {{ ref('int_changes__stock') }} as changed using (product_id, location_id)
    where rows_held.movement_date < changed.from_date
    group by all
    {%- else -%}
    select
        cast(null as varchar) as product_id,
        cast(null as varchar) as location_id,
        cast(null as bigint) as balance_units
    where false
    {%- endif %}
),

firsts as (
    select
        running.product_id,
        running.location_id,
        min(running.entry_date) as first_date,
        min_by(
            running.counted_units - running.moved_so_far,
            (running.entered_at, running.place_in_moment, running.entry_id)
        ) filter (where running.counted_units is not null) as opening_units
    from running
    group by all
),

bases as (
    select
        firsts.product_id,
        firsts.location_id,
        coalesce(held.balance_units, firsts.opening_units, 0) as base_units,
        held.product_id is null and firsts.opening_units is not null as is_opened,
        if(
            firsts.opening_units <> 0,
            least(firsts.first_date, coalesce(starts.ledger_start_date, firsts.first_date)),
            firsts.first_date
        ) as opening_date
    from firsts
    left join held using (product_id, location_id)
    left join starts using (location_id)
),

-- a count sets the books right: by what it finds more or less than they, with the counts before it, say
counted as (
    select
        running.product_id,
        running.location_id,
        running.entry_id,
        running.counted_units,
        running.entered_at,
        running.entry_date,
        running.counted_units - running.moved_so_far - coalesce(
            lag(running.counted_units - running.moved_so_far) over pair_counts, bases.base_units
        ) as difference
    from running
    inner join bases using (product_id, location_id)
    where running.counted_units is not null
    window pair_counts as (
        partition by running.product_id, running.location_id
        order by running.entered_at, running.place_in_moment, running.entry_id
    )
),

opened as (
    select
        'opening/' || bases.product_id || '@' || bases.location_id as movement_id,
        bases.product_id,
        bases.location_id,
        cast(null as varchar) as centre_ref,
        'opening' as movement_kind,
        cast(null as varchar) as reference,
        cast(null as varchar) as reason,
        cast(null as varchar) as disposition,
        bases.base_units as quantity,
        cast(null as bigint) as counted_units,
        0 as place_in_moment,
        timezone('UTC', timezone(build.shop_time_zone, cast(bases.opening_date as timestamp))) as moved_at,
        cast(null as timestamp) as known_at,
        bases.opening_date as movement_date,
        cast(null as varchar) as source,
        cast(null as varchar) as source_file,
        cast(null as bigint) as source_row
    from bases
    cross join {{ source('raw', 'build') }} as build
    where bases.is_opened
),

differing as (
    select
        counted.entry_id as movement_id,
        counted.product_id,
        counted.location_id,
        cast(null as varchar) as centre_ref,
        'count' as movement_kind,
        cast(null as varchar) as reference,
        'counted ' || counted.counted_units
        || ', in the books ' || (counted.counted_units - counted.difference) as reason,
        cast(null as varchar) as disposition,
        counted.difference as quantity,
        counted.counted_units,
        1 as place_in_moment,
        counted.entered_at as moved_at,
        counts.counted.known_at,
        counted.entry_date as movement_date,
        counts.counted.source,
        counts.counted.source_file,
        counts.counted.source_row
    from counted
    inner join counts
        on
            counted.product_id = counts.product_id
            and counted.location_id = counts.location_id
            and counted.entry_date = counts.counted_date
    where counted.difference <> 0
),

lines as (
    select * from opened
    union all
    select * from differing
    union all
    select
        movement_id,
        product_id,
        location_id,
        centre_ref,
        movement_kind,
        reference,
        reason,
        disposition,
        quantity,
        cast(null as bigint) as counted_units,
        2 as place_in_moment,
        moved_at,
        known_at,
        movement_date,
        source,
        source_file,
        source_row
    from movements
),

final as (
    select
        lines.movement_id,
        lines.product_id,
        lines.location_id,
        lines.centre_ref,
        lines.movement_kind,
        lines.reference,
        lines.reason,
        lines.disposition,
        lines.quantity,
        cast(if(bases.is_opened, 0, bases.base_units) + sum(lines.quantity) over (
            partition by lines.product_id, lines.location_id
            order by lines.moved_at, lines.place_in_moment, lines.movement_id
            rows between unbounded preceding and current row
        ) as bigint) as balance_units,
        lines.counted_units,
        lines.place_in_moment,
        lines.moved_at,
        lines.known_at,
        lines.movement_date,
        starts.ledger_start_date,
        lines.source,
        lines.source_file,
        lines.source_row
    from lines
    inner join bases using (product_id, location_id)
    left join starts using (location_id)
)

select * from final
