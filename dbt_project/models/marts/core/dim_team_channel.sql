{#- A channel belongs to the team that names it, or else to the one that names its whole source. -#}
with

channels as (
    select * from {{ ref('dim_channel') }}
),

declared as (
    select
        team_id,
        source,
        nullif(trim(channel_id), '') as channel_id
    from {{ ref('team_channels') }}
),

final as (
    select
        declared.team_id,
        channels.channel_id
    from channels
    inner join declared
        on
            channels.source = declared.source
            and coalesce(channels.channel_id = declared.channel_id, true)
    qualify row_number() over (
        partition by channels.channel_id order by declared.channel_id nulls last, declared.team_id
    ) = 1
)

select * from final
