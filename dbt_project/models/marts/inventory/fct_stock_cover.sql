{#- How long what is there lasts at the pace of the last days; a day without stock says nothing about the pace. -#}
with

recent as (
    select
        daily.product_id,
        daily.location_id,
        cast(-sum(daily.sale_units) as bigint) as sold_units,
        count(*) filter (where daily.closing_units > 0 or daily.sale_units < 0) as stocked_day_count
    from {{ ref('fct_stock_daily') }} as daily
    cross join {{ source('raw', 'build') }} as build
    where
        daily.stock_date
        > {{ counted_date('build.as_of') }} - cast({{ supply_assumption('demand_days') }} as integer)
    group by all
),

counts as (
    select
        product_id,
        {{ stock_location('location_ref') }} as location_id,
        max_by(
            struct_pack(reserved := reserved_units, inbound := inbound_units),
            (occurred_at, known_at, source, source_file, source_row)
        ) as counted
    from {{ ref('stg_stock_on_hand') }}
    group by all
),

inbound as (
    select
        product_id,
        location_id,
        cast(sum(outstanding_units) as bigint) as outstanding_units,
        min(expected_date) as next_expected_date
    from {{ ref('fct_inbound') }}
    group by all
),

final as (
    select
        levels.product_id,
        levels.location_id,
        levels.on_hand_units,
        counts.counted.reserved as reserved_units,
        levels.on_hand_units - coalesce(counts.counted.reserved, 0) as sellable_units,
        coalesce(inbound.outstanding_units, counts.counted.inbound, 0) as inbound_units,
        coalesce(recent.sold_units, 0) as sold_units,
        coalesce(recent.stocked_day_count, 0) as stocked_day_count,
        cast(
            recent.sold_units / nullif(cast(recent.stocked_day_count as double), 0) as decimal(18, 4)
        ) as demand_per_day,
        cast(if(
            recent.sold_units > 0,
            (levels.on_hand_units - coalesce(counts.counted.reserved, 0))
            * cast(recent.stocked_day_count as double) / recent.sold_units,
            null
        ) as decimal(18, 1)) as cover_days,
        inbound.next_expected_date
    from {{ ref('fct_stock_level') }} as levels
    left join recent using (product_id, location_id)
    left join counts using (product_id, location_id)
    left join inbound using (product_id, location_id)
    where levels.valid_to_date is null
)

select * from final
