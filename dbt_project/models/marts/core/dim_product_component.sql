{#- What a bundle is made of, after its newest revision: a file lists all bundles of its day. -#}
with

components as (
    select
        product_id as bundle_product_id,
        upper(trim(component_product_ref)) as component_product_id,
        quantity,
        occurred_at,
        source,
        known_at
    from {{ ref('stg_bundle_components') }}
    where quantity > 0
),

-- a bundle that the newest revision of its source lists no more is none now
revisions as (
    select
        source,
        max(occurred_at) as revised_at
    from components
    group by source
),

final as (
    select
        components.bundle_product_id,
        components.component_product_id,
        cast(sum(components.quantity) as bigint) as quantity,
        min(components.occurred_at) as valid_from,
        max(components.known_at) as known_at
    from components
    inner join revisions on components.source = revisions.source and components.occurred_at = revisions.revised_at
    group by components.bundle_product_id, components.component_product_id
)

select * from final
