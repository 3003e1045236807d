{#- One number of what customers' figures take for granted. -#}
{% macro customer_assumption(name) -%}
    {{ assumption('customer_assumptions', name) }}
{%- endmacro %}

{#- The same, a whole number. -#}
{% macro customer_number(name) -%}
    cast({{ customer_assumption(name) }} as integer)
{%- endmacro %}

{#- Accounts and e-mail addresses, by pseudonym, that one record names together, in any version of it: a person who has
    another address now had the one before. One that stands alone has null beside it. A query on its own. -#}
{% macro identities_told(suffix='') -%}
    {%- for stream in ['customers', 'orders', 'carts'] %}
    select distinct
        customer_pseudonym as account_id,
        email_pseudonym
    from {{ source('raw', stream ~ suffix) }}
    where customer_pseudonym is not null or email_pseudonym is not null
    union
    {% endfor -%}
    select distinct
        customer_pseudonym as account_id,
        cast(null as varchar) as email_pseudonym
    from {{ source('raw', 'order_lines' ~ suffix) }}
    where customer_pseudonym is not null
{%- endmacro %}

{#- yes where the build before this one made a model, else nothing. For a model that looks at what another one was, which
    it must not wait for. -#}
{% macro was_built(name, schema='intermediate') -%}
    {%- if adapter is defined and execute and adapter.get_relation(this.database, schema, name) -%}
        yes
    {%- endif -%}
{%- endmacro %}

{#- Which of the links that the build looks at are live: unless one of its ends has more links than a person would have.
    A query on its own, of the model that names persons. -#}
{% macro live_links() -%}
    {%- set links = ref('int_customers__links') -%}
    {%- set changed = ref('int_changes__identities') -%}
    select
        counted.account_id,
        counted.email_pseudonym,
        counted.account_links,
        counted.email_links,
        greatest(counted.account_links, counted.email_links) <= {{ customer_number('shared_identity_links') }} as is_live
    from (
        select
            *,
            count(*) over (partition by account_id) as account_links,
            count(*) over (partition by email_pseudonym) as email_links
        from {{ links }}
        {% if is_incremental() -%}
        where
            account_id in (
                select account_id from {{ links }}
                where
                    account_id in (select identity from {{ changed }})
                    or email_pseudonym in (select identity from {{ changed }})
            )
            or email_pseudonym in (
                select email_pseudonym from {{ links }}
                where
                    account_id in (select identity from {{ changed }})
                    or email_pseudonym in (select identity from {{ changed }})
            )
        {%- endif %}
    ) as counted
    {% if is_incremental() -%}
    where
        counted.account_id in (select identity from {{ changed }})
        or counted.email_pseudonym in (select identity from {{ changed }})
    {%- endif %}
{%- endmacro %}

{#- Takes out the links of the identities that the build looks at. -#}
{% macro delete_changed_links() -%}
    {%- set changed = ref('int_changes__identities') -%}
    {% if is_incremental() -%}
        delete from {{ this }}
        where
            account_id in (select identity from {{ changed }})
            or email_pseudonym in (select identity from {{ changed }})
    {%- else -%}
        select 1
    {%- endif %}
{%- endmacro %}

{#- Before persons are made anew, keeps who the identities that the build looks at were until now. -#}
{% macro keep_persons_of_before() -%}
    {%- set changed = ref('int_changes__identities') -%}
    create or replace table raw.persons__before as
    {% if is_incremental() -%}
        select identity, customer_id, is_shared from {{ this }} where identity in (select identity from {{ changed }})
    {%- else -%}
        select
            cast(null as varchar) as identity,
            cast(null as varchar) as customer_id,
            cast(null as boolean) as is_shared
        where false
    {%- endif %}
{%- endmacro %}

{#- Addresses that belong together, each with the lowest of them: connected components, by handing the lowest name on
    until nobody learns a lower one. Only addresses of accounts that have several take part, which are few. -#}
{% macro join_addresses() -%}
    create or replace table raw.joined_addresses as
    with recursive
    links as (
        select account_id, email_pseudonym from ({{ live_links() }}) as found where found.is_live
    ),
    accounts as (
        select account_id, min(email_pseudonym) as lowest
        from links
        group by account_id
        having count(*) > 1
    ),
    pairs as (
        select links.email_pseudonym, accounts.lowest
        from links
        inner join accounts on links.account_id = accounts.account_id
        where links.email_pseudonym <> accounts.lowest
    ),
    both_ways as (
        select email_pseudonym as here, lowest as there from pairs
        union
        select lowest as here, email_pseudonym as there from pairs
    ),
    walked(address, lowest) using key (address) as (
        select here, min(least(here, there)) from both_ways group by here
        union
        select both_ways.here, min(walked.lowest)
        from walked
        inner join both_ways on walked.address = both_ways.there
        inner join recurring.walked as held on both_ways.here = held.address
        where walked.lowest < held.lowest
        group by both_ways.here
    )
    select address as email_pseudonym, lowest from walked
{%- endmacro %}
