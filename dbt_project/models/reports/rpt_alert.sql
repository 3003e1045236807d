{#- One row for each rule and subject. What a rule found lies in int_alerts__*; here it gets its severity, its owner and
    what people said of it. Acknowledged with a day counts to the end of that day; without one, for as long as the
    condition has held since. -#}
with

build as (
    {{ alert_build() }}
),

found as (
    select * from {{ ref('int_alerts__stock') }}
    union all
    select * from {{ ref('int_alerts__sales') }}
    union all
    select * from {{ ref('int_alerts__supply') }}
    union all
    select * from {{ ref('int_alerts__fraud') }}
    union all
    select * from {{ ref('int_alerts__data') }}
    union all
    select * from {{ ref('int_alerts__anomalies') }}
),

said as (
    select
        rule_id,
        subject_id,
        decision,
        until_date,
        decided_by_pseudonym,
        note,
        occurred_at
    from {{ ref('stg_alert_acknowledgements') }}
    qualify row_number() over (
        partition by rule_id, subject_id
        order by occurred_at desc, known_at desc, load_id desc, source_file desc, source_row desc
    ) = 1
),

judged as (
    select
        found.*,
        rules.title as rule_title,
        rules.label_en,
        rules.label_zh,
        rules.subject_kind,
        rules.metric,
        rules.unit,
        rules.owner,
        rules.threshold as threshold_value,
        said.decided_by_pseudonym,
        said.occurred_at as said_at,
        said.until_date,
        said.note,
        case
            when
                found.rule_id = 'compliance_failed'
                then coalesce(json_extract_string(found.evidence, '$.severity'), rules.severity)
            when
                if(
                    rules.high_threshold < rules.threshold,
                    found.metric_value <= rules.high_threshold,
                    found.metric_value >= rules.high_threshold
                )
                then 'high'
            else rules.severity
        end as severity,
        found.last_seen_date >= build.last_date as is_open,
        coalesce(
            said.decision = 'acknowledged'
            and if(
                said.until_date is null,
                {{ local_date('said.occurred_at') }} >= found.first_seen_date,
                said.until_date >= build.last_date
            ),
            false
        ) as is_acknowledged
    from found
    cross join build
    inner join {{ ref('alert_rules') }} as rules on found.rule_id = rules.rule_id and rules.is_enabled
    left join said on found.rule_id = said.rule_id and found.subject_id = said.subject_id
),

final as (
    select
        row_number() over (
            order by
                is_open desc,
                is_acknowledged asc,
                case severity when 'high' then 1 when 'medium' then 2 else 3 end asc,
                value_at_stake_shop desc nulls last,
                metric_value desc,
                rule_id asc,
                subject_id asc
        ) as alert_rank,
        rule_id,
        subject_kind,
        subject_id,
        subject_title,
        rule_title,
        label_en,
        label_zh,
        severity,
        owner,
        metric,
        unit,
        round(metric_value, 4) as metric_value,
        cast(threshold_value as double) as threshold_value,
        value_at_stake_shop,
        cast(evidence as varchar) as evidence,
        is_open,
        is_acknowledged,
        if(is_acknowledged, decided_by_pseudonym, null) as acknowledged_by_pseudonym,
        if(is_acknowledged, note, null) as acknowledgement_note,
        if(is_acknowledged, said_at, null) as acknowledged_at,
        if(is_acknowledged, until_date, null) as acknowledged_until_date,
        cast(last_seen_date - first_seen_date + 1 as bigint) as day_count,
        first_seen_date,
        last_seen_date
    from judged
)

select * from final
