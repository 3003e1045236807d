select
    task,
    method,
    cut_date,
    until_date,
    cast(list_length as bigint) as list_length,
    cast(case_count as bigint) as case_count,
    cast(ndcg as double) as ndcg,
    cast(recall as double) as recall,
    cast(hit_rate as double) as hit_rate,
    cast(mrr as double) as mrr,
    cast(coverage as double) as coverage,
    cast(categories_per_list as double) as categories_per_list,
    is_champion
from {{ source('models', 'recommendation_accuracy') }}
