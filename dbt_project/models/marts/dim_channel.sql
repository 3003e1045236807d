with

channels as (
    select
        channel_id,
        min(source) as source
    from {{ ref('stg_files__order_lines') }}
    group by channel_id
),

sources as (
    select * from {{ source('raw', 'sources') }}
    where stream = 'order_lines'
),

final as (
    select
        channels.channel_id,
        if(channels.channel_id = channels.source, sources.title, channels.channel_id) as channel_name,
        channels.source
    from channels
    inner join sources on channels.source = sources.source
)

select * from final
