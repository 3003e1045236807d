{#- The last count of each product at each place, added up over the places. -#}
with

counts as (
    select
        product_id,
        source,
        coalesce(location_ref, '') as location_id,
        arg_max(on_hand_units, (occurred_at, known_at, source_row)) as on_hand_units,
        max(occurred_at) as counted_at
    from {{ ref('stg_stock_on_hand') }}
    group by all
),

final as (
    select
        product_id,
        count(*) as location_count,
        cast(sum(on_hand_units) as bigint) as on_hand_units,
        min(counted_at) as counted_at
    from counts
    group by product_id
)

select * from final
