{#- What this run's models wrote is read off their tables; what earlier runs' did, off their records. -#}
with

build as (
    select * from {{ source('raw', 'build') }}
),

{% set models = {
    'forecasting': ['product_forecast', 'product_horizon_demand', 'total_forecast', 'forecast_accuracy', 'demand_forecast',
        'forecast_champion', 'forecast_drift', 'forecast_decomposition', 'forecast_run'],
    'baskets': ['basket_rule', 'basket_run', 'cross_sell_pair', 'bundle_suggestion'],
    'value': ['customer_value', 'value_calibration', 'value_parameter'],
    'segments': ['segment_member', 'segment_profile', 'segment_choice', 'segment_migration'],
    'recommendations': ['customer_recommendation', 'product_recommendation', 'session_recommendation', 'popular_product',
        'recommendation_accuracy', 'recommendation_run'],
    'matching': ['offer_match', 'offer_match_candidate'],
    'anomalies': ['anomaly'],
    'inventory': ['inventory_policy', 'inventory_assumption', 'purchase_proposal', 'supplier_choice', 'stock_transfer',
        'markdown_proposal', 'policy_comparison']
} -%}
{% set tables = models.values() | sum(start=[]) -%}
written as (
    {% for table in tables -%}
    select
        coalesce(any_value(results.run_id), any_value(build.run_id)) as run_id,
        '{{ table }}' as table_name,
        count(results.run_id) as row_count,
        any_value(build.as_of) as as_of
    from build
    left join {{ source('models', table) }} as results on true
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

before as (
    select
        nodes.run_id,
        nodes.node_name as table_name,
        nodes.row_count,
        nodes.as_of
    from {{ source('raw', 'run_nodes') }} as nodes
    where
        nodes.node_kind = 'result'
        and nodes.node_name <> 'model_result'
        and not exists (
            select 1
            from written
            where written.run_id = nodes.run_id and written.table_name = nodes.node_name
        )
),

accuracy as (
    select
        level,
        avg(wape) filter (where horizon_days = 28) as wape_28,
        avg(bias_pct) filter (where horizon_days = 28) as bias_pct_28
    from {{ source('models', 'forecast_accuracy') }}
    where is_champion and series_class = 'all'
    group by level
),

results as (
    select * from {{ source('models', 'model_result') }}
),

final as (
    select
        written.run_id,
        {{ model_of('written.table_name', models) }} as model,
        written.table_name,
        true as is_this_run,
        written.row_count,
        cast(accuracy.wape_28 as double) as wape,
        cast(accuracy.bias_pct_28 as double) as bias_pct,
        results.is_stand_in,
        results.results_as_of,
        results.failure,
        written.as_of
    from written
    left join results on {{ model_of('written.table_name', models) }} = results.model
    left join accuracy on written.table_name = 'product_forecast' and accuracy.level = 'product'
    union all
    select
        before.run_id,
        {{ model_of('before.table_name', models) }} as model,
        before.table_name,
        false as is_this_run,
        before.row_count,
        cast(null as double) as wape,
        cast(null as double) as bias_pct,
        cast(null as boolean) as is_stand_in,
        cast(null as timestamp) as results_as_of,
        cast(null as varchar) as failure,
        before.as_of
    from before
)

select * from final
