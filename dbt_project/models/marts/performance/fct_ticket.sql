with

targets as (
    select * from {{ ref('ticket_targets') }}
),

build as (
    select * from {{ source('raw', 'build') }}
),

tickets as (
    select
        told.source || '/' || told.ticket_ref as ticket_id,
        coalesce(orders.order_id, named.order_id) as order_id,
        told.customer_id,
        told.agent_pseudonym as employee_id,
        told.team as team_id,
        told.source,
        told.contact_channel,
        told.category,
        coalesce(told.priority, 'normal') as priority,
        told.status,
        told.satisfaction,
        {{ hours_between('told.occurred_at', 'told.first_reply_at') }} as first_response_hours,
        {{ hours_between('told.occurred_at', 'told.solved_at') }} as resolution_hours,
        told.occurred_at as opened_at,
        told.first_reply_at,
        told.solved_at,
        {{ local_date('told.occurred_at') }} as opened_date,
        build.as_of
    from {{ ref('stg_tickets') }} as told
    cross join build
    left join {{ ref('stg_orders') }} as orders on told.order_id = orders.order_id
    left join {{ ref('int_order_refs__named') }} as named on split_part(told.order_id, '/', 2) = named.order_ref
),

-- a way of contact that is named comes before any
aimed as (
    select
        tickets.*,
        coalesce(own.first_response_hours, general.first_response_hours) as first_response_target_hours,
        coalesce(own.resolution_hours, general.resolution_hours) as resolution_target_hours
    from tickets
    left join targets as own
        on tickets.contact_channel = own.contact_channel and tickets.priority = own.priority
    left join targets as general
        on general.contact_channel = '*' and tickets.priority = general.priority
),

final as (
    select
        aimed.ticket_id,
        aimed.order_id,
        orders.channel_id,
        aimed.customer_id,
        aimed.employee_id,
        aimed.team_id,
        aimed.source,
        aimed.contact_channel,
        aimed.category,
        aimed.priority,
        aimed.status,
        aimed.satisfaction,
        aimed.first_response_hours,
        aimed.resolution_hours,
        {{ money('aimed.first_response_target_hours') }} as first_response_target_hours,
        {{ money('aimed.resolution_target_hours') }} as resolution_target_hours,
        {{ within_target('first_response') }} as is_first_response_within_target,
        {{ within_target('resolution') }} as is_resolution_within_target,
        aimed.opened_at,
        aimed.first_reply_at,
        aimed.solved_at,
        aimed.opened_date
    from aimed
    left join {{ ref('stg_orders') }} as orders on aimed.order_id = orders.order_id
)

select * from final
