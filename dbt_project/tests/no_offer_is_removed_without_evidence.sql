{#- What ended because it was gone was proved gone at that moment: by a page that answered so, or by a complete crawl
    that read the whole page without it. -#}
with

ended as (
    select * from {{ ref('fct_competitor_price') }}
    where end_reason in ('page_gone', 'offer_gone')
),

final as (
    select ended.*
    from ended
    left join {{ ref('int_visits__read') }} as visits
        on
            ended.source = visits.source
            and ended.page_url = visits.page_url
            and ended.valid_to = visits.visited_at
    left join {{ ref('fct_crawl') }} as crawls
        on visits.source = crawls.source and visits.crawl_ref = crawls.crawl_ref
    left join {{ ref('fct_competitor_offer') }} as offers
        on
            ended.source = offers.source
            and ended.page_url = offers.page_url
            and ended.offer_ref = offers.offer_ref
            and ended.valid_to = offers.visited_at
    where
        offers.source is not null
        or not coalesce(
            if(
                ended.end_reason = 'page_gone',
                visits.outcome = 'missing',
                visits.is_read_whole and crawls.is_complete
            ),
            false
        )
)

select * from final
