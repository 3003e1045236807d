select
    kind,
    cluster_id,
    feature,
    label_en,
    label_zh,
    label_key,
    cast(member_count as bigint) as member_count,
    cast(member_share as double) as member_share,
    cast(median_value as double) as median_value,
    cast(median_of_all as double) as median_of_all,
    cast(deviation as double) as deviation
from {{ source('models', 'segment_profile') }}
