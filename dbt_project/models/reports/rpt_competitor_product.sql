{#- Each competitor's best offer of each of our products on each day: the cheapest new one that can be bought. -#}
with

offers as (
    select
        *,
        not is_stale and coalesce(condition, 'new') = 'new' as is_known,
        is_comparable and is_in_stock as is_buyable
    from {{ ref('rpt_competitor_price') }}
),

counted as (
    select
        price_date,
        product_id,
        source,
        bool_or(is_known) as is_known,
        if(bool_or(is_known), bool_or(is_known and is_in_stock), null) as is_in_stock,
        count(*) as offer_count,
        count(*) filter (where is_stale) as stale_offer_count,
        count(*) filter (where is_known and not is_comparable) as unpriced_offer_count
    from offers
    group by price_date, product_id, source
),

best as (
    select * from offers
    where is_buyable
    qualify row_number() over (
        partition by price_date, product_id, source order by comparable_price_shop, page_url, offer_ref
    ) = 1
),

own as (
    select * from {{ ref('rpt_own_price') }}
),

final as (
    select
        counted.product_id,
        counted.source,
        best.page_url,
        best.offer_ref,
        best.offer_title,
        best.currency_code,
        best.match_rule,
        best.match_score,
        counted.is_known,
        counted.is_in_stock,
        counted.offer_count,
        counted.stale_offer_count,
        counted.unpriced_offer_count,
        best.days_since_seen,
        best.price_amount,
        best.comparable_price_shop,
        own.own_price_shop,
        cast(
            100 * (own.own_price_shop - best.comparable_price_shop) / own.own_price_shop as double
        ) as below_ours_pct,
        counted.price_date
    from counted
    left join best
        on
            counted.price_date = best.price_date
            and counted.product_id = best.product_id
            and counted.source = best.source
    left join own on counted.price_date = own.price_date and counted.product_id = own.product_id
)

select * from final
