{#- Promotions of competitors: stretches in which an offer is set against a higher price, and falls well below its usual
    price that return. -#}
with

daily as (
    select
        *,
        max(price_date) over () as last_date,
        -- a fall is one against the day before, in the same currency
        lag(price_amount) over of_offer as price_before
    from {{ ref('rpt_competitor_price') }}
    where has_price and not is_stale
    window of_offer as (partition by source, page_url, offer_ref, currency_code order by price_date)
),

-- days in a row have the same distance between date and number
reduced as (
    select
        *,
        price_date - cast(row_number() over (
            partition by source, page_url, offer_ref, currency_code order by price_date
        ) as integer) as stretch
    from daily
    where is_discounted
),

by_list_price as (
    select
        source,
        page_url,
        offer_ref,
        product_id,
        currency_code,
        'list_price' as promotion_kind,
        max(list_price_amount) as usual_price_amount,
        min(price_amount) as promotion_price_amount,
        min(price_date) as started_date,
        if(max(price_date) = max(last_date), null, max(price_date) + 1) as ended_date
    from reduced
    group by source, page_url, offer_ref, product_id, currency_code, stretch
),

falls as (
    select
        daily.source,
        daily.page_url,
        daily.offer_ref,
        daily.product_id,
        daily.currency_code,
        daily.price_amount,
        daily.price_date as started_date,
        median(before.price_amount) as usual_price,
        median(before.price_amount) * cast(1 - {{ market_assumption('fall_pct') }} / 100 as double) as threshold
    from daily
    inner join daily as before
        on
            daily.source = before.source
            and daily.page_url = before.page_url
            and daily.offer_ref = before.offer_ref
            and daily.currency_code = before.currency_code
            and daily.price_date > before.price_date
            and daily.price_date <= before.price_date + {{ market_days('median_days') }}
    where daily.price_amount < daily.price_before
    group by all
),

returned as (
    select
        falls.source,
        falls.page_url,
        falls.offer_ref,
        falls.product_id,
        falls.currency_code,
        falls.started_date,
        falls.usual_price,
        min(daily.price_date) filter (where daily.price_amount > falls.threshold) as ended_date
    from falls
    inner join daily
        on
            falls.source = daily.source
            and falls.page_url = daily.page_url
            and falls.offer_ref = daily.offer_ref
            and falls.currency_code = daily.currency_code
            and falls.started_date <= daily.price_date
            and falls.started_date + {{ market_days('promotion_longest_days') }} >= daily.price_date
    where falls.price_amount <= falls.threshold
    group by all
),

-- a further fall within a promotion is part of it
outermost as (
    select
        *,
        max(coalesce(ended_date, started_date + {{ market_days('promotion_longest_days') }})) over (
            partition by source, page_url, offer_ref, currency_code order by started_date
            rows between unbounded preceding and 1 preceding
        ) as earlier_until
    from returned
),

by_fall as (
    select
        outermost.source,
        outermost.page_url,
        outermost.offer_ref,
        outermost.product_id,
        outermost.currency_code,
        'price_fall' as promotion_kind,
        {{ money('max(outermost.usual_price)') }} as usual_price_amount,
        min(daily.price_amount) as promotion_price_amount,
        outermost.started_date,
        outermost.ended_date
    from outermost
    inner join daily
        on
            outermost.source = daily.source
            and outermost.page_url = daily.page_url
            and outermost.offer_ref = daily.offer_ref
            and outermost.currency_code = daily.currency_code
            and outermost.started_date <= daily.price_date
            and coalesce(outermost.ended_date, date '9999-12-31') > daily.price_date
    where
        coalesce(outermost.earlier_until <= outermost.started_date, true)
        and outermost.ended_date is not null
    group by all
),

together as (
    select * from by_list_price
    union all
    select * from by_fall
),

final as (
    select
        source,
        page_url,
        offer_ref,
        product_id,
        promotion_kind,
        currency_code,
        ended_date is null as is_current,
        usual_price_amount,
        promotion_price_amount,
        cast(100 * (usual_price_amount - promotion_price_amount) / usual_price_amount as double) as discount_pct,
        started_date,
        ended_date
    from together
)

select * from final
