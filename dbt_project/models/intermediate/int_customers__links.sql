{#- Which account was found with which e-mail address. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed_links() }}"
) }}

with

told as (
    {{ identities_told() }}
),

final as (
    select
        account_id,
        email_pseudonym
    from told
    where
        account_id is not null
        and email_pseudonym is not null
        and (
            {{ only_changed('int_changes__identities', 'identity', 'account_id') }}
            or {{ only_changed('int_changes__identities', 'identity', 'email_pseudonym') }}
        )
)

select * from final
