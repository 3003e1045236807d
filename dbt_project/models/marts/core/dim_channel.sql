with

channels as (
    select
        channel_id,
        min(source) as source
    from {{ ref('int_order_lines__classified') }}
    group by channel_id
),

sources as (
    select
        source,
        min(title) as title
    from {{ source('raw', 'sources') }}
    where list_contains(string_split(tables, ', '), 'order_lines')
    group by source
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
