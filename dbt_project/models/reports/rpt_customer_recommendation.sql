with

-- what the customer's country forbids is not shown
allowed as (
    select
        recommended.*,
        products.product_title,
        products.category,
        reasons.product_title as because_product_title
    from {{ source('models', 'customer_recommendation') }} as recommended
    left join {{ ref('dim_product') }} as products on recommended.product_id = products.product_id
    left join {{ ref('dim_product') }} as reasons on recommended.because_product_id = reasons.product_id
    left join {{ ref('dim_customer') }} as customers on recommended.customer_id = customers.customer_id
    where not exists (
        select 1
        from {{ ref('restricted_goods') }} as rules
        where
            rules.restriction_kind = 'forbidden'
            and products.category ilike rules.category_pattern
            and {{ is_in_countries('customers.country_id', 'rules.country_ids') }}
    )
),

final as (
    select
        customer_id,
        row_number() over (partition by customer_id order by rank) as rank,
        product_id,
        product_title,
        category,
        cast(score as double) as score,
        method,
        because_product_id,
        because_product_title
    from allowed
)

select * from final
