with

daily as (
    select
        product_id,
        review_date,
        count(*) as review_count,
        sum(rating) as rating_sum,
        count(*) filter (where rating <= 2) as low_rating_count
    from {{ ref('fct_review') }}
    where product_id is not null and rating is not null
    group by product_id, review_date
),

final as (
    select
        product_id,
        review_count,
        low_rating_count,
        cast(sum(review_count) over so_far as bigint) as review_count_to_date,
        cast(1.0 * rating_sum / review_count as double) as average_rating,
        cast(1.0 * sum(rating_sum) over so_far / sum(review_count) over so_far as double) as average_rating_to_date,
        review_date
    from daily
    window so_far as (partition by product_id order by review_date)
)

select * from final
