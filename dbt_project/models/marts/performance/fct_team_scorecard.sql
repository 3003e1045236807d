with

build as (
    select
        {{ local_date('build.as_of') }} as as_of_date,
        (select min(lines.order_date) from {{ ref('fct_order_line') }} as lines) as first_date
    from {{ source('raw', 'build') }} as build
),

sales as (
    select
        teams.team_id,
        cast(date_trunc('month', contribution.sales_date) as date) as month_start_date,
        sum(contribution.net_sales_shop) as net_sales,
        sum(contribution.gross_margin_shop) as gross_margin,
        sum(contribution.contribution_margin_shop) as contribution_margin
    from {{ ref('fct_contribution') }} as contribution
    inner join {{ ref('dim_team_channel') }} as teams on contribution.channel_id = teams.channel_id
    group by all
),

orders as (
    select
        teams.team_id,
        cast(date_trunc('month', orders.order_date) as date) as month_start_date,
        count(*) as order_count
    from {{ ref('fct_order') }} as orders
    inner join {{ ref('dim_team_channel') }} as teams on orders.channel_id = teams.channel_id
    where not orders.is_fully_cancelled
    group by all
),

tickets as (
    select
        team_id,
        cast(date_trunc('month', opened_date) as date) as month_start_date,
        count(*) as ticket_count,
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
    where team_id is not null
    group by all
),

targets as (
    select
        team as team_id,
        target_month as month_start_date,
        {% for metric in [
            'net_sales', 'gross_margin', 'contribution_margin', 'orders', 'satisfaction', 'first_response_hours'
        ] -%}
        max(target_shop) filter (where metric = '{{ metric }}') as {{ metric }}_target
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_targets__converted') }}
    group by all
),

keys as (
    select
        team_id,
        month_start_date
    from sales
    union
    select
        team_id,
        month_start_date
    from orders
    union
    select
        team_id,
        month_start_date
    from tickets
    union
    select
        targets.team_id,
        targets.month_start_date
    from targets
    cross join build
    where targets.month_start_date < build.as_of_date
),

final as (
    select
        keys.team_id,
        keys.month_start_date,
        cast(keys.month_start_date + interval 1 month as date) > build.as_of_date
        or coalesce(keys.month_start_date < build.first_date, false) as is_partial_month,
        {{ money('sales.net_sales') }} as net_sales_shop,
        {{ money('targets.net_sales_target') }} as net_sales_target_shop,
        {{ pct_of('sales.net_sales', 'targets.net_sales_target') }} as net_sales_attainment_pct,
        {{ money('sales.gross_margin') }} as gross_margin_shop,
        {{ money('targets.gross_margin_target') }} as gross_margin_target_shop,
        {{ pct_of('sales.gross_margin', 'targets.gross_margin_target') }} as gross_margin_attainment_pct,
        {{ pct_of('sales.gross_margin', 'sales.net_sales') }} as gross_margin_pct,
        {{ money('sales.contribution_margin') }} as contribution_margin_shop,
        orders.order_count,
        {{ money('targets.orders_target') }} as order_count_target,
        {{ pct_of('orders.order_count', 'targets.orders_target') }} as order_count_attainment_pct,
        tickets.ticket_count,
        tickets.rated_ticket_count,
        tickets.median_first_response_hours,
        tickets.median_resolution_hours,
        tickets.first_response_within_target_pct,
        {{ money('targets.first_response_hours_target') }} as first_response_target_hours,
        -- sooner is better: in half the target's hours it is reached twice over
        {{ pct_of(
            'targets.first_response_hours_target', 'tickets.median_first_response_hours'
        ) }} as first_response_attainment_pct,
        tickets.satisfaction_mean,
        {{ money('targets.satisfaction_target') }} as satisfaction_target,
        {{ pct_of('tickets.satisfaction_mean', 'targets.satisfaction_target') }} as satisfaction_attainment_pct
    from keys
    cross join build
    left join sales on keys.team_id = sales.team_id and keys.month_start_date = sales.month_start_date
    left join orders on keys.team_id = orders.team_id and keys.month_start_date = orders.month_start_date
    left join tickets on keys.team_id = tickets.team_id and keys.month_start_date = tickets.month_start_date
    left join targets on keys.team_id = targets.team_id and keys.month_start_date = targets.month_start_date
)

select * from final
