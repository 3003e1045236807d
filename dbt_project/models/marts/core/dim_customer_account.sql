{#- Accounts that a source lists, and those that only its orders or baskets name. -#}
with

listed as (
    select
        customer_id as account_id,
        source,
        country as country_source_name,
        region,
        accepts_marketing,
        order_count as told_order_count,
        is_deleted,
        occurred_at as created_at,
        coalesce(version_at, known_at) as changed_at
    from {{ ref('stg_customers') }}
    where customer_id is not null
    qualify row_number() over (
        partition by customer_id
        order by version_at desc, known_at desc, load_id desc, source_file desc, source_row desc
    ) = 1
),

named as (
    {% for stream in ['orders', 'carts', 'order_lines'] -%}
    select
        customer_pseudonym as account_id,
        min(source) as source
    from {{ source('raw', stream) }}
    where customer_pseudonym is not null
    group by customer_pseudonym
    {{ "union all" if not loop.last }}
    {% endfor -%}
),

accounts as (
    select
        account_id,
        min(source) as source
    from (
        select
            account_id,
            source
        from listed
        union all
        select
            account_id,
            source
        from named
    ) as told
    group by account_id
),

final as (
    select
        accounts.account_id,
        coalesce(persons.customer_id, accounts.account_id) as customer_id,
        accounts.source,
        listed.country_source_name,
        listed.region,
        listed.told_order_count,
        coalesce(persons.link_count, 0) as address_count,
        listed.accepts_marketing,
        listed.account_id is not null as is_listed,
        coalesce(listed.is_deleted, false) as is_deleted,
        coalesce(persons.is_shared, false) as is_shared,
        listed.created_at,
        listed.changed_at
    from accounts
    left join listed on accounts.account_id = listed.account_id
    left join {{ ref('int_customers__identified') }} as persons on accounts.account_id = persons.identity
)

select * from final
