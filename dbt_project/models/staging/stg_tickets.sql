{#- Made by scripts/staging-models from lakehouse/streams; do not edit. -#}
with

newest as (
    {{ newest_versions('tickets') }}
),

final as (
    select
        newest.source || '/' || newest.order_ref as order_id,
        newest.customer_pseudonym as customer_id,
        newest.ticket_ref,
        newest.contact_channel,
        newest.category,
        newest.priority,
        newest.status,
        newest.agent_pseudonym,
        newest.team,
        newest.satisfaction,
        newest.occurred_at,
        newest.first_reply_at,
        newest.solved_at,
        newest.record_ref,
        newest.source,
        newest.load_id,
        newest.source_file,
        newest.source_row,
        newest.version_at,
        newest.known_at
    from newest
)

select * from final
