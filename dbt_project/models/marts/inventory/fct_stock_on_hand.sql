{#- The last count of each product at each place, whoever counted, added up over the places. A shop that names no place
    counts what lies in some of them: its number is no further stock, but there is at least as much. -#}
with

counts as (
    select
        product_id,
        coalesce(location_ref, '') as location_id,
        arg_max(on_hand_units, (occurred_at, known_at, source, source_row)) as on_hand_units,
        max(occurred_at) as counted_at
    from {{ ref('stg_stock_on_hand') }}
    group by all
),

final as (
    select
        product_id,
        greatest(count(*) filter (where location_id <> ''), 1) as location_count,
        cast(greatest(
            sum(on_hand_units) filter (where location_id <> ''),
            sum(on_hand_units) filter (where location_id = '')
        ) as bigint) as on_hand_units,
        min(counted_at) as counted_at
    from counts
    group by product_id
)

select * from final
