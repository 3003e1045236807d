{#- Those who answer tickets and those who decide what offers match; their names stay outside the warehouse. -#}
with

work as (
    select
        agent_pseudonym as employee_id,
        team as team_id,
        'ticket' as work_kind,
        occurred_at,
        ticket_ref as work_ref
    from {{ ref('stg_tickets') }}
    where agent_pseudonym is not null
    union all
    select
        decided_by_pseudonym as employee_id,
        cast(null as varchar) as team_id,
        'match_decision' as work_kind,
        occurred_at,
        page_url as work_ref
    from {{ ref('stg_match_decisions') }}
    where decided_by_pseudonym is not null
),

final as (
    select
        employee_id,
        arg_max(team_id, (occurred_at, work_ref, team_id)) filter (where team_id is not null) as team_id,
        count(*) filter (where work_kind = 'ticket') as ticket_count,
        count(*) filter (where work_kind = 'match_decision') as match_decision_count,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at
    from work
    group by employee_id
)

select * from final
