{#- The last days that were not like the days before them; metric_value is the size of the change, whichever way. -#}
{{ config(schema='intermediate', contract={'enforced': false}) }}
with

build as (
    {{ alert_build() }}
),

unusual as (
    select
        anomalies.*,
        max(anomalies.sales_date) over of_subject as newest_date,
        min(anomalies.sales_date) over of_subject as first_date,
        count(*) over of_subject as day_count
    from {{ ref('rpt_anomaly') }} as anomalies
    cross join build
    where
        anomalies.is_anomaly
        and anomalies.sales_date > build.last_date - {{ alert_days('unusual_day') }}
        and abs(anomalies.change_pct) >= {{ alert_number('unusual_day') }}
    window of_subject as (partition by anomalies.channel_id, anomalies.metric)
),

final as (
    select
        'unusual_day' as rule_id,
        channel_id || '/' || metric as subject_id,
        channel_id || ', ' || metric as subject_title,
        abs(change_pct) as metric_value,
        -- what sales came short of, or beyond, what was expected
        if(metric = 'sales', {{ money('abs(value - expected_value)') }}, null) as value_at_stake_shop,
        first_date as first_seen_date,
        newest_date as last_seen_date,
        json_object(
            'sales_date', sales_date,
            'value', round(value, 2),
            'expected_value', round(expected_value, 2),
            'low_value', round(low_value, 2),
            'high_value', round(high_value, 2),
            'direction', direction,
            'day_count', day_count
        ) as evidence
    from unusual
    where sales_date = newest_date
)

select * from final
