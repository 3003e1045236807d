{#- What to move from one place to another before buying. -#}
with

transfers as (
    select * from {{ source('models', 'stock_transfer') }}
),

final as (
    select
        product_id,
        from_location_id,
        to_location_id,
        reason,
        cast(transfer_units as bigint) as transfer_units,
        cast(from_on_hand_units as bigint) as from_on_hand_units,
        cast(to_on_hand_units as bigint) as to_on_hand_units,
        from_daily_units,
        to_daily_units
    from transfers
)

select * from final
