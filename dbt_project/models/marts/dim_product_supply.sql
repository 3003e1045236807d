{#- The terms learned last for each product. -#}
with

terms as (
    select
        *,
        row_number() over (
            partition by upper(trim(product_ref)) order by occurred_at desc, known_at desc, source_row desc
        ) as recency
    from {{ source('raw', 'product_supply') }}
),

final as (
    select
        upper(trim(product_ref)) as product_id,
        supplier_name,
        lead_time_days,
        minimum_order_units,
        pack_units,
        currency_code,
        unit_cost as unit_cost_shop,
        occurred_at as stated_at
    from terms
    where recency = 1
)

select * from final
