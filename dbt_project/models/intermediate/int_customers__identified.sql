{#- Who an account or an e-mail address belongs to. Accounts of all shops and the addresses that they were found with
    are one person; the person's number is the lowest of the addresses, or the account where there is none: it depends
    on no order of landing, and stays when a guest makes an account. What is shared by many joins nobody. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook=[
        "{{ keep_persons_of_before() }}",
        "{{ delete_changed('int_changes__identities', 'identity') }}",
        "{{ join_addresses() }}"
    ]
) }}

with

told as (
    {{ identities_told() }}
),

identities as (
    select
        account_id as identity,
        'account' as identity_kind
    from told
    where account_id is not null
    union
    select
        email_pseudonym as identity,
        'email' as identity_kind
    from told
    where email_pseudonym is not null
),

links as (
    {{ live_links() }}
),

joined as (
    select
        email_pseudonym,
        lowest
    from {{ source('raw', 'joined_addresses') }}
),

accounts as (
    select
        links.account_id as identity,
        min(coalesce(joined.lowest, links.email_pseudonym)) filter (where links.is_live) as lowest,
        max(links.account_links) as link_count
    from links
    left join joined on links.email_pseudonym = joined.email_pseudonym
    group by links.account_id
),

addresses as (
    select
        email_pseudonym as identity,
        max(email_links) as link_count
    from links
    group by email_pseudonym
),

counted as (
    select
        identities.identity,
        identities.identity_kind,
        coalesce(accounts.lowest, joined.lowest, identities.identity) as customer_id,
        coalesce(accounts.link_count, addresses.link_count, 0) as link_count
    from identities
    left join accounts on identities.identity_kind = 'account' and identities.identity = accounts.identity
    left join addresses on identities.identity_kind = 'email' and identities.identity = addresses.identity
    left join joined on identities.identity_kind = 'email' and identities.identity = joined.email_pseudonym
),

final as (
    select
        identity,
        identity_kind,
        if(
            identity_kind = 'email' and link_count > {{ customer_number('shared_identity_links') }}, null, customer_id
        ) as customer_id,
        link_count,
        link_count > {{ customer_number('shared_identity_links') }} as is_shared
    from counted
    where {{ only_changed('int_changes__identities', 'identity') }}
)

select * from final
