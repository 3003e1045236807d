{#- Rules about the data themselves: what is late, what was set aside, forecasts that lean, checks that fail. -#}
{{ config(schema='intermediate', contract={'enforced': false}) }}
with

build as (
    {{ alert_build() }}
),

late as (
    select
        freshness.source || '/' || freshness.stream as subject_id,
        freshness.*,
        {{ local_date('freshness.newest_window_end_at') }} as due_date,
        build.last_date
    from {{ ref('fct_freshness') }} as freshness
    cross join build
    where freshness.late_hours >= {{ alert_number('data_late') }}
),

loads as (
    select
        loads.source,
        loads.stream,
        loads.source_title,
        sum(loads.rows_received) as rows_received,
        sum(loads.rows_quarantined) as rows_quarantined,
        min({{ local_date('loads.known_at - interval 1 microsecond') }}) filter (
            where loads.rows_quarantined > 0
        ) as first_date,
        any_value(build.last_date) as last_date
    from {{ ref('fct_load') }} as loads
    cross join build
    where loads.known_at > build.as_of - to_days({{ alert_days('quarantine_spike') }})
    group by loads.source, loads.stream, loads.source_title
    having sum(loads.rows_quarantined) >= {{ alert_number('quarantine_spike', 'minimum') }}
),

counted_reasons as (
    select
        quarantined.source,
        quarantined.stream,
        quarantined.reason,
        sum(quarantined.record_count) as record_count
    from {{ ref('fct_quarantine') }} as quarantined
    cross join build
    where quarantined.known_at > build.as_of - to_days({{ alert_days('quarantine_spike') }})
    group by quarantined.source, quarantined.stream, quarantined.reason
),

reasons as (
    select
        source,
        stream,
        arg_max(reason, (record_count, reason)) as commonest_reason
    from counted_reasons
    group by source, stream
),

forecasts as (
    select
        level || '/' || metric || '/' || series_class as subject_id,
        max(abs(bias_pct)) as bias_size_pct,
        arg_max(bias_pct, abs(bias_pct)) as bias_pct,
        max(wape) as wape,
        max(series_count) as series_count,
        max(model) as model
    from {{ ref('rpt_forecast_accuracy') }}
    where is_champion and series_class <> 'all' and horizon_days = 28
    group by level, metric, series_class
),

models as (
    select
        results.*,
        date_diff('day', results.results_as_of, build.as_of) as age_days,
        -- the day after those that the last good run knew
        least(
            {{ local_date("(results.results_as_of - interval 1 microsecond)") }} + 1, build.last_date
        ) as first_date,
        build.last_date
    from {{ source('models', 'model_result') }} as results
    cross join build
    where results.is_stand_in
),

checks as (
    select * from {{ ref('fct_compliance_check') }}
    where status = 'fail'
),

final as (
    select
        'data_late' as rule_id,
        late.subject_id,
        late.source_title as subject_title,
        late.late_hours as metric_value,
        cast(null as decimal(18, 4)) as value_at_stake_shop,
        least(late.due_date, late.last_date) as first_seen_date,
        late.last_date as last_seen_date,
        json_object(
            'newest_window_end_at', late.newest_window_end_at,
            'expected_at', late.expected_at,
            'usual_interval_days', late.usual_interval_days,
            'is_expected_daily', late.is_expected_daily
        ) as evidence
    from late
    union all
    select
        'quarantine_spike' as rule_id,
        loads.source || '/' || loads.stream as subject_id,
        loads.source_title as subject_title,
        100.0 * cast(loads.rows_quarantined as double) / cast(loads.rows_received as double) as metric_value,
        cast(null as decimal(18, 4)) as value_at_stake_shop,
        loads.first_date as first_seen_date,
        loads.last_date as last_seen_date,
        json_object(
            'rows_quarantined', loads.rows_quarantined,
            'rows_received', loads.rows_received,
            'commonest_reason', reasons.commonest_reason
        ) as evidence
    from loads
    left join reasons on loads.source = reasons.source and loads.stream = reasons.stream
    where
        100.0 * cast(loads.rows_quarantined as double) / cast(loads.rows_received as double)
        >= {{ alert_number('quarantine_spike') }}
    union all
    select
        'forecast_off' as rule_id,
        forecasts.subject_id,
        forecasts.subject_id as subject_title,
        forecasts.bias_size_pct as metric_value,
        cast(null as decimal(18, 4)) as value_at_stake_shop,
        build.last_date as first_seen_date,
        build.last_date as last_seen_date,
        json_object(
            'bias_pct', round(forecasts.bias_pct, 2),
            'wape', round(forecasts.wape, 4),
            'series_count', forecasts.series_count,
            'model', forecasts.model
        ) as evidence
    from forecasts
    cross join build
    where
        forecasts.bias_size_pct >= {{ alert_number('forecast_off') }}
        and forecasts.series_count >= {{ alert_number('forecast_off', 'minimum') }}
    union all
    select
        'model_failed' as rule_id,
        model as subject_id,
        model as subject_title,
        cast(age_days as double) as metric_value,
        cast(null as decimal(18, 4)) as value_at_stake_shop,
        first_date as first_seen_date,
        last_date as last_seen_date,
        json_object(
            'results_as_of', results_as_of,
            'is_empty', is_empty,
            'failure', failure
        ) as evidence
    from models
    where age_days >= {{ alert_number('model_failed') }}
    union all
    select
        'compliance_failed' as rule_id,
        checks.check_id || '/' || checks.subject_id as subject_id,
        checks.title as subject_title,
        cast(checks.violation_count as double) as metric_value,
        cast(null as decimal(18, 4)) as value_at_stake_shop,
        coalesce(least(checks.first_violation_date, build.last_date), build.last_date) as first_seen_date,
        build.last_date as last_seen_date,
        json_object(
            'checked_count', checks.checked_count,
            'evidence_query', checks.evidence_query,
            'legal_basis', checks.legal_basis,
            'severity', checks.severity
        ) as evidence
    from checks
    cross join build
)

select * from final
