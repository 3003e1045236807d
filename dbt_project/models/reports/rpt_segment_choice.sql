select
    kind,
    cast(cluster_count as bigint) as cluster_count,
    cast(silhouette as double) as silhouette,
    cast(stability as double) as stability,
    cast(smallest_share as double) as smallest_share,
    cast(stability_over_time as double) as stability_over_time,
    is_admissible,
    is_chosen
from {{ source('models', 'segment_choice') }}
