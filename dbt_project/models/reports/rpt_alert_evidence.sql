with

parts as (
    select
        rule_id,
        subject_id,
        evidence,
        unnest(json_keys(evidence)) as evidence_name
    from {{ ref('rpt_alert') }}
),

final as (
    select
        rule_id,
        subject_id,
        evidence_name,
        json_extract_string(evidence, '$."' || evidence_name || '"') as evidence_value
    from parts
)

select * from final
