{#- An offer has one price at a time: each interval ends before, or where, the next one begins. -#}
with

followed as (
    select
        source,
        page_url,
        offer_ref,
        valid_from,
        valid_to,
        lead(valid_from) over (partition by source, page_url, offer_ref order by valid_from) as next_from
    from {{ ref('fct_competitor_price') }}
)

select * from followed
where next_from is not null and (valid_to is null or valid_to > next_from)
