with

final as (
    select
        reviews.source || '/' || reviews.review_ref as review_id,
        reviews.product_id,
        persons.customer_id,
        reviews.source,
        reviews.rating,
        coalesce(reviews.is_verified, false) as is_verified,
        reviews.occurred_at as reviewed_at,
        {{ local_date('reviews.occurred_at') }} as review_date
    from {{ ref('stg_reviews') }} as reviews
    cross join {{ source('raw', 'build') }} as build
    left join {{ ref('int_customers__identified') }} as persons on reviews.customer_id = persons.identity
)

select * from final
