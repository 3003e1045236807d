{#- Where each of our products stands among its competitors on each day; each competitor counts once, with its best
    offer. -#}
with

competitors as (
    select * from {{ ref('rpt_competitor_product') }}
),

own as (
    select * from {{ ref('rpt_own_price') }}
),

compared as (
    select
        product_id,
        price_date,
        count(*) filter (where is_known) as competitor_count,
        count(*) filter (where is_in_stock) as in_stock_count,
        count(comparable_price_shop) as priced_count,
        count(*) filter (where comparable_price_shop < own_price_shop) as cheaper_count,
        cast(sum(offer_count) as bigint) as offer_count,
        cast(sum(stale_offer_count) as bigint) as stale_offer_count,
        cast(sum(unpriced_offer_count) as bigint) as unpriced_offer_count,
        min(comparable_price_shop) as cheapest_price_shop,
        {{ money('median(comparable_price_shop)') }} as median_price_shop,
        arg_min(source, (comparable_price_shop, source)) filter (
            where comparable_price_shop is not null
        ) as cheapest_source
    from competitors
    group by product_id, price_date
),

final as (
    select
        compared.product_id,
        own.price_basis,
        compared.cheapest_source,
        if(compared.priced_count > 0 and own.own_price_shop is not null, compared.cheaper_count = 0, null)
            as is_cheapest,
        if(
            compared.priced_count > 0 and own.own_price_shop is not null, compared.cheaper_count + 1, null
        ) as own_rank,
        compared.competitor_count,
        compared.in_stock_count,
        compared.priced_count,
        compared.offer_count,
        compared.stale_offer_count,
        compared.unpriced_offer_count,
        own.own_price_shop,
        compared.cheapest_price_shop,
        compared.median_price_shop,
        cast(
            100 * (own.own_price_shop - compared.cheapest_price_shop) / compared.cheapest_price_shop as double
        ) as gap_to_cheapest_pct,
        cast(
            100 * (own.own_price_shop - compared.median_price_shop) / compared.median_price_shop as double
        ) as gap_to_median_pct,
        compared.price_date
    from compared
    inner join own on compared.product_id = own.product_id and compared.price_date = own.price_date
)

select * from final
