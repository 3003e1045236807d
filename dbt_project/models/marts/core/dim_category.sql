with

told as (
    select distinct category_id from {{ ref('int_categories__resolved') }}
),

-- every level of every path is a category, also one that no product is in directly
levels as (
    select distinct
        unnest(list_transform(
            range(1, len(string_split(category_id, ' > ')) + 1),
            lambda n: array_to_string(string_split(category_id, ' > ')[1:n], ' > ')
        )) as category_id
    from told
),

products as (
    select
        resolved.category_id,
        count(distinct products.product_id) as product_count
    from {{ ref('stg_products') }} as products
    inner join {{ ref('int_categories__resolved') }} as resolved
        on regexp_replace(trim(products.category), '\s*>\s*', ' > ', 'g') = resolved.category_told
    where not products.is_deleted
    group by resolved.category_id
),

parts as (
    select
        category_id,
        string_split(category_id, ' > ') as names
    from levels
),

parents as (
    select distinct array_to_string(names[1:-2], ' > ') as category_id from parts
),

final as (
    select
        parts.category_id,
        if(len(parts.names) > 1, array_to_string(parts.names[1:-2], ' > '), null) as parent_category_id,
        list_last(parts.names) as category_name,
        cast(len(parts.names) as integer) as category_level,
        parts.names[1] as level_1,
        parts.names[2] as level_2,
        parts.names[3] as level_3,
        coalesce(products.product_count, 0) as product_count,
        parents.category_id is null as is_leaf
    from parts
    left join products on parts.category_id = products.category_id
    left join parents on parts.category_id = parents.category_id
)

select * from final
