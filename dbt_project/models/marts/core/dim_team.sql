with

named as (
    select team as team_id from {{ ref('stg_tickets') }}
    union
    select team as team_id from {{ ref('stg_targets') }}
    union
    select team_id from {{ ref('dim_team_channel') }}
),

tickets as (
    select
        team as team_id,
        count(distinct agent_pseudonym) as employee_count,
        count(*) as ticket_count
    from {{ ref('stg_tickets') }}
    group by team
),

targets as (
    select
        team as team_id,
        count(*) as target_count
    from {{ ref('stg_targets') }}
    group by team
),

channels as (
    select
        team_id,
        count(*) as channel_count,
        string_agg(channel_id, ', ' order by channel_id) as channels
    from {{ ref('dim_team_channel') }}
    group by team_id
),

final as (
    select
        named.team_id,
        channels.channels,
        coalesce(channels.channel_count, 0) as channel_count,
        coalesce(tickets.employee_count, 0) as employee_count,
        coalesce(tickets.ticket_count, 0) as ticket_count,
        coalesce(targets.target_count, 0) as target_count
    from named
    left join channels using (team_id)
    left join tickets using (team_id)
    left join targets using (team_id)
    where named.team_id is not null
)

select * from final
