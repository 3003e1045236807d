{#- A person's month. Under the least number of tickets no figure is shown: it would say more about the tickets. -#}
with

least_tickets as (
    select {{ finance_assumption('rated_tickets_least') }} as ticket_count
),

measured as (
    select
        employee_id,
        cast(date_trunc('month', opened_date) as date) as month_start_date,
        arg_max(team_id, (opened_at, ticket_id)) as team_id,
        count(*) as ticket_count,
        count(solved_at) as solved_ticket_count,
        count(satisfaction) as rated_ticket_count,
        {{ median_of('first_response_hours') }} as median_first_response_hours,
        {{ median_of('resolution_hours') }} as median_resolution_hours,
        {{ pct_of(
            'count(*) filter (where is_first_response_within_target)', 'count(is_first_response_within_target)'
        ) }} as first_response_within_target_pct,
        cast(round(
            cast(sum(satisfaction) as double) / nullif(count(satisfaction), 0), 4
        ) as decimal(18, 4)) as satisfaction_mean
    from {{ ref('fct_ticket') }}
    where employee_id is not null
    group by all
),

final as (
    select
        measured.employee_id,
        measured.team_id,
        measured.month_start_date,
        measured.ticket_count,
        measured.solved_ticket_count,
        measured.rated_ticket_count,
        measured.ticket_count >= least_tickets.ticket_count as is_shown,
        if(
            measured.ticket_count >= least_tickets.ticket_count, measured.median_first_response_hours, null
        ) as median_first_response_hours,
        if(
            measured.ticket_count >= least_tickets.ticket_count, measured.median_resolution_hours, null
        ) as median_resolution_hours,
        if(
            measured.ticket_count >= least_tickets.ticket_count, measured.first_response_within_target_pct, null
        ) as first_response_within_target_pct,
        if(
            measured.rated_ticket_count >= least_tickets.ticket_count, measured.satisfaction_mean, null
        ) as satisfaction_mean
    from measured
    cross join least_tickets
)

select * from final
