{#- Stock without a place of its own lies at its source. -#}
with

declared as (
    select
        location_ref as location_id,
        title,
        country,
        city,
        is_active,
        source
    from {{ ref('stg_locations') }}
    -- the same number in two sources is the same place: the back office takes over the shop's
    qualify row_number() over (
        partition by location_ref order by is_active desc nulls last, known_at desc, source asc, record_ref asc
    ) = 1
),

seen as (
    {% for stream in [
        'stock_on_hand', 'inventory_movements', 'purchase_order_lines', 'receipts', 'fulfilments', 'customer_returns'
    ] -%}
    select
        {% if stream == 'stock_on_hand' %}coalesce(location_ref, source){% else %}location_ref{% endif %} as location_id,
        source,
        cast({{ "true" if stream in ['stock_on_hand', 'inventory_movements'] else "false" }} as boolean) as has_stock,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at
    from {{ source('raw', stream) }}
    group by all
    {{ "union all" if not loop.last }}
    {% endfor -%}
),

places as (
    select
        location_id,
        min(source) as source,
        bool_and(source = 'amazon') as is_marketplace,
        bool_or(has_stock) as has_stock,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from seen
    where location_id is not null
    group by location_id
),

final as (
    select
        coalesce(declared.location_id, places.location_id) as location_id,
        coalesce(declared.title, places.location_id) as location_name,
        case
            when declared.location_id is not null then 'own'
            when places.is_marketplace then 'marketplace'
            when places.location_id = places.source then 'source'
            else 'unlisted'
        end as location_kind,
        declared.country as country_code,
        declared.city,
        coalesce(declared.source, places.source) as source,
        declared.location_id is not null as is_listed,
        declared.is_active,
        coalesce(places.has_stock, false) as has_stock,
        places.first_seen_at,
        places.last_seen_at
    from declared
    full join places on declared.location_id = places.location_id
)

select * from final
