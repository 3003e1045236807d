{#- Campaigns of advertising platforms, and those that only visits name. A visit names one of a platform where the
    names agree; where several platforms have one of that name, the platform that the visit came from. -#}
with

spent as (
    select
        coalesce(platform, source) as platform,
        campaign_ref,
        arg_max(coalesce(campaign_name, campaign_ref), (spend_date, known_at, campaign_name)) as campaign_name,
        lower(trim(arg_max(coalesce(campaign_name, campaign_ref), (spend_date, known_at, campaign_name)))) as name_key,
        min(spend_date) as first_date,
        max(spend_date) as last_date
    from {{ ref('stg_ad_spend') }}
    where campaign_ref is not null
    group by all
),

visited as (
    select
        lower(trim(events.utm_campaign)) as name_key,
        coalesce(lower(trim(events.utm_source)), 'unknown') as utm_source,
        min(trim(events.utm_campaign)) as utm_campaign,
        min(lower(trim(events.utm_medium))) as utm_medium,
        min({{ local_date('events.occurred_at') }}) as first_date,
        max({{ local_date('events.occurred_at') }}) as last_date
    from {{ source('raw', 'events') }} as events
    cross join {{ source('raw', 'build') }} as build
    where nullif(trim(events.utm_campaign), '') is not null
    group by all
),

-- of the platforms that have a campaign of that name the visit's own, else the only one
joined as (
    select
        visited.name_key,
        visited.utm_source,
        coalesce(
            min(spent.platform) filter (where lower(spent.platform) = visited.utm_source),
            if(count(distinct spent.platform) = 1, min(spent.platform), null)
        ) as platform
    from visited
    inner join spent on visited.name_key = spent.name_key
    group by visited.name_key, visited.utm_source
),

-- one platform may have used a name for several campaigns: the visit is the later one's
visits as (
    select
        visited.*,
        coalesce(
            spent.platform || '/' || spent.campaign_ref, visited.utm_source || '/' || visited.name_key
        ) as campaign_id
    from visited
    left join joined on visited.name_key = joined.name_key and visited.utm_source = joined.utm_source
    left join spent on joined.platform = spent.platform and joined.name_key = spent.name_key
    qualify row_number() over (
        partition by visited.name_key, visited.utm_source
        order by spent.last_date desc nulls last, spent.campaign_ref asc
    ) = 1
),

seen as (
    select
        campaign_id,
        min(utm_campaign) as utm_campaign,
        string_agg(distinct utm_source, ', ' order by utm_source) as utm_sources,
        min(utm_source) as utm_source,
        min(utm_medium) as utm_medium,
        min(first_date) as first_date,
        max(last_date) as last_date
    from visits
    group by campaign_id
),

final as (
    select
        coalesce(spent.platform || '/' || spent.campaign_ref, seen.campaign_id) as campaign_id,
        coalesce(spent.campaign_name, seen.utm_campaign) as campaign_name,
        coalesce(spent.platform, seen.utm_source) as platform,
        spent.campaign_ref,
        seen.utm_campaign,
        seen.utm_sources,
        seen.utm_medium,
        spent.campaign_ref is not null as has_spend,
        seen.campaign_id is not null as has_visits,
        least(spent.first_date, seen.first_date) as first_seen_date,
        greatest(spent.last_date, seen.last_date) as last_seen_date
    from spent
    full join seen on spent.platform || '/' || spent.campaign_ref = seen.campaign_id
)

select * from final
