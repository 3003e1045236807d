with

labels as (
    select
        kind,
        cluster_id,
        any_value(label_en) as label_en,
        any_value(label_zh) as label_zh
    from {{ source('models', 'segment_profile') }}
    group by kind, cluster_id
),

final as (
    select
        members.kind,
        members.member_id,
        members.cluster_id,
        labels.label_en,
        labels.label_zh,
        cast(members.distance as double) as distance
    from {{ source('models', 'segment_member') }} as members
    left join labels on members.kind = labels.kind and members.cluster_id = labels.cluster_id
)

select * from final
