{#- What each product's ledger at each place must be made again from: the day of the first movement or count that this
    build adds, removes or corrects. From its very beginning where the count changes that its opening is told by, or
    where a place's ledger now begins on another day.
-#}
{{ config(pre_hook="{{ keep_ledger_starts_of_before() }}") }}

with

delta as (
    select
        source,
        stream,
        load_id
    from {{ source('raw', 'delta') }}
    where change = 'added'
),

moved as (
    select
        source,
        record_ref,
        product_ref,
        location_ref,
        occurred_at
    from {{ source('raw', 'inventory_movements') }}
    where (source, load_id, 'inventory_movements') in (select (delta.source, delta.load_id, delta.stream) from delta)
    union all
    select
        source,
        record_ref,
        product_ref,
        location_ref,
        occurred_at
    from {{ source('raw', 'inventory_movements__removed') }}
),

counted as (
    select
        source,
        record_ref,
        product_ref,
        location_ref,
        occurred_at
    from {{ source('raw', 'stock_on_hand') }}
    where (source, load_id, 'stock_on_hand') in (select (delta.source, delta.load_id, delta.stream) from delta)
    union all
    select
        source,
        record_ref,
        product_ref,
        location_ref,
        occurred_at
    from {{ source('raw', 'stock_on_hand__removed') }}
),

-- what a corrected record said before is undone where it was said
corrected as (
    select
        product_ref,
        location_ref,
        occurred_at,
        false as is_count
    from moved
    union all
    select
        versions.product_ref,
        versions.location_ref,
        versions.occurred_at,
        false as is_count
    from {{ source('raw', 'inventory_movements') }} as versions
    where
        versions.record_ref is not null
        and (versions.source, versions.record_ref) in (select (moved.source, moved.record_ref) from moved)
    union all
    select
        product_ref,
        location_ref,
        occurred_at - interval 1 microsecond as occurred_at,
        true as is_count
    from counted
    union all
    select
        versions.product_ref,
        versions.location_ref,
        versions.occurred_at - interval 1 microsecond as occurred_at,
        true as is_count
    from {{ source('raw', 'stock_on_hand') }} as versions
    where
        versions.record_ref is not null
        and (versions.source, versions.record_ref) in (select (counted.source, counted.record_ref) from counted)
),

touched as (
    select
        upper(trim(corrected.product_ref)) as product_id,
        {{ stock_location('corrected.location_ref') }} as location_id,
        min({{ local_date('corrected.occurred_at') }}) as from_date
    from corrected
    cross join {{ source('raw', 'build') }} as build
    group by all
),

first_counts as (
    select
        counts.product_id,
        {{ stock_location('counts.location_ref') }} as location_id,
        min({{ counted_date('counts.occurred_at') }}) as first_counted_date
    from {{ ref('stg_stock_on_hand') }} as counts
    cross join {{ source('raw', 'build') }} as build
    where
        (counts.product_id, {{ stock_location('counts.location_ref') }}) in (
            select (touched.product_id, touched.location_id) from touched
        )
    group by all
),

-- a place's last count taken back leaves no opening
uncounted as (
    select distinct
        upper(trim(product_ref)) as product_id,
        {{ stock_location('location_ref') }} as location_id
    from {{ source('raw', 'stock_on_hand__removed') }}
),

starts as (
    select
        {{ stock_location('movements.location_ref') }} as location_id,
        min({{ local_date('movements.occurred_at') }}) as ledger_start_date
    from {{ ref('stg_inventory_movements') }} as movements
    cross join {{ source('raw', 'build') }} as build
    where {{ is_placed_alike('movements') }}
    group by all
),

moved_starts as (
    select
        held.product_id,
        held.location_id
    from {{ source('raw', 'ledger_starts__before') }} as held
    left join starts on held.location_id = starts.location_id
    where
        held.ledger_start_date is distinct from starts.ledger_start_date
        -- and of what is told without a place, all, as soon as anything is told with one
        or held.location_id = 'unplaced'
),

final as (
    select
        touched.product_id,
        touched.location_id,
        if(
            touched.from_date <= first_counts.first_counted_date
            or (first_counts.first_counted_date is null and uncounted.product_id is not null),
            date '0001-01-01',
            touched.from_date
        ) as from_date
    from touched
    left join first_counts using (product_id, location_id)
    left join uncounted using (product_id, location_id)
    where (touched.product_id, touched.location_id) not in (
        select (moved_starts.product_id, moved_starts.location_id) from moved_starts
    )
    union all
    select
        product_id,
        location_id,
        date '0001-01-01' as from_date
    from moved_starts
)

select * from final
