{#- A category as a source tells it, and the one that it is: one told without its parents is that of the one path that
    ends with its name. -#}
with

told as (
    select
        regexp_replace(trim(category), '\s*>\s*', ' > ', 'g') as category_path,
        count(distinct product_id) as product_count
    from {{ ref('stg_products') }}
    where nullif(trim(category), '') is not null and not is_deleted
    group by 1
),

leaves as (
    select
        lower(list_last(string_split(category_path, ' > '))) as leaf_key,
        min(category_path) as category_path
    from told
    where category_path like '% > %'
    group by 1
    having count(*) = 1
),

final as (
    select
        told.category_path as category_told,
        coalesce(leaves.category_path, told.category_path) as category_id
    from told
    left join leaves on told.category_path not like '% > %' and lower(told.category_path) = leaves.leaf_key
)

select * from final
