{#- A supplier whom only orders, costs or terms of supply name has a row too, without terms of its own. -#}
with

terms as (
    select
        *,
        row(supplier_name, country, currency_code, payment_days, lead_time_days, minimum_order_amount)
            as terms_held
    from {{ ref('stg_suppliers') }}
    -- of two revisions of one moment the one that was learned of last
    qualify row_number() over (
        partition by supplier_ref, occurred_at order by known_at desc, source desc, load_id desc, source_row desc
    ) = 1
),

last_revision as (
    select max(occurred_at) as revised_at from terms
),

dated as (
    select
        *,
        coalesce(lag(terms_held) over (partition by supplier_ref order by occurred_at) <> terms_held, true) as is_change
    from terms
),

current_terms as (
    select
        supplier_ref as supplier_id,
        arg_max(supplier_name, occurred_at) as supplier_name,
        arg_max((country, currency_code, payment_days, lead_time_days, minimum_order_amount), occurred_at) as held,
        max(occurred_at) filter (where is_change) as valid_from,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at,
        cast(count(*) filter (where is_change) as bigint) as version_count
    from dated
    group by supplier_ref
),

by_name as (
    select
        supplier_name,
        min(supplier_id) as supplier_id
    from current_terms
    group by supplier_name
),

named as (
    select
        supplier_ref as supplier_id,
        supplier_ref as supplier_name,
        occurred_at
    from {{ ref('stg_purchase_order_lines') }}
    union all
    select
        supplier_ref as supplier_id,
        supplier_ref as supplier_name,
        occurred_at
    from {{ ref('stg_product_costs') }}
    where supplier_ref is not null
    union all
    select
        coalesce(by_name.supplier_id, supply.supplier_name) as supplier_id,
        supply.supplier_name,
        supply.occurred_at
    from {{ ref('stg_product_supply') }} as supply
    left join by_name on supply.supplier_name = by_name.supplier_name
    where supply.supplier_name is not null
),

mentioned as (
    select
        supplier_id,
        max(supplier_name) as supplier_name,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at
    from named
    group by supplier_id
),

final as (
    select
        coalesce(current_terms.supplier_id, mentioned.supplier_id) as supplier_id,
        coalesce(current_terms.supplier_name, mentioned.supplier_name) as supplier_name,
        current_terms.held[1] as country_code,
        current_terms.held[2] as currency_code,
        current_terms.held[3] as payment_days,
        current_terms.held[4] as lead_time_days,
        current_terms.held[5] as minimum_order_amount,
        coalesce(current_terms.version_count, 0) as version_count,
        current_terms.supplier_id is not null as has_terms,
        coalesce(current_terms.last_seen_at = last_revision.revised_at, false) as is_listed,
        current_terms.valid_from,
        least(current_terms.first_seen_at, mentioned.first_seen_at) as first_seen_at,
        greatest(current_terms.last_seen_at, mentioned.last_seen_at) as last_seen_at
    from current_terms
    full join mentioned on current_terms.supplier_id = mentioned.supplier_id
    cross join last_revision
)

select * from final
